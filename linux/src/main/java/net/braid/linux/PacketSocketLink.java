package net.braid.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.link.LinkProperties;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/**
 * Addresses of ours on an Ethernet interface, beside the kernel: a packet socket (packet(7)) with the virtio-net
 * header, so that super-segments and unfinished checksums cross in both directions. Needs CAP_NET_RAW.
 *
 * <p>The kernel must not have these addresses. Then it neither answers ARP for them nor resets connections that it
 * knows nothing about; and as long as it does not forward (net.ipv4.ip_forward, net.ipv6.conf.DEVICE.forwarding) it
 * drops what arrives for them. For an address that the kernel has, its resets must be prevented from outside, for
 * example by {@code nft add rule inet filter raw tcp dport PORT drop} in a chain of type filter at hook prerouting
 * with priority raw, which packet sockets do not pass through.
 *
 * <p>Frames in a VLAN are not for us, but a network card that takes the tags off hides which are.
 */
public final class PacketSocketLink extends DescriptorLink {
    private static final int AF_PACKET = 17;
    private static final int RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    private static final int ETH_P_ALL = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUF = 7;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int SOCKET_BUFFER = 8 << 20;
    private static final int LARGEST_PACKET = 65_535;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** The virtio header and the Ethernet header. */
    private static final int PROLOGUE = VirtioHeader.BYTES + EthernetNeighbours.HEADER;
    /** The IP header begins here in the receive buffer, with the other headers before it. */
    private static final int PACKET = 64;
    /** Packets that wait until their neighbour is known: the first of connections, above all. */
    private static final int WAITING = 16;
    private static final int WAITING_BYTES = 2048;

    private final LinkProperties properties;
    private final long mac;
    private final EthernetNeighbours neighbours;
    private final MemorySegment incoming = arena.allocate(PACKET + LARGEST_PACKET + Ipv6Header.LENGTH + 1, 4096);
    private final MemorySegment prologue = arena.allocate(PROLOGUE, 8);
    private final MemorySegment control = arena.allocate(256, 8);
    private final MemorySegment waiting = arena.allocate((long) WAITING * WAITING_BYTES, 64);
    private final int[] waitingBytes = new int[WAITING];
    private int nextWaiting;
    private final Vectors vectors = new Vectors(arena, 2 + Pieces.CAPACITY);
    private long now = System.nanoTime();
    private int seenChanges;
    private long foreign;
    private long unresolved;
    private long noRoute;

    private PacketSocketLink(int fd, LinkProperties properties, long mac, List<InterfaceAddress> addresses) {
        super(fd);
        this.properties = properties;
        this.mac = mac;
        neighbours = new EthernetNeighbours(arena, mac, addresses, this::sendFrame);
    }

    /**
     * Opens a socket on an interface that is up.
     *
     * @param index of the link in its shard
     * @throws LinuxException with one sentence, when there is no such Ethernet interface or this process may not
     */
    public static PacketSocketLink open(String device, int index, List<InterfaceAddress> addresses)
            throws LinuxException {
        int result = Syscalls.socket(AF_PACKET, RAW_NONBLOCK_CLOEXEC, 0);
        if (result == -Errno.EPERM) {
            throw new LinuxException("cannot open a packet socket without CAP_NET_RAW", Errno.EACCES);
        }
        int fd = LinuxException.check(result, "cannot open a packet socket");
        PacketSocketLink link = null;
        try {
            long mac = NetworkDevice.hardwareAddress(device);
            int mtu = NetworkDevice.mtu(device);
            link = new PacketSocketLink(fd, new LinkProperties(device, index, mtu, LARGEST_PACKET, true), mac,
                    List.copyOf(addresses));
            link.configure(device, addresses);
            return link;
        } catch (LinuxException problem) {
            if (link != null) {
                link.close();
            } else {
                Syscalls.close(fd);
            }
            throw problem;
        }
    }

