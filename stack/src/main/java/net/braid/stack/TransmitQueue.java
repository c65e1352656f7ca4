package net.braid.stack;

/** Connections that may have something to send, first come first served; an intrusive list. */
final class TransmitQueue {
    private ConnectionSlot head;
    private ConnectionSlot tail;

    boolean isEmpty() {
        return head == null;
    }

    /** At the end, unless it is in already. */
    void add(ConnectionSlot slot) {
        if (slot.queued) {
            return;
        }
        slot.queued = true;
        slot.nextQueued = null;
        if (tail == null) {
            head = slot;
        } else {
            tail.nextQueued = slot;
        }
        tail = slot;
    }

    /** The first one, no longer in; null when empty. */
    ConnectionSlot poll() {
        ConnectionSlot slot = head;
        if (slot != null) {
            head = slot.nextQueued;
            if (head == null) {
                tail = null;
            }
            slot.nextQueued = null;
            slot.queued = false;
        }
        return slot;
    }

    /** Puts all of {@code other} in front of what is here, in order, and leaves {@code other} empty. */
    void prepend(TransmitQueue other) {
        if (other.head == null) {
            return;
        }
        other.tail.nextQueued = head;
        head = other.head;
        if (tail == null) {
            tail = other.tail;
        }
        other.head = null;
        other.tail = null;
    }
}
