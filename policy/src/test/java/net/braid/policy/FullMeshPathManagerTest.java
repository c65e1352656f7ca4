package net.braid.policy;

import static net.braid.policy.FakePaths.A1;
import static net.braid.policy.FakePaths.A2;
import static net.braid.policy.FakePaths.A6;
import static net.braid.policy.FakePaths.B1;
import static net.braid.policy.FakePaths.B2;
import static net.braid.policy.FakePaths.B6;
import static net.braid.policy.FakePaths.LOCAL_PORT;
import static net.braid.policy.FakePaths.PORT;
import static net.braid.policy.FakePaths.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.base.Requirement;
import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FullMeshPathManagerTest {
    private static final CloseReason TIMED_OUT = new CloseReason.TimedOut(9);
    private static final String SECOND_PATH = "open 10.0.2.1 10.9.1.1:80";

    private final FakePaths paths = new FakePaths(new FullMeshPathManager());

    @Nested
    class AtTheClient {

        @Test
        @Requirement("rfc8684#3.1")
        void nothingIsOpenedBeforeThePeerHasShownThatItSpeaksMultipath() {
            paths.event(new Event.Established(A1, LOCAL_PORT, B1, PORT, true));
            paths.announced(1, B2);
            assertEquals("", paths.asked());
            paths.event(new Event.FullyEstablished());
            assertEquals("open 10.0.2.1 10.9.1.1:80; open 10.0.1.1 10.9.2.1:80; open 10.0.2.1 10.9.2.1:80",
                    paths.asked());
        }

        @Test
        void announcedAddressIsJoinedFromEachOfOurs() {
            paths.ready(true);
            assertEquals(SECOND_PATH, paths.asked());
            paths.announced(1, B2);
            assertEquals("open 10.0.1.1 10.9.2.1:80; open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void nothingIsAnnounced() {
            paths.locals.add(A6);
            paths.ready(true);
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void addressesOfTwoFamiliesAreNotJoined() {
            paths.locals.add(A6);
            paths.ready(true).asked();
            paths.announced(1, B6);
            assertEquals("open fd00::1 fd00::9:80", paths.asked());
        }

        @Test
        @Requirement("rfc8684#3.1")
        void initialAddressIsLeftAloneWhenThePeerRefusesIt() {
            paths.refusesInitial = true;
            paths.ready(true);
            assertEquals("", paths.asked());
            paths.announced(1, B2);
            assertEquals("open 10.0.1.1 10.9.2.1:80; open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void sameAddressUnderTwoIdsIsJoinedOnce() {
            paths.ready(true).asked();
            paths.announced(1, B1);
            paths.announced(2, B2);
            paths.announced(3, B2);
            assertEquals("open 10.0.1.1 10.9.2.1:80; open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void addressTakenBackIsJoinedNoMore() {
            paths.ready(true);
            paths.announced(1, B2);
            paths.established(A1, 50_001, B2, PORT);
            paths.asked();
            paths.event(new Event.AddressRemoved(1));
            paths.closed(A1, 50_001, B2, PORT, TIMED_OUT);
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }

        @Test
        void initialAddressMayBeTakenBackToo() {
            paths.ready(true);
            paths.established(A2, 50_001, B1, PORT);
            paths.asked();
            paths.event(new Event.AddressRemoved(0));
            paths.closed(A2, 50_001, B1, PORT, TIMED_OUT);
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }

        @Test
        void subflowThatThePeerOpenedBetweenTwoAddressesIsEnough() {
            paths.locals.remove(A2);
            paths.ready(true);
            paths.established(A1, LOCAL_PORT, B2, 40_000);
            paths.announced(1, B2);
            assertEquals("", paths.asked());
            paths.closed(A1, LOCAL_PORT, B2, 40_000, TIMED_OUT);
            assertEquals("open 10.0.1.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void joinsThatCrossAreBothKept() {
            paths.ready(true).asked();
            paths.established(A2, LOCAL_PORT, B1, 40_000);
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, LOCAL_PORT, B1, 40_000, TIMED_OUT);
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }
    }

    @Nested
    class AfterAFailure {

        @BeforeEach
        void start() {
            paths.ready(true);
            assertEquals(SECOND_PATH, paths.asked());
        }

        private void refuse() {
            paths.closed(A2, 50_001, B1, PORT, new CloseReason.Refused());
        }

        @Test
        @Requirement({"rfc8684#3.9.3", "B13"})
        void failedJoinIsNotRepeated() {
            refuse();
            paths.pass(1000 * SECOND);
            paths.announced(1, B2);
            assertEquals("open 10.0.1.1 10.9.2.1:80; open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        @Requirement({"rfc8684#3.9.3", "B13"})
        void failedJoinIsRepeatedWhenThePeerAnnouncesTheAddress() {
            refuse();
            paths.announced(4, B1);
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void pathThatHasNeverAnsweredIsTriedAgainSeldom() {
            for (long wait : new long[] {16, 32, 64, 64}) {
                paths.closed(A2, 50_001, B1, PORT, TIMED_OUT);
                paths.pass(wait * SECOND - 1);
                assertEquals("", paths.asked());
                paths.pass(1);
                assertEquals(SECOND_PATH, paths.asked());
            }
        }

        @Test
        void failedJoinIsRepeatedWhenOurAddressComesBack() {
            refuse();
            paths.event(new Event.LocalAddressAdded(A2));
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        @Requirement("rfc8684#3.6")
        void joinRefusedForNowIsRepeatedAtGrowingIntervals() {
            long[] seconds = {1, 2, 4, 8, 16, 32, 64, 64};
            for (long wait : seconds) {
                paths.refusedForNow(A2, 50_001, B1, PORT);
                paths.pass(wait * SECOND - 1);
                assertEquals("", paths.asked());
                paths.pass(1);
                assertEquals(SECOND_PATH, paths.asked());
            }
        }

        @Test
        void lostSubflowIsOpenedAgainAfterASecond() {
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, 50_001, B1, PORT, TIMED_OUT);
            paths.pass(SECOND - 1);
            assertEquals("", paths.asked());
            paths.pass(1);
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void pathThatHasWorkedIsTriedAgainThoughAJoinFailed() {
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, 50_001, B1, PORT, TIMED_OUT);
            paths.pass(SECOND);
            paths.asked();
            paths.closed(A2, 50_002, B1, PORT, TIMED_OUT);
            paths.pass(2 * SECOND);
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void firstSubflowIsOpenedAgainToo() {
            paths.closed(A1, LOCAL_PORT, B1, PORT, TIMED_OUT);
            paths.pass(SECOND);
            assertEquals("open 10.0.1.1 10.9.1.1:80", paths.asked());
        }

        @Test
        void subflowThatEndedInOrderIsNotOpenedAgain() {
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, 50_001, B1, PORT, new CloseReason.Finished());
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }

        @Test
        @Requirement("rfc8684#3.6")
        void subflowResetForAReasonThatStaysIsNotOpenedAgain() {
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, 50_001, B1, PORT, new CloseReason.ResetByPeer(3));
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }

        @Test
        void resetWithoutReasonMayBeAMiddleboxAndIsTriedAgain() {
            paths.established(A2, 50_001, B1, PORT);
            paths.closed(A2, 50_001, B1, PORT, new CloseReason.ResetByPeer(0));
            paths.pass(SECOND);
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void joinThatFoundNoRoomIsAskedForAgainWhenASubflowHasClosed() {
            paths.event(new Event.SubflowNotOpened(A2, B1, PORT));
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
            paths.closed(A1, LOCAL_PORT, B1, PORT, TIMED_OUT);
            assertEquals(SECOND_PATH, paths.asked());
        }
    }

    @Nested
    class WhenOurAddressesChange {

        @Test
        void newAddressIsUsedAtOnce() {
            paths.locals.remove(A2);
            paths.ready(true);
            assertEquals("", paths.asked());
            paths.locals.add(A2);
            paths.event(new Event.LocalAddressAdded(A2));
            assertEquals(SECOND_PATH, paths.asked());
        }

        @Test
        void addressThatIsGoneIsWithdrawnAndUsedAgainWhenItIsBack() {
            paths.ready(true);
            paths.established(A2, 50_001, B1, PORT);
            paths.asked();
            paths.locals.remove(A2);
            paths.event(new Event.LocalAddressRemoved(A2));
            assertEquals("withdraw 10.0.2.1", paths.asked());
            paths.closed(A2, 50_001, B1, PORT, new CloseReason.Aborted("address is gone"));
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
            paths.locals.add(A2);
            paths.event(new Event.LocalAddressAdded(A2));
            assertEquals(SECOND_PATH, paths.asked());
        }
    }

    @Nested
    class AtTheServer {

        @BeforeEach
        void start() {
            paths.locals.clear();
            paths.locals.add(B1);
            paths.locals.add(B2);
        }

        @Test
        void furtherAddressesAreAnnounced() {
            paths.ready(false);
            assertEquals("announce 10.9.2.1", paths.asked());
        }

        @Test
        @Requirement({"rfc8684#3.9.2", "B14"})
        void nothingIsOpened() {
            paths.ready(false).asked();
            paths.announced(1, A2);
            paths.pass(200 * SECOND);
            assertEquals("", paths.asked());
        }

        @Test
        void firstAddressIsAnnouncedWhenItComesBack() {
            paths.ready(false).asked();
            paths.locals.remove(B1);
            paths.event(new Event.LocalAddressRemoved(B1));
            assertEquals("withdraw 10.9.1.1", paths.asked());
            paths.locals.add(B1);
            paths.event(new Event.LocalAddressAdded(B1));
            assertEquals("announce 10.9.2.1; announce 10.9.1.1", paths.asked());
        }
    }
}
