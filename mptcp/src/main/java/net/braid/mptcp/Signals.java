package net.braid.mptcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import net.braid.wire.MptcpOption;
import net.braid.wire.OptionWriter;

/**
 * Options that wait for an acknowledgment to ride on: ADD_ADDR and its echo, REMOVE_ADDR, MP_PRIO, MP_FAIL. Control
 * plane: a handful per connection. At most {@link #LIMIT} wait at a time.
 */
final class Signals {
    static final int LIMIT = 32;

    /** An option, and the subflow that it must leave on; null: any. */
    private record Waiting(MptcpOption option, SubflowContext on) {
    }

    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** False: too many wait already. */
    boolean add(MptcpOption option, SubflowContext on) {
        if (queue.size() == LIMIT) {
            return false;
        }
        queue.add(new Waiting(option, on));
        return true;
    }

    /** Whether something waits for this subflow. */
    boolean waitFor(SubflowContext context) {
        if (queue.isEmpty()) {
            return false;
        }
        for (Waiting waiting : queue) {
            if (waiting.on == null || waiting.on == context) {
                return true;
            }
        }
        return false;
    }

    /** Padded length of the first option that may leave here; 0: none. */
    int nextLength(SubflowContext context) {
        if (queue.isEmpty()) {
            return 0;
        }
        for (Waiting waiting : queue) {
            if (waiting.on == null || waiting.on == context) {
                return waiting.option.length() + 3 & ~3;
            }
        }
        return 0;
    }

    /** Gives up the first option that may leave here. */
    void dropNext(SubflowContext context) {
        Iterator<Waiting> all = queue.iterator();
        while (all.hasNext()) {
            Waiting waiting = all.next();
            if (waiting.on == null || waiting.on == context) {
                all.remove();
                return;
            }
        }
    }

    /** Writes the first option that may leave here, if it fits into {@code room} bytes; answers whether it did. */
    boolean write(SubflowContext context, OptionWriter options, int room) {
        Iterator<Waiting> all = queue.iterator();
        while (all.hasNext()) {
            Waiting waiting = all.next();
            if (waiting.on == null || waiting.on == context) {
                int padded = waiting.option.length() + 3 & ~3;
                if (padded > room) {
                    return false;
                }
                all.remove();
                waiting.option.encode(options);
                while ((options.length() & 3) != 0) {
                    options.nop();
                }
                return true;
            }
        }
        return false;
    }

    /** The subflow is gone: what could leave only there is dropped; answers it, so that it may be sent elsewhere. */
    List<MptcpOption> drop(SubflowContext context) {
        List<MptcpOption> dropped = new ArrayList<>();
        queue.removeIf(waiting -> {
            if (waiting.on != context) {
                return false;
            }
            dropped.add(waiting.option);
            return true;
        });
        return dropped;
    }

    void clear() {
        queue.clear();
    }
}
