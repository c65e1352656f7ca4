/** Wire formats of IP, ICMP, TCP and Multipath TCP: decoder, option writer, records, checksums, printer, pcapng. */
module net.braid.wire {
    requires transitive net.braid.base;

    exports net.braid.wire;
}
