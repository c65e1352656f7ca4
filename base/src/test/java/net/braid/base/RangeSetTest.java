package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class RangeSetTest {
    private final RangeSet set = new RangeSet(4);

    @Test
    void touchingRangesBecomeOne() {
        set.add(0, 10);
        set.add(20, 30);
        set.add(10, 20);
        assertEquals("{[0,30)}", set.toString());
        assertEquals(30, set.covered());
    }

    @Test
    void addRefusesMoreRangesThanTheLimitAndChangesNothing() {
        for (int i = 0; i < 4; i++) {
            assertTrue(set.add(10 * i, 10 * i + 5));
        }
        assertFalse(set.add(100, 101));
        assertFalse(set.add(-10, -5));
        assertEquals("{[0,5) [10,15) [20,25) [30,35)}", set.toString());
        assertTrue(set.add(3, 32));
        assertEquals("{[0,35)}", set.toString());
    }

    @Test
    void removeThatWouldSplitBeyondTheLimitChangesNothing() {
        for (int i = 0; i < 4; i++) {
            set.add(10 * i, 10 * i + 5);
        }
        assertFalse(set.remove(11, 12));
        assertEquals(20, set.covered());
        assertTrue(set.remove(11, 22));
        assertEquals("{[0,5) [10,11) [22,25) [30,35)}", set.toString());
    }

    @Test
    void queriesSeeHolesAndEdges() {
        set.add(10, 20);
        set.add(30, 40);
        assertEquals(20, set.firstGap(15));
        assertEquals(25, set.firstGap(25));
        assertEquals(30, set.nextChange(20));
        assertEquals(Long.MAX_VALUE, set.nextChange(40));
        assertEquals(1, set.indexOf(39));
        assertEquals(-1, set.indexOf(20));
        assertTrue(set.contains(10, 20));
        assertFalse(set.contains(10, 21));
        assertTrue(set.intersects(0, 11));
        assertFalse(set.intersects(20, 30));
    }

    @Test
    void randomOperationsAgreeWithABitSet() {
        for (long seed = 0; seed < 300; seed++) {
            compare(seed, seed % 3 == 0 ? 8 : 1000, seed % 2 == 0 ? 60 : 2000);
        }
    }

    private static void compare(long seed, int limit, int universe) {
        Xoshiro256 random = new Xoshiro256(seed);
        RangeSet ranges = new RangeSet(limit);
        BitSet model = new BitSet();
        for (int step = 0; step < 400; step++) {
            int from = random.nextInt(universe);
            int to = from + 1 + random.nextInt(1 + universe / 20);
            BitSet changed = (BitSet) model.clone();
            boolean accepted = true;
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4 -> {
                    changed.set(from, to);
                    accepted = ranges.add(from, to);
                }
                case 5, 6, 7 -> {
                    changed.clear(from, to);
                    accepted = ranges.remove(from, to);
                }
                case 8 -> {
                    int below = random.nextInt(8) == 0 ? universe + 200 : from / 4;
                    changed.clear(0, below);
                    ranges.removeBelow(below);
                }
                default -> ranges.trim();
            }
            String where = "seed " + seed + " step " + step;
            assertEquals(rangesIn(changed) <= limit, accepted, where);
            if (accepted) {
                model = changed;
            }
            assertSame(model, ranges, where);
            assertEquals(model.nextClearBit(from), ranges.firstGap(from), where);
            assertEquals(model.get(from), ranges.contains(from), where);
            assertEquals(model.nextClearBit(from) >= to, ranges.contains(from, to), where);
            assertEquals(model.get(from, to).cardinality(), ranges.covered(from, to), where);
            assertEquals(!model.get(from, to).isEmpty(), ranges.intersects(from, to), where);
        }
    }

    private static void assertSame(BitSet model, RangeSet ranges, String where) {
        int index = 0;
        for (int bit = model.nextSetBit(0); bit >= 0; bit = model.nextSetBit(model.nextClearBit(bit))) {
            assertEquals(bit, ranges.from(index), where);
            assertEquals(model.nextClearBit(bit), ranges.to(index), where);
            index++;
        }
        assertEquals(index, ranges.size(), where);
        assertEquals(model.cardinality(), ranges.covered(), where);
    }

    private static int rangesIn(BitSet model) {
        int count = 0;
        for (int bit = model.nextSetBit(0); bit >= 0; bit = model.nextSetBit(model.nextClearBit(bit))) {
            count++;
        }
        return count;
    }
}