    private void configure(String device, List<InterfaceAddress> addresses) throws LinuxException {
        int interfaceIndex = NetworkDevice.index(device);
        String what = "cannot use a packet socket on " + device;
        LinuxException.check(setInt(SOL_PACKET, PACKET_VNET_HDR, 1), what);
        // Since Linux 4.20; without it our own frames come back and are not for us.
        setInt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
        if (setInt(SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER) < 0) {
            setInt(SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
        }
        if (setInt(SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER) < 0) {
            setInt(SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
        }
        for (InterfaceAddress own : addresses) {
            if (!own.address().isV4()) {
                control.fill((byte) 0);
                control.set(ValueLayout.JAVA_INT, 0, interfaceIndex);
                control.set(ValueLayout.JAVA_SHORT, 6, (short) 6);
                EthernetNeighbours.writeMac(control, 8, EthernetNeighbours.solicitedGroup(own.address()));
                LinuxException.check(Syscalls.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, control, 16), what);
            }
        }
        control.fill((byte) 0);
        control.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
        control.set(SHORT, 2, (short) ETH_P_ALL);
        control.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
        LinuxException.check(Syscalls.bind(fd, control, 20), what);
    }

    private int setInt(int level, int name, int value) {
        control.set(ValueLayout.JAVA_INT, 0, value);
        return Syscalls.setsockopt(fd, level, name, control, 4);
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        now = System.nanoTime();
        long address = incoming.address() + PACKET - PROLOGUE;
        long room = incoming.byteSize() - PACKET + PROLOGUE;
        int count = 0;
        // Frames for others count too: a busy network must not keep us here.
        for (int frames = 0; frames < limit; frames++) {
            long bytes = Syscalls.read(fd, address, room);
            if (bytes < 0) {
                if (bytes != -Errno.EAGAIN) {
                    receiveErrors++;
                }
                break;
            }
            int length = (int) bytes - PROLOGUE;
            if (length <= 0) {
                receiveErrors++;
            } else if (isPacketForUs(length)) {
                count++;
                long virtio = PACKET - PROLOGUE;
                handler.onPacket(this, incoming, PACKET, length, VirtioHeader.segmentSize(incoming, virtio),
                        VirtioHeader.checksumState(incoming, virtio));
            }
        }
        if (neighbours.changes() != seenChanges) {
            seenChanges = neighbours.changes();
            sendWaiting();
        }
        return count;
    }

    /** Answers what is for the Ethernet itself, and whether the rest is a packet for the stack. */
    private boolean isPacketForUs(int length) {
        int type = Short.toUnsignedInt(incoming.get(SHORT, PACKET - 2));
        boolean toUs = EthernetNeighbours.readMac(incoming, PACKET - EthernetNeighbours.HEADER) == mac;
        switch (type) {
            case EthernetNeighbours.ARP -> {
                neighbours.onArp(incoming, PACKET, length, now);
                return false;
            }
            case EthernetNeighbours.IPV4 -> {
                if (toUs && length >= Ipv4Header.LENGTH && neighbours.isForUsV4(incoming, PACKET)) {
                    return true;
                }
            }
            case EthernetNeighbours.IPV6 -> {
                if (neighbours.onIpv6(incoming, PACKET, length, now)) {
                    return false;
                }
                if (toUs && length >= Ipv6Header.LENGTH && neighbours.isForUsV6(incoming, PACKET)) {
                    return true;
                }
            }
            default -> { }
        }
        foreign++;
        return false;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        long destination = nextHop(header, headerOffset);
        if (destination == EthernetNeighbours.NO_ROUTE) {
            noRoute++;
            return true;
        }
        writePrologue(header, headerOffset, headerLength, payload.totalLength(), segmentSize);
        if (destination == EthernetNeighbours.UNKNOWN) {
            hold(header, headerOffset, headerLength, payload);
            return true;
        }
        EthernetNeighbours.writeMac(prologue, VirtioHeader.BYTES, destination);
        vectors.clear();
        vectors.add(prologue.address(), PROLOGUE);
        vectors.add(header.address() + headerOffset, headerLength);
        vectors.add(payload);
        return write(vectors);
    }

    /** Hardware address of the neighbour that leads to a packet's destination, or what EthernetNeighbours says else. */
    private long nextHop(MemorySegment memory, long packet) {
        return VirtioHeader.isIpv6(memory, packet)
                ? neighbours.resolve(Ipv6Header.sourceHigh(memory, packet), Ipv6Header.sourceLow(memory, packet),
                        Ipv6Header.destinationHigh(memory, packet), Ipv6Header.destinationLow(memory, packet), now)
                : neighbours.resolve(0, IpAddress.mapped(Ipv4Header.source(memory, packet)), 0,
                        IpAddress.mapped(Ipv4Header.destination(memory, packet)), now);
    }

    private void writePrologue(MemorySegment header, long offset, int headerLength, int payload, int segmentSize) {
        VirtioHeader.write(prologue, 0, EthernetNeighbours.HEADER, header, offset, headerLength, payload, segmentSize);
        EthernetNeighbours.writeHeader(prologue, VirtioHeader.BYTES, 0, mac,
                VirtioHeader.isIpv6(header, offset) ? EthernetNeighbours.IPV6 : EthernetNeighbours.IPV4);
    }

    private void hold(MemorySegment header, long offset, int headerLength, Pieces payload) {
        int length = PROLOGUE + headerLength + payload.totalLength();
        if (length > WAITING_BYTES) {
            unresolved++;
            return;
        }
        if (waitingBytes[nextWaiting] > 0) {
            unresolved++;
        }
        long at = (long) nextWaiting * WAITING_BYTES;
        MemorySegment.copy(prologue, 0, waiting, at, PROLOGUE);
        MemorySegment.copy(header, offset, waiting, at + PROLOGUE, headerLength);
        payload.copyTo(waiting, at + PROLOGUE + headerLength);
        waitingBytes[nextWaiting] = length;
        nextWaiting = (nextWaiting + 1) % WAITING;
    }

    /** In the order in which they came, as far as their neighbours are known now. */
    private void sendWaiting() {
        for (int i = 0; i < WAITING; i++) {
            int index = (nextWaiting + i) % WAITING;
            if (waitingBytes[index] == 0) {
                continue;
            }
            long at = (long) index * WAITING_BYTES;
            long packet = at + PROLOGUE;
            long destination = nextHop(waiting, packet);
            if (destination >= 0) {
                EthernetNeighbours.writeMac(waiting, at + VirtioHeader.BYTES, destination);
                vectors.clear();
                vectors.add(waiting.address() + at, waitingBytes[index]);
                waitingBytes[index] = 0;
                if (!write(vectors)) {
                    sendErrors++;
                }
            }
        }
    }

    /** ARP and neighbour discovery. */
    private void sendFrame(MemorySegment memory, long offset, int length) {
        VirtioHeader.writeNone(control, 0);
        vectors.clear();
        vectors.add(control.address(), VirtioHeader.BYTES);
        vectors.add(memory.address() + offset, length);
        if (!write(vectors)) {
            sendErrors++;
        }
    }

    @Override
    public boolean onError() {
        // The interface is down. Reading the error clears it, and the interface may come back.
        control.set(ValueLayout.JAVA_INT, 8, 4);
        Syscalls.getsockopt(fd, SOL_SOCKET, SO_ERROR, control, control.asSlice(8, 4));
        receiveErrors++;
        return true;
    }

    /** Frames that were not for us. */
    public long foreignFrames() {
        return foreign;
    }

    /** Packets dropped because nobody knew the hardware address of the next hop. */
    public long unresolved() {
        return unresolved;
    }

    /** Packets from an address that is not ours, or to one that no gateway leads to. */
    public long noRoute() {
        return noRoute;
    }

    /** How often another host has claimed an address of ours. */
    public long addressConflicts() {
        return neighbours.conflicts();
    }
}
