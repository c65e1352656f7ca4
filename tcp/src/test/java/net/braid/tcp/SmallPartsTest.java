package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Parts of a flow that fit on a screen, each by itself. */
class SmallPartsTest {
    private static final long MILLIS = 1_000_000;
    private static final long DAY = 24L * 3600 * 1000 * MILLIS;

    @Nested
    @Requirement({"G05", "rfc7323#5"})
    class OfRecentTimestamp {
        private final RecentTimestamp recent = new RecentTimestamp();

        @Test
        void equalAndNewerPass() {
            recent.start(100, 0);
            assertFalse(recent.rejects(100, 1));
            assertFalse(recent.rejects(101, 1));
            assertTrue(recent.rejects(99, 1));
        }

        @Test
        void theClockMayWrap() {
            recent.start(-2, 0);
            assertFalse(recent.rejects(3, 1));
            recent.update(3, 0, 0, 1);
            assertTrue(recent.rejects(-2, 2));
            assertEquals(3, recent.value());
        }

        @Test
        void halfTheClockIsTheLimit() {
            recent.start(0, 0);
            assertFalse(recent.rejects(Integer.MAX_VALUE, 1));
            assertTrue(recent.rejects(Integer.MIN_VALUE, 1));
        }

        @Test
        @Requirement("rfc7323#5.5")
        void after24DaysAnyValueIsTaken() {
            recent.start(1000, 0);
            assertTrue(recent.rejects(999, 24 * DAY - 1));
            assertFalse(recent.rejects(999, 24 * DAY));
            recent.update(999, 0, 0, 24 * DAY);
            assertEquals(999, recent.value());
        }

        @Test
        @Requirement("rfc7323#4.3")
        void onlyASegmentThatBeginsAtOrBeforeTheLastAckSentCounts() {
            recent.start(1, 0);
            recent.update(5, 101, 100, 1);
            assertEquals(1, recent.value());
            recent.update(5, 100, 100, 1);
            assertEquals(5, recent.value());
            recent.update(4, 100, 100, 1);
            assertEquals(5, recent.value());
        }
    }

    @Nested
    @Requirement({"H04", "rfc5961#7"})
    class OfChallengeAcks {
        @Test
        void halfToAllOfTheBudgetEachSecond() {
            ChallengeAcks challenges = new ChallengeAcks(100, new Xoshiro256(1));
            boolean varies = false;
            int before = -1;
            for (int second = 0; second < 50; second++) {
                int allowed = 0;
                for (int i = 0; i < 1000; i++) {
                    allowed += challenges.allow(second * 1000 * MILLIS + i * MILLIS / 2) ? 1 : 0;
                }
                assertTrue(allowed >= 50 && allowed <= 100, "allowed " + allowed);
                varies |= before >= 0 && before != allowed;
                before = allowed;
            }
            assertTrue(varies, "a constant budget could be counted out");
        }
    }

    @Nested
    class OfPacer {
        private final Pacer pacer = new Pacer();

        @Test
        void isSilentWithoutARoundTrip() {
            pacer.update(0, 10_000, Long.MAX_VALUE, 0, 0);
            pacer.onSent(1_000_000, 5);
            assertEquals(5, pacer.readyAt(5));
        }

        @Test
        void spreadsTwiceTheWindowInSlowStart() {
            pacer.update(0, 100_000, Long.MAX_VALUE, 100 * MILLIS, 0);
            // 2 bytes a microsecond: a burst of 1 ms is 2000 bytes.
            assertEquals(2000, pacer.burstBytes());
            pacer.onSent(2000, 0);
            assertEquals(0, pacer.readyAt(0));
            pacer.onSent(1000, 0);
            assertEquals(1_500_000, pacer.readyAt(0));
            assertEquals(1_500_000, pacer.readyAt(1_500_000));
        }

        @Test
        void spreadsMoreThanTheWindowLater() {
            pacer.update(0, 100_000, 100_000, 100 * MILLIS, 0);
            assertEquals(1200, pacer.burstBytes());
        }

        @Test
        void obeysTheControllersRate() {
            pacer.update(10_000_000, 100_000, 0, 100 * MILLIS, 0);
            assertEquals(10_000, pacer.burstBytes());
        }

