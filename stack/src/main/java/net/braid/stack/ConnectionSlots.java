package net.braid.stack;

import java.util.Arrays;

/** The connections of a shard by number. Numbers are small, and used again. */
final class ConnectionSlots {
    private ConnectionSlot[] slots = new ConnectionSlot[16];
    private int[] free = new int[16];
    private int freeCount;
    private int numbers;

    ConnectionSlot add(Stack stack) {
        int number = freeCount > 0 ? free[--freeCount] : numbers++;
        if (number == slots.length) {
            slots = Arrays.copyOf(slots, 2 * number);
        }
        return slots[number] = new ConnectionSlot(stack, number);
    }

    /** Null when the number is free. */
    ConnectionSlot get(int number) {
        return slots[number];
    }

    /** All numbers are below this. */
    int bound() {
        return numbers;
    }

    void remove(ConnectionSlot slot) {
        assert slots[slot.number] == slot;
        slots[slot.number] = null;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot.number;
    }
}
