/** Requirement report, house rules, checks against other implementations. */
module net.braid.conformance {
    exports net.braid.conformance;
}
