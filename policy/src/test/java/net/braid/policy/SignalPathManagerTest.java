package net.braid.policy;

import static net.braid.policy.FakePaths.A1;
import static net.braid.policy.FakePaths.A2;
import static net.braid.policy.FakePaths.B1;
import static net.braid.policy.FakePaths.B2;
import static net.braid.policy.FakePaths.PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalPathManagerTest {
    private final FakePaths paths = new FakePaths(new SignalPathManager());

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsOpenedOrAnnounced(boolean client) {
        paths.ready(client);
        paths.announced(1, B2);
        paths.event(new Event.LocalAddressAdded(A2));
        paths.established(A2, 50_001, B1, PORT);
        paths.closed(A2, 50_001, B1, PORT, new CloseReason.TimedOut(9));
        assertEquals(Long.MAX_VALUE, paths.manager.deadline());
        assertEquals("", paths.asked());
    }

    @Test
    void addressThatIsGoneIsWithdrawn() {
        paths.ready(true);
        paths.event(new Event.LocalAddressRemoved(A1));
        assertEquals("withdraw 10.0.1.1", paths.asked());
    }
}
