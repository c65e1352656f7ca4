package net.braid.testkit;

class OliaContractTest extends CongestionControllerContract {
    OliaContractTest() {
        super(Policies.congestionController("olia"));
    }
}
