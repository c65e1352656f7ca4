package net.braid.cli;

/** Who sends. On the wire 1, 2, 3. */
enum PerfDirection {
    /** The client. */
    FORWARD,
    /** The server. */
    REVERSE,
    /** Both at once. */
    BOTH
}
