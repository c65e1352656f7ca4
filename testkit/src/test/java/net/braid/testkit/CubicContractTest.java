package net.braid.testkit;

class CubicContractTest extends CongestionControllerContract {
    CubicContractTest() {
        super(Policies.congestionController("cubic"));
    }
}
