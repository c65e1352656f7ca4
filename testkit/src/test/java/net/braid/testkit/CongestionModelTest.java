package net.braid.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.tcp.AckSample;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;
import net.braid.tcp.InitialWindow;
import org.junit.jupiter.api.Test;

/** The model must notice a controller that breaks a rule. */
class CongestionModelTest {

    /** Obeys every rule by doing nothing but what signals ask for; a test breaks one of them. */
    private static class Timid implements CongestionController {
        final FlowView flow;
        long window;
        long threshold = Long.MAX_VALUE;

        Timid(FlowView flow) {
            this.flow = flow;
            window = InitialWindow.bytes(flow.maximumSegmentSize());
        }

        @Override
        public void onSent(long now, int bytes, long inFlightBytes) {
        }

        @Override
        public void onAck(AckSample sample) {
        }

        @Override
        public void onCongestion(Signal signal, long now, long inFlightBytes) {
            if (signal != Signal.SPURIOUS_RECOVERY && signal != Signal.IDLE_RESTART) {
                window = flow.maximumSegmentSize();
                threshold = 2L * flow.maximumSegmentSize();
            }
            window = Math.min(window, InitialWindow.bytes(flow.maximumSegmentSize()));
        }

        @Override
        public long congestionWindow() {
            return Math.max(window, flow.maximumSegmentSize());
        }

        @Override
        public long slowStartThreshold() {
            return threshold;
        }

        @Override
        public long pacingRate() {
            return 0;
        }
    }

    private interface Maker {
        CongestionController make(FlowView flow);
    }

    private static void run(Maker maker) {
        CongestionController.Factory factory = new CongestionController.Factory() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public CongestionController create(FlowView flow, CouplingGroup group, long now) {
                return maker.make(flow);
            }
        };
        for (long seed = 0; seed < 5; seed++) {
            new CongestionModel(factory, seed).run(5_000);
        }
    }

    private static void assertCaught(String rule, Maker maker) {
        AssertionError error = assertThrows(AssertionError.class, () -> run(maker));
        assertTrue(error.getMessage().contains(rule), error.getMessage());
    }

    @Test
    void controllerThatNeverGrowsBreaksNothing() {
        run(Timid::new);
    }

    @Test
    void growthWithoutUseOfTheWindowIsCaught() {
        assertCaught("does not grow", flow -> new Timid(flow) {
            @Override
            public void onAck(AckSample sample) {
                window += sample.newlyAckedBytes;
            }
        });
    }

    @Test
    void growthByMoreThanWasAcknowledgedIsCaught() {
        assertCaught("by what was acknowledged", flow -> new Timid(flow) {
            @Override
            public void onAck(AckSample sample) {
                if (sample.windowLimited && !sample.inRecovery && sample.newlyAckedBytes > 0) {
                    window += 3 * sample.newlyAckedBytes + 2L * flow.maximumSegmentSize();
                }
            }
        });
    }

    @Test
    void windowBelowOneSegmentIsCaught() {
        assertCaught("one segment at least", flow -> new Timid(flow) {
            @Override
            public long congestionWindow() {
                return window;
            }
        });
    }

    @Test
    void timeoutThatLeavesTheWindowIsCaught() {
        assertCaught("a timeout leaves one segment", flow -> new Timid(flow) {
            @Override
            public void onCongestion(Signal signal, long now, long inFlightBytes) {
                if (signal != Signal.RETRANSMISSION_TIMEOUT) {
                    super.onCongestion(signal, now, inFlightBytes);
                }
            }
        });
    }

    @Test
    void thresholdThatShrinksAtEachTimeoutIsCaught() {
        assertCaught("a repeated timeout leaves the threshold", flow -> new Timid(flow) {
            private int timeouts;

            @Override
            public void onCongestion(Signal signal, long now, long inFlightBytes) {
                super.onCongestion(signal, now, inFlightBytes);
                threshold += 10_000;
                threshold -= signal == Signal.RETRANSMISSION_TIMEOUT ? ++timeouts : 0;
            }

            @Override
            public long slowStartThreshold() {
                return threshold;
            }
        });
    }
}
