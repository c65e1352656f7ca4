package net.braid.stack;

import net.braid.base.RandomSource;

/**
 * From the four-tuple of a segment to its flow. Open addressing, linear probing, a keyed hash so that a peer cannot
 * choose its ports for one long chain, and deletion that closes the gap, so that no tombstones pile up. Lookup does not
 * allocate.
 */
final class Demultiplexer {
    private static final int SMALLEST = 16;

    private final long key0;
    private final long key1;
    private FlowSlot[] slots = new FlowSlot[SMALLEST];
    private int size;

    Demultiplexer(RandomSource random) {
        key0 = random.nextLong();
        key1 = random.nextLong();
    }

    int size() {
        return size;
    }

    /** The flow with this four-tuple, or null. Ports are packed by {@link #ports}. */
    FlowSlot find(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        int mask = slots.length - 1;
        int hash = hash(localHigh, localLow, remoteHigh, remoteLow, ports);
        for (int i = hash & mask; ; i = i + 1 & mask) {
            FlowSlot slot = slots[i];
            if (slot == null || slot.hash == hash && slot.matches(localHigh, localLow, remoteHigh, remoteLow, ports)) {
                return slot;
            }
        }
    }

    /** Adds a flow whose four-tuple is not there yet. */
    void add(FlowSlot slot) {
        assert find(slot.localHigh, slot.localLow, slot.remoteHigh, slot.remoteLow, slot.ports) == null;
        // At most half full: a miss, which every SYN is, then looks at 2.5 places on average.
        if (2 * (size + 1) > slots.length) {
            resize(2 * slots.length);
        }
        slot.hash = hash(slot.localHigh, slot.localLow, slot.remoteHigh, slot.remoteLow, slot.ports);
        place(slot);
        size++;
    }

    /** Removes a flow that is there. */
    void remove(FlowSlot slot) {
        int mask = slots.length - 1;
        int gap = slot.hash & mask;
        while (slots[gap] != slot) {
            assert slots[gap] != null : "flow is not in the table";
            gap = gap + 1 & mask;
        }
        for (int i = gap + 1 & mask; slots[i] != null; i = i + 1 & mask) {
            // A flow may fill the gap if its own place is not between the gap and where it stands.
            if ((i - slots[i].hash & mask) >= (i - gap & mask)) {
                slots[gap] = slots[i];
                gap = i;
            }
        }
        slots[gap] = null;
        size--;
        if (slots.length > SMALLEST && 8 * size < slots.length) {
            resize(slots.length / 2);
        }
    }

    static int ports(int localPort, int remotePort) {
        return localPort << 16 | remotePort;
    }

    private int hash(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports) {
        // Two folded multiplications per 128 bits, each operand keyed: what cannot be guessed cannot be aimed at.
        long h = fold(localLow ^ key0, remoteLow ^ key1);
        if ((localHigh | remoteHigh) != 0) {
            h ^= fold(localHigh ^ key1, remoteHigh ^ key0);
        }
        h = fold(h ^ key1, ports ^ key0);
        return (int) (h ^ h >>> 32);
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }

    private void place(FlowSlot slot) {
        int mask = slots.length - 1;
        int i = slot.hash & mask;
        while (slots[i] != null) {
            i = i + 1 & mask;
        }
        slots[i] = slot;
    }

    private void resize(int length) {
        FlowSlot[] old = slots;
        slots = new FlowSlot[length];
        for (FlowSlot slot : old) {
            if (slot != null) {
                place(slot);
            }
        }
    }
}
