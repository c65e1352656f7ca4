package net.braid.mptcp;

import net.braid.tcp.FlowView;

/**
 * Chooses the subflow, or subflows, that carry the next stretch of the data stream. It may be unwise, never unsafe: the
 * engine masks its answer with the flows that may carry the stretch.
 */
public interface PacketScheduler {
    /** Send the stretch on no flow now. */
    long WAIT = 0L;

    /** The question; one instance per connection, overwritten for each decision. Bit i stands for flow i. */
    interface Context {
        /** Flows that can take the whole stretch now. Never 0. */
        long ready();

        /** Flows that are established and not suspected to have failed, whether they have room now or not. */
        long usable();

        /** Flow {@code index}; null when there is none. */
        FlowView flow(int index);

        /** Nanoseconds. */
        long now();

        /** Bytes of the stretch. */
        int length();

        /** Bytes written by the application and not yet sent on any flow. */
        long unsentBytes();

        /** Bytes that may still be sent within the peer's connection-level window. */
        long windowBytes();

        /** True when the stretch was sent before, on the flows in {@link #alreadyOn}. */
        boolean isReinjection();

        /** Flows that carry this stretch already; the engine will not send it there again. */
        long alreadyOn();
    }

    /** Bit i: send the stretch on flow i. More than one bit is redundant transmission; {@link #WAIT} sends none. */
    long select(Context context);

    /** Registered with {@code provides} in module-info. */
    interface Factory {
        /** As Linux names it: {@code default}, {@code roundrobin}. */
        String name();

        PacketScheduler create();
    }
}
