package net.braid.mptcp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.braid.mptcp.SubflowContext.Stage;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;
import net.braid.tcp.Subflow;
import net.braid.wire.IpAddress;

/** The subflows of a connection. Index i is bit i of every mask; a free place is null. */
final class Flows implements CouplingGroup {
    /** The first subflow and up to seven more. */
    static final int LIMIT = 8;

    private SubflowContext[] places = new SubflowContext[1];
    private int count;
    private SubflowContext carrier;

    /** Index for the next subflow, or -1 when all are taken. */
    int freeIndex() {
        for (int i = 0; i < places.length; i++) {
            if (places[i] == null) {
                return i;
            }
        }
        return places.length < LIMIT ? places.length : -1;
    }

    void add(SubflowContext context) {
        if (context.index >= places.length) {
            places = Arrays.copyOf(places, Math.min(LIMIT, 2 * places.length));
        }
        assert places[context.index] == null;
        places[context.index] = context;
        count++;
    }

    void remove(SubflowContext context) {
        assert places[context.index] == context;
        places[context.index] = null;
        count--;
        if (carrier == context) {
            carrier = null;
        }
    }

    /** Places, not subflows: the bound for {@link #at}. */
    int places() {
        return places.length;
    }

    /** The subflow at a place, or null. */
    SubflowContext at(int index) {
        return index < places.length ? places[index] : null;
    }

    SubflowContext of(Subflow flow) {
        return places[flow.index()];
    }

    /** From now on {@code context} carries both streams, whatever other subflows still have to say. */
    void carryAll(SubflowContext context) {
        carrier = context;
    }

    /** The subflow of a plain connection; null when there is none. */
    SubflowContext carrier() {
        if (carrier != null) {
            return carrier;
        }
        for (SubflowContext context : places) {
            if (context != null) {
                return context;
            }
        }
        return null;
    }

    int count() {
        return count;
    }

    /** Subflows whose handshake is complete. */
    int establishedCount() {
        return count(SubflowContext.Stage.ESTABLISHED);
    }

    /** Whether a subflow from another address of ours is open. */
    boolean hasOpenElsewhere(IpAddress address) {
        for (SubflowContext context : places) {
            if (context != null && context.isOpen() && !context.local.equals(address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is another subflow to go on with. */
    boolean hasOpenBeside(SubflowContext one) {
        for (SubflowContext context : places) {
            if (context != null && context != one && context.isOpen()) {
                return true;
            }
        }
        return false;
    }

    int count(SubflowContext.Stage stage) {
        int found = 0;
        for (SubflowContext context : places) {
            if (context != null && context.stage == stage) {
                found++;
            }
        }
        return found;
    }

    /** Subflows over which data can be on its way: not joins whose proof has not been sent, or has not come. */
    int carryingCount() {
        int carrying = 0;
        for (SubflowContext context : places) {
            if (context != null && context.stage != Stage.JOIN_SYN && context.stage != Stage.JOIN_WAIT) {
                carrying++;
            }
        }
        return carrying;
    }

    /**
     * What can be on its way over all subflows, in bytes: the sum of the windows, or, when that is more, of the rates
     * times the slowest round trip, because what the slowest brings last holds up all that the others brought before
     * (RFC 8684 section 3.3.5 asks for the highest round-trip time times the sum of the bandwidths).
     */
    long flightTarget() {
        long windows = 0;
        long rates = 0;
        for (SubflowContext context : places) {
            if (context != null) {
                windows += context.flow.congestionWindow();
                rates += context.flow.maximumDeliveryRate();
            }
        }
        return count == 1 ? windows : Math.max(windows, (long) (rates * (slowestRttNanos() / 1e9)));
    }

    /** Largest smoothed round-trip time of all subflows, or 0. */
    long slowestRttNanos() {
        long slowest = 0;
        for (SubflowContext context : places) {
            if (context != null) {
                slowest = Math.max(slowest, context.flow.smoothedRttNanos());
            }
        }
        return slowest;
    }

    /** In order of places. */
    List<SubflowInfo> describe() {
        List<SubflowInfo> described = new ArrayList<>(count);
        for (SubflowContext c : places) {
            if (c != null) {
                described.add(c.describe());
            }
        }
        return described;
    }

    /** For a connection that has gone idle. */
    void trim() {
        for (SubflowContext context : places) {
            if (context != null) {
                context.trim();
            }
        }
    }

    void onReceiveWindowOpened(long now) {
        for (SubflowContext context : places) {
            if (context != null) {
                context.flow.onReceiveWindowOpened(now);
            }
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    @Override
    public int size() {
        return count;
    }

    /** The {@code position}th live subflow, for coupled congestion control. */
    @Override
    public FlowView flow(int position) {
        int seen = 0;
        for (SubflowContext context : places) {
            if (context != null && seen++ == position) {
                return context.flow;
            }
        }
        throw new IndexOutOfBoundsException(position);
    }
}
