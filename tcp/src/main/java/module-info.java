/** One TCP flow on one path: state machine, acknowledgment, loss recovery, congestion control. Knows no other flow. */
module net.braid.tcp {
    requires transitive net.braid.wire;

    exports net.braid.tcp;
}
