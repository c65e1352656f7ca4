/** What tests of several modules share: segment builder, matchers, scripted peer, contract tests. */
module net.braid.testkit {
    requires transitive net.braid.sim;

}
