package net.braid.sim;

/** Something that can have one pending event at a time. */
@FunctionalInterface
interface Actor {
    /** The time that was scheduled has come; nothing is scheduled any more. */
    void onEvent(long now);
}
