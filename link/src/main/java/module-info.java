/** The seam to the network: what a link is, and links made of links (taps, faults). No native code. */
module net.braid.link {
    requires transitive net.braid.wire;

    exports net.braid.link;
}
