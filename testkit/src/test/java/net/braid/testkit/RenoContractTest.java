package net.braid.testkit;

class RenoContractTest extends CongestionControllerContract {
    RenoContractTest() {
        super(Policies.congestionController("reno"));
    }
}
