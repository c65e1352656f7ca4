/** Congestion controllers, schedulers and path managers. Found by ServiceLoader, named as Linux names them. */
module net.braid.policy {
    requires transitive net.braid.mptcp;

    provides net.braid.tcp.CongestionController.Factory
            with net.braid.policy.Reno.Factory, net.braid.policy.Cubic.Factory, net.braid.policy.Lia.Factory,
                    net.braid.policy.Olia.Factory, net.braid.policy.Balia.Factory;
    provides net.braid.mptcp.PacketScheduler.Factory
            with net.braid.policy.MinRttScheduler.Factory, net.braid.policy.RoundRobinScheduler.Factory;
    provides net.braid.mptcp.PathManager.Factory
            with net.braid.policy.SignalPathManager.Factory, net.braid.policy.FullMeshPathManager.Factory,
                    net.braid.policy.FullMeshPathManager.EndpointFactory,
                    net.braid.policy.NDiffPortsPathManager.Factory;
}
