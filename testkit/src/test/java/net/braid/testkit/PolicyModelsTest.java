package net.braid.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import net.braid.mptcp.PacketScheduler;
import net.braid.mptcp.PathManager;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The models must notice a scheduler or a path manager that breaks a rule. */
class PolicyModelsTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 500;

    @Nested
    class Schedulers {
        private void assertCaught(String rule, PacketScheduler scheduler) {
            PacketScheduler.Factory factory = new PacketScheduler.Factory() {
                @Override
                public String name() {
                    return "broken";
                }

                @Override
                public PacketScheduler create() {
                    return scheduler;
                }
            };
            AssertionError error = assertThrows(AssertionError.class, () -> {
                for (long seed = 0; seed < SEEDS; seed++) {
                    new SchedulerModel(factory, seed).run(STEPS);
                }
            });
            assertTrue(error.getMessage().contains(rule), error.getMessage());
        }

        @Test
        void eternalWaitingIsCaught() {
            assertCaught("somebody must send", context -> PacketScheduler.WAIT);
        }

        @Test
        void flowThatCannotTakeTheStretchIsCaught() {
            assertCaught("names a flow that can take", context -> Long.lowestOneBit(context.usable()));
        }

        @Test
        void flowThatIsNotThereIsCaught() {
            assertCaught("names a flow that can take", context -> 1L << 20);
        }
    }

    @Nested
    class PathManagers {
        private void assertCaught(String rule, Supplier<PathManager> managers) {
            PathManager.Factory factory = new PathManager.Factory() {
                @Override
                public String name() {
                    return "broken";
                }

                @Override
                public PathManager create() {
                    return managers.get();
                }
            };
            AssertionError error = assertThrows(AssertionError.class, () -> {
                for (long seed = 0; seed < SEEDS; seed++) {
                    new PathModel(factory, seed).run(STEPS);
                }
            });
            assertTrue(error.getMessage().contains(rule), error.getMessage());
        }

        @Test
        void subflowThatIsOpenedTooEarlyIsCaught() {
            assertCaught("before the peer has shown", () -> (event, commands, now) -> {
                if (event instanceof PathManager.Event.Established e) {
                    commands.openSubflow(e.local(), 0, e.remote(), e.remotePort(), false);
                }
            });
        }

        @Test
        void failedJoinThatIsRepeatedIsCaught() {
            assertCaught("a join that was refused is not repeated", () -> (event, commands, now) -> {
                boolean known = event instanceof PathManager.Event.AddressAnnounced;
                if (event instanceof PathManager.Event.SubflowClosed e && e.remotePort() == 80 && !known
                        && commands.localAddresses().contains(e.local())) {
                    commands.openSubflow(e.local(), 0, e.remote(), e.remotePort(), false);
                }
                if (event instanceof PathManager.Event.AddressAnnounced e) {
                    for (IpAddress local : commands.localAddresses()) {
                        if (local.isV4() == e.address().isV4()) {
                            openIfReady(commands, local, e);
                        }
                    }
                }
            });
        }

        /** The model announces before the peer has shown that it speaks Multipath TCP; those must wait. */
        private void openIfReady(PathManager.Commands commands, IpAddress local, PathManager.Event.AddressAnnounced e) {
            if (commands.subflowCount() > 1) {
                commands.openSubflow(local, 0, e.address(), e.port(), false);
            }
        }

        @Test
        void addressThatIsNotOursIsCaught() {
            assertCaught("only addresses that are ours are announced", () -> (event, commands, now) -> {
                if (event instanceof PathManager.Event.LocalAddressRemoved e) {
                    commands.announce(e.address(), 0);
                }
            });
        }

        @Test
        void deadlineThatStaysIsCaught() {
            assertCaught("a deadline that has come is set anew", () -> new PathManager() {
                @Override
                public void onEvent(Event event, Commands commands, long now) {
                }

                @Override
                public long deadline() {
                    return 1;
                }
            });
        }

        @Test
        void endlessQuarrelWithTheEngineIsCaught() {
            assertCaught("has an end", Quarreler::new);
        }
    }

    /** Asks for more subflows than there is room for, and again as soon as it is told so. */
    private static final class Quarreler implements PathManager {
        private IpAddress local;
        private IpAddress remote;

        @Override
        public void onEvent(Event event, Commands commands, long now) {
            switch (event) {
                case Event.Established e when e.client() -> {
                    local = e.local();
                    remote = e.remote();
                }
                case Event.FullyEstablished e -> {
                    for (int i = 0; i < 9; i++) {
                        open(commands);
                    }
                }
                case Event.SubflowNotOpened e -> open(commands);
                default -> {
                }
            }
        }

        private void open(Commands commands) {
            if (local != null && !commands.remoteRefusesInitialAddress() && commands.localAddresses().contains(local)) {
                commands.openSubflow(local, 0, remote, 80, false);
            }
        }
    }
}
