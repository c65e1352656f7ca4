package net.braid.sim;

/** Whoever works a link's receiving end: a host. */
@FunctionalInterface
interface LinkOwner {
    /** There are packets to be received. */
    void onReadable(SimLink link, long now);
}
