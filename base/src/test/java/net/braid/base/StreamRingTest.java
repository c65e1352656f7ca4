package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class StreamRingTest {
    private static final int BLOCK = 64;

    private final Arena arena = Arena.ofAuto();
    private final BlockPool pool = new BlockPool(arena, BLOCK, 64);
    private final MemorySegment scratch = arena.allocate(8192);

    @Test
    void anEmptyRingHoldsNoBlock() {
        StreamRing ring = new StreamRing(pool, 10, 1000);
        assertTrue(ring.put(10, scratch, 0, 300));
        assertEquals(5, pool.inUse());
        ring.releaseTo(200);
        assertEquals(2, pool.inUse());
        ring.releaseTo(310);
        assertEquals(0, pool.inUse());
    }

    @Test
    void putBeyondALonelyOffsetTakesOnlyTheBlocksItTouches() {
        StreamRing ring = new StreamRing(pool, 0, 4096);
        assertTrue(ring.put(4000, scratch, 0, 10));
        assertEquals(1, pool.inUse());
    }

    @Test
    void putThatFindsThePoolExhaustedChangesNothing() {
        StreamRing ring = new StreamRing(pool, 0, 1 << 20);
        pool.limit(3);
        assertFalse(ring.put(0, scratch, 0, 4 * BLOCK));
        assertEquals(0, pool.inUse());
        assertEquals(0, ring.end());
        assertTrue(ring.put(0, scratch, 0, 3 * BLOCK));
        assertFalse(ring.put(3 * BLOCK, scratch, 0, 1));
        assertEquals(3 * BLOCK, ring.end());
    }

    @Test
    void putOutsideOfTheWindowIsAProgramError() {
        StreamRing ring = new StreamRing(pool, 0, 100);
        assertThrows(AssertionError.class, () -> ring.put(50, scratch, 0, 51));
    }

    @Test
    void gatherPointsAtTheBytesThemselves() {
        StreamRing ring = new StreamRing(pool, 0, 1000);
        fill(7, 0, 200);
        ring.put(0, scratch, 0, 200);
        Pieces pieces = new Pieces();
        ring.gather(30, 150, pieces);
        assertEquals(3, pieces.count());
        MemorySegment out = arena.allocate(150);
        pieces.copyTo(out, 0);
        assertEquals(-1, out.mismatch(scratch.asSlice(30, 150)));
    }

    @Test
    void capacityCanGrowAndShrink() {
        StreamRing ring = new StreamRing(pool, 0, 100);
        ring.capacity(2000);
        assertTrue(ring.put(1500, scratch, 0, 500));
        ring.capacity(10);
        assertEquals(10, ring.limit());
        ring.get(1500, scratch, 0, 500);
    }

    @Test
    void closeGivesEverythingBack() {
        StreamRing ring = new StreamRing(pool, 0, 2000);
        ring.put(0, scratch, 0, 100);
        ring.put(1000, scratch, 0, 1000);
        ring.close();
        assertEquals(0, pool.inUse());
    }

    @Test
    void randomOperationsAgreeWithAFlatModel() {
        for (long seed = 0; seed < 200; seed++) {
            new Model(seed).run(500);
        }
        assertEquals(0, pool.inUse());
    }

    private void fill(int salt, int at, int length) {
        for (int i = 0; i < length; i++) {
            scratch.set(ValueLayout.JAVA_BYTE, at + i, (byte) (salt * 31 + i * 7));
        }
    }

    /** A flat array of all bytes ever put, and a bit for each that is there. */
    private final class Model {
        private final long seed;
        private final Xoshiro256 random;
        private final long base;
        private final byte[] bytes = new byte[1 << 20];
        private final BitSet present = new BitSet();
        private final StreamRing ring;

        Model(long seed) {
            this.seed = seed;
            random = new Xoshiro256(seed);
            base = random.nextInt(1000) - 500;
            ring = new StreamRing(pool, base, 1 + random.nextInt(3000));
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> put();
                    case 4, 5 -> get();
                    case 6 -> ring.releaseTo(ring.start() + random.nextInt((int) (ring.end() - ring.start()) + 1));
                    default -> resize();
                }
                checkBlocks();
            }
            ring.close();
        }

        private void put() {
            int room = (int) (ring.limit() - ring.start());
            int at = random.nextInt(4) == 0 ? random.nextInt(room)
                    : (int) Math.min(room - 1, ring.end() - ring.start());
            int length = 1 + random.nextInt(Math.min(room - at, 400));
            long offset = ring.start() + at;
            fill(random.nextInt(256), 5, length);
            long endBefore = ring.end();
            int heldBefore = pool.inUse();
            if (!ring.put(offset, scratch, 5, length)) {
                assertEquals(endBefore, ring.end(), () -> "seed " + seed);
                assertEquals(heldBefore, pool.inUse(), () -> "seed " + seed);
                return;
            }
            int index = (int) (offset - base);
            for (int i = 0; i < length; i++) {
                bytes[index + i] = scratch.get(ValueLayout.JAVA_BYTE, 5 + i);
            }
            present.set(index, index + length);
        }

        private void get() {
            int from = present.nextSetBit((int) (ring.start() - base));
            if (from < 0) {
                return;
            }
            int length = 1 + random.nextInt(Math.min(4000, present.nextClearBit(from) - from));
            ring.get(base + from, scratch, 3, length);
            for (int i = 0; i < length; i++) {
                assertEquals(bytes[from + i], scratch.get(ValueLayout.JAVA_BYTE, 3 + i), "seed " + seed);
            }
        }

        private void resize() {
            ring.capacity(Math.max(ring.end() - ring.start(), 1 + random.nextInt(6000)));
        }

        private void checkBlocks() {
            int expected = 0;
            long last = Long.MIN_VALUE;
            for (int i = present.nextSetBit((int) (ring.start() - base)); i >= 0; i = present.nextSetBit(i + 1)) {
                long page = Math.floorDiv(base + i, BLOCK);
                expected += page == last ? 0 : 1;
                last = page;
            }
            // The block that start lies in may be held for bytes below start only.
            int spare = ring.blocksHeld() - expected;
            assertTrue(spare == 0 || spare == 1 && ring.end() > ring.start(), () -> "seed " + seed);
        }
    }
}
