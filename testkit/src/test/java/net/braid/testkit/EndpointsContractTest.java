package net.braid.testkit;

class EndpointsContractTest extends PathManagerContract {
    EndpointsContractTest() {
        super(Policies.pathManager("endpoints"));
    }
}
