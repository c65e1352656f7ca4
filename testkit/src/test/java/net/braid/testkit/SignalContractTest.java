package net.braid.testkit;

class SignalContractTest extends PathManagerContract {
    SignalContractTest() {
        super(Policies.pathManager("default"));
    }
}
