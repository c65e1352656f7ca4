/** What tests of several modules share: contracts, which every implementation of an interface is tested with. */
module net.braid.testkit {
    requires transitive net.braid.sim;
    requires transitive org.junit.jupiter.api;
    requires jdk.management;

    exports net.braid.testkit;

    uses net.braid.tcp.CongestionController.Factory;
    uses net.braid.mptcp.PacketScheduler.Factory;
    uses net.braid.mptcp.PathManager.Factory;

    provides net.braid.mptcp.PathManager.Factory with net.braid.testkit.ScriptedPathManager.Factory;
}
