package net.braid.stack;

import net.braid.mptcp.MemoryBudget;
import net.braid.tcp.Counter;
import net.braid.tcp.Counters;

/**
 * Connections whose writes were refused for want of memory. Those that hold none at all go first, since the budget
 * keeps a block for each of them; within both groups whoever came first.
 */
final class MemoryWaiters {
    private static final class Line {
        private ConnectionSlot first;
        private ConnectionSlot last;
        private int size;

        void add(ConnectionSlot slot) {
            slot.nextWaiter = null;
            if (last == null) {
                first = slot;
            } else {
                last.nextWaiter = slot;
            }
            last = slot;
            size++;
        }

        ConnectionSlot poll() {
            ConnectionSlot slot = first;
            first = slot.nextWaiter;
            if (first == null) {
                last = null;
            }
            slot.nextWaiter = null;
            size--;
            return slot;
        }
    }

    private final MemoryBudget memory;
    private final Counters counters;
    private final Line withoutMemory = new Line();
    private final Line withMemory = new Line();
    private boolean pressure;
    private long refused;

    MemoryWaiters(MemoryBudget memory, Counters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    void add(ConnectionSlot slot) {
        if (!slot.waitsForMemory) {
            slot.waitsForMemory = true;
            (slot.connection.sendStream().blocksHeld() == 0 ? withoutMemory : withMemory).add(slot);
        }
    }

    /** Lets those go on for whom there is memory. */
    void wake(long now) {
        boolean under = memory.underPressure();
        if (under && !pressure) {
            counters.increment(Counter.TCP_MEMORY_PRESSURES);
        }
        pressure = under;
        counters.add(Counter.TCP_MEMORY_REFUSED, memory.pool().refused() - refused);
        refused = memory.pool().refused();
        wake(withoutMemory, 0, now);
        wake(withMemory, 1, now);
    }

    private void wake(Line line, int blocksHeld, long now) {
        // Who is refused again stands in line again, and waits for the next time.
        for (int left = line.size; left > 0 && memory.allowsWrite(blocksHeld); left--) {
            ConnectionSlot slot = line.poll();
            slot.waitsForMemory = false;
            if (!slot.gone) {
                slot.connection.onMemory(now);
            }
        }
    }
}
