package net.braid.sim;

/** What has happened to the frames of one pipe. All in frames but where bytes are named. */
public final class PipeCounters {
    long offered;
    long offeredBytes;
    long delivered;
    long deliveredBytes;
    long droppedByQueue;
    long droppedEarly;
    long lost;
    long tooBig;
    long droppedWhileDown;
    long filtered;
    long marked;
    long corrupted;
    long duplicated;
    long heldBack;
    int mostWaiting;
    long mostWaitingBytes;

    public long offered() {
        return offered;
    }

    public long offeredBytes() {
        return offeredBytes;
    }

    public long delivered() {
        return delivered;
    }

    public long deliveredBytes() {
        return deliveredBytes;
    }

    /** The queue was full. */
    public long droppedByQueue() {
        return droppedByQueue;
    }

    /** By RED or CoDel. */
    public long droppedEarly() {
        return droppedEarly;
    }

    /** On the wire. */
    public long lost() {
        return lost;
    }

    /** Larger than the MTU. */
    public long tooBig() {
        return tooBig;
    }

    public long droppedWhileDown() {
        return droppedWhileDown;
    }

    /** Taken out by a test's filter. */
    public long filtered() {
        return filtered;
    }

    /** Marked as congestion experienced by RED or CoDel. */
    public long marked() {
        return marked;
    }

    public long corrupted() {
        return corrupted;
    }

    /** Extra copies made. */
    public long duplicated() {
        return duplicated;
    }

    /** Held back so that others overtake them. */
    public long heldBack() {
        return heldBack;
    }

    /** Most frames that ever waited in the queue. */
    public int mostWaiting() {
        return mostWaiting;
    }

    public long mostWaitingBytes() {
        return mostWaitingBytes;
    }

    /** All frames that were offered and did not arrive. */
    public long dropped() {
        return droppedByQueue + droppedEarly + lost + tooBig + droppedWhileDown + filtered;
    }

    @Override
    public String toString() {
        return "offered " + offered + ", delivered " + delivered + ", dropped: queue " + droppedByQueue + " early "
                + droppedEarly + " wire " + lost + " mtu " + tooBig + " down " + droppedWhileDown + ", marked "
                + marked + ", duplicated " + duplicated + ", held back " + heldBack + ", corrupted " + corrupted;
    }
}
