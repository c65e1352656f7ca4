/** The seam to the network: what a link is, a loopback, and a tap that shows what passes a link. No native code. */
module net.braid.link {
    requires transitive net.braid.wire;

    exports net.braid.link;
}
