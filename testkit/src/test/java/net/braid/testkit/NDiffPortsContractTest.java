package net.braid.testkit;

class NDiffPortsContractTest extends PathManagerContract {
    NDiffPortsContractTest() {
        super(Policies.pathManager("ndiffports"));
    }
}
