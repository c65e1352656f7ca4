package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
    private final BlockPool pool = new BlockPool(Arena.ofAuto(), 64, 100);

    @Test
    void allocateRefusesAtTheLimitAndCountsIt() {
        for (int i = 0; i < 100; i++) {
            assertNotEquals(BlockPool.NONE, pool.allocate());
        }
        assertEquals(BlockPool.NONE, pool.allocate());
        assertEquals(1, pool.refused());
        assertEquals(100, pool.created());
    }

    @Test
    void theLastBlockReleasedIsTheNextAllocated() {
        int first = pool.allocate();
        int second = pool.allocate();
        pool.release(second);
        pool.release(first);
        assertEquals(first, pool.allocate());
        assertEquals(second, pool.allocate());
    }

    @Test
    void highWaterKeepsTheMaximum() {
        int first = pool.allocate();
        int second = pool.allocate();
        pool.release(first);
        pool.release(second);
        assertEquals(0, pool.inUse());
        assertEquals(2, pool.highWater());
    }

    @Test
    void releasingTwiceIsAProgramError() {
        int block = pool.allocate();
        pool.release(block);
        assertThrows(AssertionError.class, () -> pool.release(block));
    }

    @Test
    void noWriteCanLeaveABlock() {
        int block = pool.allocate();
        assertThrows(IndexOutOfBoundsException.class,
                () -> pool.block(block).set(ValueLayout.JAVA_BYTE, 64, (byte) 1));
    }

    @Test
    void aLowerLimitRefusesUntilEnoughHasComeBack() {
        int first = pool.allocate();
        int second = pool.allocate();
        pool.limit(1);
        assertEquals(BlockPool.NONE, pool.allocate());
        pool.release(first);
        assertEquals(0, pool.available());
        pool.release(second);
        assertEquals(1, pool.available());
    }

    @Test
    void blocksDoNotOverlap() {
        int[] handles = new int[100];
        for (int i = 0; i < 100; i++) {
            handles[i] = pool.allocate();
            pool.block(handles[i]).fill((byte) i);
        }
        for (int i = 0; i < 100; i++) {
            assertEquals((byte) i, pool.block(handles[i]).get(ValueLayout.JAVA_BYTE, 0));
            assertEquals((byte) i, pool.block(handles[i]).get(ValueLayout.JAVA_BYTE, 63));
        }
    }
}
