/** The connection: streams, mappings, keys, scheduling, path management. Plain TCP is its one-subflow case. */
module net.braid.mptcp {
    requires transitive net.braid.tcp;

    exports net.braid.mptcp;
}
