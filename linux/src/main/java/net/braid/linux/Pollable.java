package net.braid.linux;

/** Something with a descriptor that an {@link EventWaiter} can watch. Called on the waiting thread only. */
public interface Pollable {
    int fileDescriptor();

    /** Whether writing was refused, so that it matters when it will be possible again. */
    default boolean wantsWrite() {
        return false;
    }

    /** Writing is possible again. */
    default void onWritable() {
    }

    /**
     * The descriptor has an error and nothing to read. Answers whether it can still be used; if not, it is not watched
     * any more.
     */
    default boolean onError() {
        return false;
    }
}