        @Test
        void aBurstIsAnEighthOfAShortRoundTrip() {
            pacer.update(1_000_000_000, 100_000, 0, 80_000, 0);
            assertEquals(10_000, pacer.burstBytes());
        }

        @Test
        void whatWaitsLeavesSoonerWhenTheRateRises() {
            // An outage has stretched the round trip to 4 s; then the path answers in 20 ms again.
            pacer.update(0, 10_000, 0, 4000 * MILLIS, 0);
            pacer.onSent(12_000, 0);
            assertEquals(4000 * MILLIS, pacer.readyAt(0));
            pacer.update(0, 10_000, 0, 20 * MILLIS, 1000 * MILLIS);
            assertEquals(1015 * MILLIS, pacer.readyAt(1000 * MILLIS), MILLIS);
        }

        @Test
        void whatWasNotUsedIsNotSaved() {
            pacer.update(1_000_000, 100_000, 0, 100 * MILLIS, 0);
            pacer.onSent(1001, 0);
            pacer.onSent(1001, 10_000 * MILLIS);
            assertTrue(pacer.readyAt(10_000 * MILLIS) > 10_001 * MILLIS - 1);
        }
    }

    @Nested
    class OfAckPolicy {
        private final AckPolicy acks = new AckPolicy();

        private void useUpQuickAcks() {
            for (int i = 0; i < 16; i++) {
                assertFalse(acks.onInOrder(1000, 1000, false));
                acks.onSent(false);
            }
        }

        @Test
        void aReplyEndsTheHurryAfterTrouble() {
            useUpQuickAcks();
            acks.onOutOfOrder();
            acks.onSent(false);
            acks.onInOrder(10, 10, false);
            assertTrue(acks.isDue());
            acks.onSent(true);
            assertTrue(acks.onInOrder(10, 10, false));
            assertFalse(acks.isDue());
        }

        @Test
        void delayThatRunsOutOnNothingIsNothing() {
            useUpQuickAcks();
            acks.onDelayExpired();
            assertFalse(acks.isDue());
        }

        @Test
        void filledHoleIsUrgent() {
            useUpQuickAcks();
            assertFalse(acks.onInOrder(1, 1, true));
        }
    }

    @Nested
    class OfRateSampler {
        @Test
        void aSteadyFlowIsMeasuredExactly() {
            SentSegments sent = new SentSegments();
            RateSampler rate = new RateSampler();
            AckSample sample = new AckSample();
            // 1000 bytes leave each millisecond, and arrive 10 ms later.
            for (int i = 0; i < 50; i++) {
                long now = i * MILLIS;
                if (i >= 10) {
                    rate.beginAck();
                    rate.onDelivered(sent, sent.head(), now);
                    sent.removeHead();
                    rate.endAck(sample, 10 * MILLIS);
                }
                int slot = sent.append(i * 1000L, (i + 1) * 1000L, 0, (byte) 0, now);
                rate.onSend(sent, slot, sent.inFlightBytes() - 1000, now);
            }
            assertEquals(1_000_000, sample.deliveryRate);
            assertEquals(1_000_000, rate.rate());
            assertFalse(sample.applicationLimited);
            assertEquals(40_000, sample.deliveredBytes);
        }

        @Test
        void compressedAcksAreNoSample() {
            SentSegments sent = new SentSegments();
            RateSampler rate = new RateSampler();
            AckSample sample = new AckSample();
            int slot = sent.append(0, 1000, 0, (byte) 0, 0);
            rate.onSend(sent, slot, 0, 0);
            rate.beginAck();
            rate.onDelivered(sent, slot, MILLIS);
            rate.endAck(sample, 10 * MILLIS);
            assertEquals(0, sample.deliveryRate);
        }

        @Test
        void anIdleApplicationMarksTheSample() {
            SentSegments sent = new SentSegments();
            RateSampler rate = new RateSampler();
            AckSample sample = new AckSample();
            rate.onApplicationLimited(0);
            int slot = sent.append(0, 1000, 0, (byte) 0, 0);
            rate.onSend(sent, slot, 0, 0);
            rate.beginAck();
            rate.onDelivered(sent, slot, 20 * MILLIS);
            rate.endAck(sample, 10 * MILLIS);
            assertTrue(sample.applicationLimited);
            assertEquals(50_000, sample.deliveryRate);
        }
    }
}
