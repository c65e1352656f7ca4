package net.braid.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import net.braid.wire.IpAddress;

/**
 * Between which UDP ports IP packets travel; made by {@link #to} at the end that knows the other, and by
 * {@link #listening} at the end that is found.
 *
 * <p><b>Wire format.</b> Each UDP datagram is one whole IPv4 or IPv6 packet, its header first, and nothing else. The
 * first four bits tell the version; datagrams that begin otherwise are reserved and dropped. An empty datagram keeps a
 * port mapping alive and means nothing. Inner TCP checksums are right. The outer packet is never fragmented. So the
 * packets of one super-segment are datagrams of one size but for the last, as segmentation offload of UDP wants it.
 *
 * <p><b>Peers.</b> An end made by {@code to} talks with one remote port only. A listening end learns behind which outer
 * address an inner address is from each packet's inner source address, for 1024 of them. An inner address moves to
 * another outer address (a new port of a NAT) when the old one has been silent for five seconds; until then packets
 * that come from elsewhere under that inner address are dropped. Answers leave from the address that the kernel chooses
 * when the end listens at an unspecified address: on a machine with several, listen at one of them.
 *
 * <p>There is neither encryption nor authentication: who can send datagrams can send packets, and can claim an inner
 * address that is silent. Over networks that are not trusted, run it inside something that has both.
 *
 * @param local outer address of ours, or null: chosen by the kernel
 * @param localPort 0: an ephemeral port
 * @param remote outer address of the peer, or null at a listening end
 * @param remotePort 0 at a listening end
 * @param device the interface that datagrams must leave by, or null: chosen by the kernel's routes
 * @param outerMtu largest outer IP packet in bytes, or 0: that of the interface or route where it can be found, else
 *     1500
 */
public record Encapsulation(IpAddress local, int localPort, IpAddress remote, int remotePort, String device,
        int outerMtu) {
    static final int DEFAULT_MTU = 1500;
    static final int UDP_HEADER = 8;
    /** Largest payload of one datagram of IPv4; IPv6 would allow 20 more. */
    static final int LARGEST_DATAGRAM = 65_507;

    private static final int SMALLEST_MTU = 576;

    /** @throws IllegalArgumentException with a line that says what is wrong */
    public Encapsulation {
        if (local == null && remote == null) {
            throw new IllegalArgumentException("UDP encapsulation needs an address to listen at or to send to");
        }
        if (local != null && remote != null && local.isV4() != remote.isV4()) {
            throw new IllegalArgumentException(local + " and " + remote + " are of different IP versions");
        }
        if (localPort < 0 || localPort > 65_535 || remotePort < 0 || remotePort > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535");
        }
        if (remote != null && remotePort == 0) {
            throw new IllegalArgumentException("the port of " + remote + " is missing");
        }
        if (outerMtu != 0 && (outerMtu < SMALLEST_MTU || outerMtu > 65_535)) {
            throw new IllegalArgumentException("an MTU is 576 to 65535, not " + outerMtu);
        }
    }

    /** Packets go to this port, and come from it. */
    public static Encapsulation to(IpAddress remote, int port) {
        return new Encapsulation(null, 0, remote, port, null, 0);
    }

    /** Packets go to where packets have come from. */
    public static Encapsulation listening(IpAddress local, int port) {
        return new Encapsulation(local, port, null, 0, null, 0);
    }

    public Encapsulation from(IpAddress address, int port) {
        return new Encapsulation(address, port, remote, remotePort, device, outerMtu);
    }

    public Encapsulation over(String name) {
        return new Encapsulation(local, localPort, remote, remotePort, name, outerMtu);
    }

    public Encapsulation withOuterMtu(int bytes) {
        return new Encapsulation(local, localPort, remote, remotePort, device, bytes);
    }

    boolean isV4() {
        return (local != null ? local : remote).isV4();
    }

    /** Largest inner packet for an outer MTU. */
    int innerMtu(int outer) {
        return Math.min(outer - (isV4() ? 20 : 40) - UDP_HEADER, LARGEST_DATAGRAM);
    }

    /** The MTU of the interface that has an address, or 1500. */
    static int interfaceMtu(IpAddress address) {
        if (address == null || address.isUnspecified()) {
            return DEFAULT_MTU;
        }
        try {
            NetworkInterface device = NetworkInterface.getByInetAddress(inet(address));
            return device == null ? DEFAULT_MTU : device.getMTU();
        } catch (IOException unknown) {
            return DEFAULT_MTU;
        }
    }

    static InetAddress inet(IpAddress address) throws IOException {
        byte[] bytes = address.isV4() ? ByteBuffer.allocate(4).putInt(address.v4Bits()).array()
                : ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array();
        return InetAddress.getByAddress(bytes);
    }
}
