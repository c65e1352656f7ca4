package net.braid.mptcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SendStreamTest {
    private static final int MSS = 1000;

    private static ConnectionConfig.Builder config() {
        return ConnectionConfig.builder().sendBuffer(10_000, 1_000_000);
    }

    private static SendStream stream(ConnectionConfig.Builder config) {
        return new SendStream(Memory.budget(100), config.build());
    }

    private static int write(SendStream stream, int length) {
        return stream.write(Memory.stream(stream.written(), length), 0, length);
    }

    @Nested
    class Buffer {
        @Test
        void takesNoMoreThanItsLimit() {
            SendStream stream = stream(config());
            assertEquals(10_000, write(stream, 12_345));
            assertEquals(0, stream.writable());
            assertEquals(0, write(stream, 1));
        }

        @Test
        void acknowledgedBytesMakeRoom() {
            SendStream stream = stream(config());
            write(stream, 10_000);
            stream.onSent(4_000, MSS);
            stream.onAcknowledged(3_000);
            assertEquals(3_000, stream.writable());
        }

        @Test
        void gathersWhatWasWrittenAcrossBlocks() {
            SendStream stream = stream(config().sendBuffer(100_000, 100_000));
            write(stream, 50_000);
            Pieces pieces = new Pieces();
            stream.gather(16_000, 20_000, pieces);
            MemorySegment copy = Arena.ofAuto().allocate(20_000);
            pieces.copyTo(copy, 0);
            assertEquals(-1, Memory.mismatch(copy, 16_000, 20_000));
        }

        @Test
        void tellsAWaitingWriterOnceAndOnlyWhenAThirdIsFree() {
            SendStream stream = stream(config().autoTuning(false));
            write(stream, 10_001);
            stream.onSent(10_000, MSS);
            stream.onAcknowledged(3_000);
            assertFalse(stream.takeWriterMayGoOn());
            stream.onAcknowledged(4_000);
            assertTrue(stream.takeWriterMayGoOn());
            assertFalse(stream.takeWriterMayGoOn());
        }

        @Test
        void aWriterThatGotAllItWantedIsNotTold() {
            SendStream stream = stream(config());
            write(stream, 10_000);
            stream.onSent(10_000, MSS);
            stream.onAcknowledged(10_000);
            assertFalse(stream.takeWriterMayGoOn());
        }

        @Test
        void holdsNoMemoryWhenAllIsAcknowledged() {
            MemoryBudget memory = Memory.budget(100);
            SendStream stream = new SendStream(memory, config().sendBuffer(100_000, 100_000).build());
            write(stream, 70_000);
            stream.onSent(70_000, MSS);
            stream.onAcknowledged(70_000);
            assertEquals(0, memory.pool().inUse());
        }

        @Test
        void discardGivesBackWhatWasNeverSent() {
            MemoryBudget memory = Memory.budget(100);
            SendStream stream = new SendStream(memory, config().sendBuffer(100_000, 100_000).build());
            write(stream, 70_000);
            stream.onSent(1_000, MSS);
            stream.discard();
            assertEquals(0, memory.pool().inUse());
            assertEquals(0, stream.pending());
        }
    }

    @Nested
    class AutoTuning {
        @Test
        void growsToTwiceTheWindowWhileTheWriterWaits() {
            SendStream stream = stream(config());
            write(stream, 20_000);
            stream.grow(40_000, MSS);
            assertEquals(80_000, stream.limit());
        }

        @Test
        void doesNotGrowForAnApplicationThatWritesLittle() {
            SendStream stream = stream(config());
            write(stream, 100);
            stream.grow(40_000, MSS);
            assertEquals(10_000, stream.limit());
        }

        @Test
        void neverGrowsAboveItsMaximum() {
            SendStream stream = stream(config());
            write(stream, 20_000);
            stream.grow(Long.MAX_VALUE / 4, MSS);
            assertEquals(1_000_000, stream.limit());
        }

        @Test
        void canBeSwitchedOff() {
            SendStream stream = stream(config().autoTuning(false));
            write(stream, 20_000);
            stream.grow(40_000, MSS);
            assertEquals(10_000, stream.limit());
        }
    }

    @Nested
    @Tag("F13")
    class Nagle {
        @Test
        void firstShortSegmentLeavesAtOnce() {
            SendStream stream = stream(config());
            write(stream, 10);
            assertEquals(10, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void secondShortSegmentWaitsForTheFirst() {
            SendStream stream = stream(config());
            write(stream, 10);
            stream.onSent(10, MSS);
            write(stream, 10);
            assertEquals(0, stream.quantum(Long.MAX_VALUE, MSS));
            stream.onAcknowledged(10);
            assertEquals(10, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void fullSegmentsDoNotWaitButTheirTailDoes() {
            SendStream stream = stream(config());
            write(stream, 10);
            stream.onSent(10, MSS);
            write(stream, 2_300);
            assertEquals(2_000, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void tailBehindFullSegmentsLeavesThoughTheyAreOutstanding() {
            SendStream stream = stream(config());
            write(stream, 3_300);
            stream.onSent(3_000, MSS);
            assertEquals(300, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void noDelaySwitchesItOff() {
            SendStream stream = stream(config().noDelay(true));
            write(stream, 10);
            stream.onSent(10, MSS);
            write(stream, 10);
            assertEquals(10, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void theLastBytesBeforeFinDoNotWait() {
            SendStream stream = stream(config());
            write(stream, 10);
            stream.onSent(10, MSS);
            write(stream, 10);
            stream.shut();
            assertEquals(10, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void corkHoldsAShortSegmentEvenWhenNothingIsOutstanding() {
            SendStream stream = stream(config().noDelay(true));
            stream.cork(true);
            write(stream, 1_010);
            assertEquals(1_000, stream.quantum(Long.MAX_VALUE, MSS));
            stream.onSent(1_000, MSS);
            assertEquals(0, stream.quantum(Long.MAX_VALUE, MSS));
            stream.cork(false);
            assertEquals(10, stream.quantum(Long.MAX_VALUE, MSS));
        }

        @Test
        void quotaBoundsWhatLeaves() {
            SendStream stream = stream(config());
            write(stream, 5_500);
            assertEquals(2_000, stream.quantum(2_000, MSS));
            assertEquals(0, stream.quantum(0, MSS));
        }
    }

    @Test
    @Tag("F28")
    void onlyTheLastOfTheWrittenBytesEndsThem() {
        SendStream stream = stream(config());
        write(stream, 2_500);
        assertFalse(stream.endsWith(2_000));
        assertTrue(stream.endsWith(2_500));
    }

    @Nested
    @Tag("H17")
    class MemoryLimit {
        @Test
        void writesStopAtThreeQuartersOfThePool() {
            MemoryBudget memory = Memory.budget(8);
            SendStream stream = new SendStream(memory, config().sendBuffer(1_000_000, 1_000_000).build());
            int taken = write(stream, 200_000);
            assertEquals(6, memory.pool().inUse());
            assertEquals(6 * Memory.BLOCK, taken);
            assertTrue(stream.wantsMemory());
        }

        @Test
        void underPressureEachStreamHasOneBlockUntilSevenEighths() {
            MemoryBudget memory = Memory.budget(16);
            ConnectionConfig config = config().sendBuffer(1_000_000, 1_000_000).build();
            write(new SendStream(memory, config), 1_000_000);
            assertEquals(12, memory.pool().inUse());
            SendStream second = new SendStream(memory, config);
            assertEquals(Memory.BLOCK, write(second, 200_000));
            assertEquals(Memory.BLOCK, write(new SendStream(memory, config), 200_000));
            SendStream last = new SendStream(memory, config);
            assertEquals(0, write(last, 200_000));
            assertFalse(last.takeWriterMayGoOn());
            second.onSent(Memory.BLOCK, MSS);
            second.onAcknowledged(Memory.BLOCK);
            assertTrue(last.takeWriterMayGoOn());
            assertTrue(second.takeWriterMayGoOn());
        }

        @Test
        void aStartedBlockIsFilledEvenUnderPressure() {
            MemoryBudget memory = Memory.budget(8);
            SendStream first = new SendStream(memory, config().sendBuffer(1_000_000, 1_000_000).build());
            write(first, 10);
            SendStream second = new SendStream(memory, config().sendBuffer(1_000_000, 1_000_000).build());
            write(second, 200_000);
            assertTrue(memory.underPressure());
            assertEquals(Memory.BLOCK - 10, write(first, 200_000));
        }

        @Test
        void writerIsToldOnlyWhenThereIsMemoryAgain() {
            MemoryBudget memory = Memory.budget(8);
            SendStream stream = new SendStream(memory, config().sendBuffer(1_000_000, 1_000_000).build());
            write(stream, 200_000);
            assertFalse(stream.takeWriterMayGoOn());
            stream.onSent(2 * Memory.BLOCK, MSS);
            stream.onAcknowledged(2 * Memory.BLOCK);
            assertTrue(stream.takeWriterMayGoOn());
        }
    }
}
