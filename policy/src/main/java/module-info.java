/** Congestion controllers, schedulers and path managers. Found by ServiceLoader, named as Linux names them. */
module net.braid.policy {
    requires transitive net.braid.mptcp;

    provides net.braid.tcp.CongestionController.Factory
            with net.braid.policy.Reno.Factory, net.braid.policy.Cubic.Factory;
}
