/** Virtual time, hosts that run the real engine, routers, links with faults, scenarios, checkers, swarm. */
module net.braid.sim {
    requires transitive net.braid.stack;
    requires net.braid.policy;

    uses net.braid.tcp.CongestionController.Factory;
    uses net.braid.mptcp.PacketScheduler.Factory;
    uses net.braid.mptcp.PathManager.Factory;

    exports net.braid.sim;
}
