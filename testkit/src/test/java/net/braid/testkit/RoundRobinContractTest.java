package net.braid.testkit;

class RoundRobinContractTest extends PacketSchedulerContract {
    RoundRobinContractTest() {
        super(Policies.scheduler("roundrobin"));
    }
}
