package net.braid.testkit;

class BaliaContractTest extends CongestionControllerContract {
    BaliaContractTest() {
        super(Policies.congestionController("balia"));
    }
}
