/**
 * The way to the wire on Linux, by foreign functions: TUN, packet sockets, UDP, netlink, wake-ups. The only module that
 * needs native access.
 */
module net.braid.linux {
    requires transitive net.braid.link;

    exports net.braid.linux;
}
