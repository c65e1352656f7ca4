package net.braid.policy;

import static net.braid.policy.FakePaths.A1;
import static net.braid.policy.FakePaths.A2;
import static net.braid.policy.FakePaths.B1;
import static net.braid.policy.FakePaths.LOCAL_PORT;
import static net.braid.policy.FakePaths.PORT;
import static net.braid.policy.FakePaths.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.base.Requirement;
import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import org.junit.jupiter.api.Test;

class NDiffPortsPathManagerTest {
    private static final String SECOND_SUBFLOW = "open 10.0.1.1 10.9.1.1:80";

    private final FakePaths paths = new FakePaths(new NDiffPortsPathManager());

    @Test
    void secondSubflowJoinsBetweenTheSameAddresses() {
        paths.ready(true);
        assertEquals(SECOND_SUBFLOW, paths.asked());
        paths.established(A1, 50_001, B1, PORT);
        paths.pass(200 * SECOND);
        assertEquals("", paths.asked());
    }

    @Test
    void serverOpensNothing() {
        paths.ready(false);
        paths.pass(200 * SECOND);
        assertEquals("", paths.asked());
    }

    @Test
    @Requirement("rfc8684#3.1")
    void nothingIsOpenedWhereThePeerRefusesIt() {
        paths.refusesInitial = true;
        paths.ready(true);
        assertEquals("", paths.asked());
    }

    @Test
    @Requirement({"rfc8684#3.9.3", "B13"})
    void failedJoinIsNotRepeatedUntilAnnounced() {
        paths.ready(true).asked();
        paths.closed(A1, 50_001, B1, PORT, new CloseReason.Refused());
        paths.pass(200 * SECOND);
        assertEquals("", paths.asked());
        paths.announced(3, B1);
        assertEquals(SECOND_SUBFLOW, paths.asked());
    }

    @Test
    @Requirement("rfc8684#3.6")
    void joinRefusedForNowIsRepeated() {
        paths.ready(true).asked();
        paths.refusedForNow(A1, 50_001, B1, PORT);
        paths.pass(SECOND);
        assertEquals(SECOND_SUBFLOW, paths.asked());
    }

    @Test
    void lostSubflowIsReplacedWhicheverItWas() {
        paths.ready(true);
        paths.established(A1, 50_001, B1, PORT);
        paths.asked();
        paths.closed(A1, LOCAL_PORT, B1, PORT, new CloseReason.TimedOut(9));
        paths.pass(SECOND);
        assertEquals(SECOND_SUBFLOW, paths.asked());
        paths.established(A1, 50_002, B1, PORT);
        paths.closed(A1, 50_001, B1, PORT, new CloseReason.TimedOut(9));
        paths.pass(SECOND);
        assertEquals(SECOND_SUBFLOW, paths.asked());
    }

    @Test
    void subflowsBetweenOtherAddressesDoNotCount() {
        paths.ready(true).asked();
        paths.established(A2, LOCAL_PORT, B1, PORT);
        paths.closed(A2, LOCAL_PORT, B1, PORT, new CloseReason.TimedOut(9));
        paths.pass(200 * SECOND);
        assertEquals("", paths.asked());
    }

    @Test
    void addressThatIsGoneIsWithdrawnAndFilledAgainWhenItIsBack() {
        paths.ready(true);
        paths.established(A1, 50_001, B1, PORT);
        paths.asked();
        paths.locals.remove(A1);
        paths.event(new Event.LocalAddressRemoved(A1));
        paths.closed(A1, LOCAL_PORT, B1, PORT, new CloseReason.Aborted("address is gone"));
        paths.closed(A1, 50_001, B1, PORT, new CloseReason.Aborted("address is gone"));
        paths.pass(200 * SECOND);
        assertEquals("withdraw 10.0.1.1", paths.asked());
        paths.locals.add(A1);
        paths.event(new Event.LocalAddressAdded(A1));
        assertEquals(SECOND_SUBFLOW, paths.asked());
    }
}
