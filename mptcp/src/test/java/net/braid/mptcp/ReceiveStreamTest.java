package net.braid.mptcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.ReceiveStream.Custody;
import net.braid.tcp.SubflowConfig;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ReceiveStreamTest {
    private static final int MSS = 1000;

    private static ReceiveStream stream(int buffer) {
        return new ReceiveStream(Memory.budget(1000),
                ConnectionConfig.builder().receiveBuffer(buffer, buffer).autoTuning(false).build());
    }

    private static Custody offer(ReceiveStream stream, long offset, int length) {
        return stream.offer(offset, Memory.stream(offset, length), 0, length);
    }

    private static int read(ReceiveStream stream, int length) {
        long from = stream.position();
        MemorySegment target = Arena.ofAuto().allocate(length);
        int taken = stream.read(target, 0, length);
        assertEquals(-1, Memory.mismatch(target, from, taken));
        return taken;
    }

    @Nested
    class Bytes {
        @Test
        void inOrderBytesAreReadableAtOnce() {
            ReceiveStream stream = stream(10_000);
            assertEquals(Custody.TAKEN, offer(stream, 0, 700));
            assertEquals(700, stream.readable());
            assertEquals(700, read(stream, 1_000));
        }

        @Test
        void outOfOrderBytesWaitForTheGap() {
            ReceiveStream stream = stream(10_000);
            assertEquals(Custody.TAKEN, offer(stream, 1_000, 500));
            assertEquals(0, stream.readable());
            assertEquals(500, stream.aheadBytes());
            assertEquals(Custody.TAKEN, offer(stream, 0, 1_000));
            assertEquals(1_500, stream.readable());
            assertEquals(0, stream.holes());
            assertEquals(1_500, read(stream, 5_000));
        }

        @Test
        void bytesInAnyOrderComeOutInOrder() {
            long seed = 0x5eed_0001L;
            for (int round = 0; round < 200; round++) {
                Xoshiro256 random = new Xoshiro256(seed + round);
                ReceiveStream stream = stream(60_000);
                List<long[]> pieces = new ArrayList<>();
                long at = 0;
                while (at < 50_000) {
                    int length = 1 + random.nextInt(3_000);
                    pieces.add(new long[] {at, length});
                    at += length;
                }
                while (!pieces.isEmpty()) {
                    long[] piece = pieces.remove(random.nextInt(pieces.size()));
                    assertEquals(Custody.TAKEN, offer(stream, piece[0], (int) piece[1]), "seed " + (seed + round));
                }
                assertEquals(at, stream.received(), "seed " + (seed + round));
                assertEquals(at, read(stream, (int) at), "seed " + (seed + round));
            }
        }

        @Test
        void bytesThatWereReceivedBeforeAreTakenOnce() {
            ReceiveStream stream = stream(10_000);
            offer(stream, 0, 1_000);
            assertEquals(Custody.TAKEN, offer(stream, 0, 1_000));
            assertEquals(Custody.TAKEN, offer(stream, 500, 1_000));
            assertEquals(1_500, stream.received());
            assertEquals(1_500, read(stream, 9_999));
        }
    }

    @Nested
    class Window {
        @Test
        void bytesBeyondTheEdgeAreRefused() {
            ReceiveStream stream = stream(10_000);
            assertEquals(Custody.BEYOND_WINDOW, offer(stream, 10_000, 2));
            assertEquals(Custody.TAKEN, offer(stream, 0, 10_000));
        }

        @Test
        void oneUnitOfTheScaleBeyondTheEdgeIsAccepted() {
            ReceiveStream stream = new ReceiveStream(Memory.budget(1000), ConnectionConfig.builder()
                    .receiveBuffer(10_000, 1_000_000).autoTuning(false).build());
            assertEquals(4, ConnectionConfig.windowScaleFor(1_000_000));
            assertEquals(Custody.TAKEN, offer(stream, 10_000 - 984, 1_000));
            assertEquals(Custody.BEYOND_WINDOW, offer(stream, 10_016, 1));
        }

        @Test
        void unreadBytesCloseTheWindow() {
            ReceiveStream stream = stream(10_000);
            offer(stream, 0, 4_000);
            assertEquals(6_000, stream.window(MSS));
            offer(stream, 4_000, 6_000);
            assertEquals(0, stream.window(MSS));
        }

        @Test
        @Tag("F20")
        void edgeStaysUntilAFullSegmentIsFree() {
            ReceiveStream stream = stream(10_000);
            offer(stream, 0, 10_000);
            read(stream, MSS - 1);
            assertFalse(stream.mayOpen(MSS));
            assertEquals(0, stream.window(MSS));
            read(stream, 1);
            assertTrue(stream.mayOpen(MSS));
            assertEquals(MSS, stream.window(MSS));
        }

        @Test
        @Tag("F20")
        void halfOfASmallBufferIsEnoughToOpen() {
            ReceiveStream stream = stream(1_000);
            offer(stream, 0, 1_000);
            read(stream, 499);
            assertEquals(0, stream.window(MSS));
            read(stream, 1);
            assertEquals(500, stream.window(MSS));
        }

        @Test
        @Tag("F20")
        void aReaderOfSingleBytesNeverCausesASmallWindow() {
            ReceiveStream stream = stream(10_000);
            offer(stream, 0, 10_000);
            long edge = 10_000;
            for (int i = 0; i < 10_000; i++) {
                read(stream, 1);
                long moved = stream.received() + stream.window(MSS) - edge;
                assertTrue(moved == 0 || moved >= MSS, "moved by " + moved);
                edge += moved;
            }
        }

        @Test
        void rightEdgeNeverMovesLeft() {
            Xoshiro256 random = new Xoshiro256(0x5eed_0002L);
            MemoryBudget memory = Memory.budget(6);
            ReceiveStream stream = new ReceiveStream(memory,
                    ConnectionConfig.builder().receiveBuffer(30_000, 120_000).build());
            long edge = 0;
            for (int i = 0; i < 20_000; i++) {
                if (random.nextInt(2) == 0) {
                    int length = (int) Math.min(1 + random.nextInt(2_000), stream.window(MSS));
                    if (length > 0) {
                        offer(stream, stream.received(), length);
                    }
                } else {
                    read(stream, 1 + random.nextInt(2_000));
                    stream.tune(MSS, 0, i * 1_000_000L);
                }
                long now = stream.received() + stream.window(MSS);
                assertTrue(now >= edge, "step " + i);
                edge = now;
            }
        }
    }

    @Nested
    @Tag("H17")
    class Limits {
        @Test
        void moreHolesThanTheLimitAreRefused() {
            ReceiveStream stream = new ReceiveStream(Memory.budget(1000), ConnectionConfig.builder()
                    .flow(SubflowConfig.builder().receiveHoles(3).build()).build());
            for (int i = 0; i < 3; i++) {
                assertEquals(Custody.TAKEN, offer(stream, 10 + 20 * i, 10));
            }
            assertEquals(Custody.TOO_MANY_HOLES, offer(stream, 200, 10));
            assertEquals(Custody.TAKEN, offer(stream, 0, 10));
        }

        @Test
        void outOfOrderBytesAreRefusedBeforeInOrderBytesAre() {
            MemoryBudget memory = Memory.budget(16);
            ReceiveStream other = new ReceiveStream(memory,
                    ConnectionConfig.builder().receiveBuffer(1 << 20, 1 << 20).build());
            for (int i = 0; i < 13; i++) {
                offer(other, other.received(), Memory.BLOCK);
            }
            // 14 of 16 blocks are seven eighths: below, the first out-of-order byte is taken.
            ReceiveStream lucky = new ReceiveStream(memory, ConnectionConfig.DEFAULT);
            assertEquals(Custody.TAKEN, offer(lucky, 100, 100));
            ReceiveStream stream = new ReceiveStream(memory, ConnectionConfig.DEFAULT);
            assertEquals(Custody.OUT_OF_MEMORY, offer(stream, 100, 100));
            assertEquals(Custody.TAKEN, offer(stream, 0, 100));
        }

        @Test
        void anExhaustedPoolRefusesInOrderBytesAndTakesThemLater() {
            MemoryBudget memory = Memory.budget(4);
            ReceiveStream stream = new ReceiveStream(memory, ConnectionConfig.DEFAULT);
            assertEquals(Custody.TAKEN, offer(stream, 0, 4 * Memory.BLOCK));
            assertEquals(Custody.OUT_OF_MEMORY, offer(stream, 4 * Memory.BLOCK, 1_000));
            assertEquals(4 * Memory.BLOCK, stream.received());
            read(stream, Memory.BLOCK);
            assertEquals(Custody.TAKEN, offer(stream, 4 * Memory.BLOCK, 1_000));
        }

        @Test
        void theWindowDoesNotWidenUnderPressure() {
            MemoryBudget memory = Memory.budget(4);
            ReceiveStream stream = new ReceiveStream(memory,
                    ConnectionConfig.builder().receiveBuffer(100_000, 100_000).build());
            offer(stream, 0, 4 * Memory.BLOCK);
            long before = stream.window(MSS);
            read(stream, 2_000);
            assertEquals(before, stream.window(MSS));
            read(stream, 4 * Memory.BLOCK);
            assertEquals(100_000, stream.window(MSS));
        }

        @Test
        void discardGivesBackEverything() {
            MemoryBudget memory = Memory.budget(10);
            ReceiveStream stream = new ReceiveStream(memory, ConnectionConfig.DEFAULT);
            offer(stream, 0, 20_000);
            offer(stream, 40_000, 20_000);
            stream.discard();
            assertEquals(0, memory.pool().inUse());
        }
    }

    @Nested
    class RightSizing {
        private static final long MS = 1_000_000L;
        private static final long RTT = 20 * MS;

        private ReceiveStream tuned() {
            return new ReceiveStream(Memory.budget(10_000),
                    ConnectionConfig.builder().receiveBuffer(64 * 1024, 4 << 20).build());
        }

        /** A sender that fills the window each round trip, and an application that reads everything. */
        private long afterRounds(ReceiveStream stream, int rounds, int most) {
            long now = 0;
            for (int round = 0; round < rounds; round++) {
                now += RTT;
                stream.measureByEcho(round, round + 20);
                int length = (int) Math.min(most, stream.window(MSS));
                offer(stream, stream.received(), length);
                read(stream, length);
                stream.tune(MSS, 0, now);
            }
            return stream.limit();
        }

        @Test
        void aSenderThatFillsTheWindowMakesItGrowToTheMaximum() {
            assertEquals(4 << 20, afterRounds(tuned(), 12, Integer.MAX_VALUE));
        }

        @Test
        void aSlowSenderDoesNotMakeItGrow() {
            assertEquals(64 * 1024, afterRounds(tuned(), 50, 20_000));
        }

        @Test
        void itGrowsToMoreThanTwiceWhatIsReadPerRoundTripButNotToTheMaximum() {
            ReceiveStream stream = tuned();
            long limit = afterRounds(stream, 50, 500_000);
            assertTrue(limit >= 1_000_000 && limit < 4 << 20, "limit " + limit);
        }

        @Test
        void withoutTimestampsTheTimeOfOneWindowServes() {
            ReceiveStream stream = tuned();
            long now = 0;
            for (int round = 0; round < 14; round++) {
                now += RTT;
                int length = (int) stream.window(MSS);
                offer(stream, stream.received(), length);
                stream.measureByWindow(now);
                read(stream, length);
                stream.tune(MSS, 0, now);
            }
            assertTrue(stream.limit() > 1 << 20, "limit " + stream.limit());
        }

        @Test
        void itCanBeSwitchedOff() {
            assertEquals(64 * 1024, afterRounds(stream(64 * 1024), 12, Integer.MAX_VALUE));
        }
    }
}
