package net.braid.base;

import java.util.Arrays;

/**
 * Map from long to int: open addressing, linear probing, a keyed hash so that nobody outside can choose keys that
 * collide. Removal closes the gap, so that lookups never slow down with age. Values are 0 or more; -1 means absent.
 */
public final class LongIntMap {
    /** What {@link #get} answers for a key that is not there. */
    public static final int ABSENT = -1;
    private static final int SMALLEST = 16;

    private final long secretMultiplier;
    private final long secretOffset;
    private long[] keys = new long[SMALLEST];
    private int[] values = new int[SMALLEST];
    private int shift = Long.numberOfLeadingZeros(SMALLEST - 1);
    private int size;

    public LongIntMap(RandomSource random) {
        secretMultiplier = random.nextLong() | 1;
        secretOffset = random.nextLong();
        Arrays.fill(values, ABSENT);
    }

    public int size() {
        return size;
    }

    public int get(long key) {
        for (int i = home(key); values[i] != ABSENT; i = next(i)) {
            if (keys[i] == key) {
                return values[i];
            }
        }
        return ABSENT;
    }

    /** Sets the value of {@code key}; answers the old one, or {@link #ABSENT}. */
    public int put(long key, int value) {
        assert value >= 0;
        int i = home(key);
        while (values[i] != ABSENT) {
            if (keys[i] == key) {
                int old = values[i];
                values[i] = value;
                return old;
            }
            i = next(i);
        }
        keys[i] = key;
        values[i] = value;
        size++;
        if (size * 2 > values.length) {
            rehash(values.length * 2);
        }
        return ABSENT;
    }

    /** Removes {@code key}; answers its value, or {@link #ABSENT}. */
    public int remove(long key) {
        int i = home(key);
        while (values[i] != ABSENT && keys[i] != key) {
            i = next(i);
        }
        int old = values[i];
        if (old == ABSENT) {
            return ABSENT;
        }
        values[i] = ABSENT;
        size--;
        closeGap(i);
        if (values.length > SMALLEST && size * 8 < values.length) {
            rehash(values.length / 2);
        }
        return old;
    }

    public void clear() {
        Arrays.fill(values, ABSENT);
        size = 0;
    }

    private void closeGap(int gap) {
        int mask = values.length - 1;
        for (int i = next(gap); values[i] != ABSENT; i = next(i)) {
            int distance = (i - home(keys[i])) & mask;
            if (distance >= ((i - gap) & mask)) {
                keys[gap] = keys[i];
                values[gap] = values[i];
                values[i] = ABSENT;
                gap = i;
            }
        }
    }

    private int home(long key) {
        return (int) (Xoshiro256.mix((key ^ secretOffset) * secretMultiplier) >>> shift);
    }

    private int next(int index) {
        return (index + 1) & (values.length - 1);
    }

    private void rehash(int length) {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[length];
        values = new int[length];
        Arrays.fill(values, ABSENT);
        shift = Long.numberOfLeadingZeros(length - 1);
        for (int j = 0; j < oldValues.length; j++) {
            if (oldValues[j] != ABSENT) {
                int i = home(oldKeys[j]);
                while (values[i] != ABSENT) {
                    i = next(i);
                }
                keys[i] = oldKeys[j];
                values[i] = oldValues[j];
            }
        }
    }
}
