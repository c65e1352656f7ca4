package net.braid.testkit;

class MinRttContractTest extends PacketSchedulerContract {
    MinRttContractTest() {
        super(Policies.scheduler("default"));
    }
}
