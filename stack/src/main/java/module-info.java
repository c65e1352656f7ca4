/** The engine of one shard, sans I/O: demultiplexer, listeners, TIME-WAIT, ports, ICMP, routes, counters. */
module net.braid.stack {
    requires transitive net.braid.mptcp;
    requires transitive net.braid.link;

    exports net.braid.stack;

    uses net.braid.mptcp.PacketScheduler.Factory;
    uses net.braid.mptcp.PathManager.Factory;
    uses net.braid.tcp.CongestionController.Factory;
}
