package net.braid.policy;

import static net.braid.policy.FakePaths.A1;
import static net.braid.policy.FakePaths.A2;
import static net.braid.policy.FakePaths.B1;
import static net.braid.policy.FakePaths.B2;
import static net.braid.policy.FakePaths.LOCAL_PORT;
import static net.braid.policy.FakePaths.PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.mptcp.Endpoint;
import net.braid.mptcp.PathManager.Event;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What {@code ip mptcp endpoint add} says of an address, and what becomes of it. */
class EndpointFlagsTest {
    private static final IpAddress A3 = IpAddress.parse("10.0.3.1");

    private static Endpoint endpoint(IpAddress address, String flags) {
        return new Endpoint(9, address, flags.contains("port") ? 8080 : 0, flags.contains("signal"),
                flags.contains("subflow"), flags.contains("backup"), flags.contains("fullmesh"), false);
    }

    @Nested
    class WithEndpointsOnly {
        private final FakePaths paths = new FakePaths(new FullMeshPathManager.EndpointFactory().create());

        @Test
        void addressOfWhichNothingWasSaidIsNotUsed() {
            paths.ready(true);
            assertEquals("", paths.asked());
        }

        @Test
        void addressWithoutFlagsIsNotUsed() {
            paths.endpoints.add(endpoint(A2, ""));
            paths.ready(true);
            assertEquals("", paths.asked());
        }

        @Test
        void subflowLeadsToWhereThePeerWasFirstOnly() {
            paths.endpoints.add(endpoint(A2, "subflow"));
            paths.ready(true);
            assertEquals("open 10.0.2.1 10.9.1.1:80", paths.asked());
        }

        @Test
        void addressOfThePeerThatNoneIsMeantForIsReachedFromTheFirstOfOurs() {
            paths.endpoints.add(endpoint(A2, "subflow"));
            paths.ready(true).asked();
            paths.announced(1, B2);
            assertEquals("open 10.0.1.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void fullmeshLeadsToEachAddressOfThePeer() {
            paths.endpoints.add(endpoint(A2, "subflow fullmesh"));
            paths.ready(true).asked();
            paths.announced(1, B2);
            assertEquals("open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void signalIsAnnouncedByTheSideThatOpenedToo() {
            paths.endpoints.add(endpoint(A2, "signal port"));
            paths.ready(true);
            assertEquals("announce 10.0.2.1:8080", paths.asked());
        }

        @Test
        void addressThatIsNotOursYetIsUsedWhenItComes() {
            paths.endpoints.add(endpoint(A3, "subflow"));
            paths.ready(true);
            assertEquals("", paths.asked());
            paths.locals.add(A3);
            paths.event(new Event.LocalAddressAdded(A3));
            assertEquals("open 10.0.3.1 10.9.1.1:80", paths.asked());
        }
    }

    @Nested
    class WithFullMesh {
        private final FakePaths paths = new FakePaths(new FullMeshPathManager());

        @Test
        void whatWasSaidOfAnAddressHolds() {
            paths.locals.add(A3);
            paths.endpoints.add(endpoint(A2, "signal"));
            paths.ready(true);
            assertEquals("announce 10.0.2.1; open 10.0.3.1 10.9.1.1:80", paths.asked());
        }

        @Test
        void subflowIsClosedWhenItsAddressShallMeshNoMore() {
            paths.endpoints.add(endpoint(A2, "subflow fullmesh"));
            paths.ready(true);
            paths.announced(1, B2);
            paths.established(A2, LOCAL_PORT, B1, PORT);
            paths.established(A2, LOCAL_PORT + 1, B2, PORT);
            paths.asked();
            paths.endpoints.set(0, endpoint(A2, "subflow"));
            paths.event(new Event.EndpointsChanged());
            assertEquals("close 3", paths.asked());
            paths.closed(A2, LOCAL_PORT + 1, B2, PORT, new CloseReason.Finished());
            paths.endpoints.set(0, endpoint(A2, "subflow fullmesh"));
            paths.event(new Event.EndpointsChanged());
            assertEquals("open 10.0.2.1 10.9.2.1:80", paths.asked());
        }

        @Test
        void moreRoomIsUsedAtOnce() {
            paths.ready(true).asked();
            paths.event(new Event.SubflowNotOpened(A2, B1, PORT));
            assertEquals("", paths.asked());
            paths.event(new Event.EndpointsChanged());
            assertEquals("open 10.0.2.1 10.9.1.1:80", paths.asked());
        }
    }
}
