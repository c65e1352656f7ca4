package net.braid.sim;

/**
 * The control law of CoDel (RFC 8289 section 5): when every packet of an interval has waited longer than the target,
 * packets are dropped (or marked) as they leave the queue, at intervals that shrink with the square root of their
 * number, until one has waited less.
 */
final class CoDelState {
    private final QueueProperties.CoDel properties;
    private final int mtu;
    private long firstAbove;
    private long dropNext;
    private int count;
    private int lastCount;
    private boolean dropping;

    CoDelState(QueueProperties.CoDel properties, int mtu) {
        this.properties = properties;
        this.mtu = mtu;
    }

    /**
     * A packet leaves the queue. True: it must be dropped or marked. After a drop this is asked again for the next
     * packet; after a mark the packet is sent.
     *
     * @param waitedNanos how long the packet has been in the queue
     * @param bytesLeft how much waits behind it
     */
    boolean onDequeue(long waitedNanos, long bytesLeft, long now) {
        boolean above = isAboveForAnInterval(waitedNanos, bytesLeft, now);
        if (dropping) {
            if (!above) {
                dropping = false;
                return false;
            }
            if (now >= dropNext) {
                count++;
                dropNext = controlLaw(dropNext);
                return true;
            }
            return false;
        }
        if (!above) {
            return false;
        }
        dropping = true;
        int sinceLast = count - lastCount;
        // A controller that was good a short while ago is not started from the beginning.
        count = sinceLast > 1 && now - dropNext < 16 * properties.intervalNanos() ? sinceLast : 1;
        lastCount = count;
        dropNext = controlLaw(now);
        return true;
    }

    void onEmpty() {
        firstAbove = 0;
        dropping = false;
    }

    private boolean isAboveForAnInterval(long waitedNanos, long bytesLeft, long now) {
        if (waitedNanos < properties.targetNanos() || bytesLeft <= mtu) {
            firstAbove = 0;
            return false;
        }
        if (firstAbove == 0) {
            firstAbove = now + properties.intervalNanos();
            return false;
        }
        return now >= firstAbove;
    }

    private long controlLaw(long from) {
        return from + (long) (properties.intervalNanos() / Math.sqrt(count));
    }
}
