package net.braid.testkit;

class FullMeshContractTest extends PathManagerContract {
    FullMeshContractTest() {
        super(Policies.pathManager("fullmesh"));
    }
}
