/** Requirement report, house rules, checks against other implementations. */
module net.braid.conformance {
    requires net.braid.runtime;
    requires net.braid.linux;
    requires net.braid.testkit;
    requires jdk.management;

    exports net.braid.conformance;
}
