package net.braid.testkit;

class LiaContractTest extends CongestionControllerContract {
    LiaContractTest() {
        super(Policies.congestionController("lia"));
    }
}
