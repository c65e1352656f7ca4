package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.LinkProperties;
import net.braid.wire.IcmpWriter;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/**
 * IP packets in UDP datagrams ({@link Encapsulation} has the format) through a socket of Linux. A super-segment is cut
 * here and crosses into the kernel in one call (UDP_SEGMENT), and what the kernel has joined on receipt comes in one
 * call (UDP_GRO), of which segments of one flow are made one packet again; all of it where the kernel can. Needs no
 * privilege.
 */
public final class UdpLink extends DescriptorLink {
    private static final int DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_UDP = 17;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_MTU = 14;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_MTU = 24;
    private static final int IPV6_V6ONLY = 26;
    private static final int NEVER_FRAGMENT = 2;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int SOCKET_BUFFER = 4 << 20;
    /** Linux takes 64 datagrams in one call, later versions 128. */
    private static final int MOST_SEGMENTS = 64;
    private static final int LARGEST_PACKET = 65_535;
    private static final int ROOM = 1 << 16;

    private final Encapsulation ends;
    private final LinkProperties properties;
    private final MemorySegment incoming = arena.allocate(ROOM, 4096);
    private final MemorySegment option = arena.allocate(64, 8);
    private final MemorySegment tooBig = arena.allocate(IcmpWriter.V6_LIMIT, 8);
    private final Vectors outVectors = new Vectors(arena, 2 * MOST_SEGMENTS + Pieces.CAPACITY);
    private final Vectors inVectors = new Vectors(arena, 1);
    private final MessageHeader out = new MessageHeader(arena);
    private final MessageHeader in = new MessageHeader(arena);
    private final SegmentCutter cutter = new SegmentCutter(arena, MOST_SEGMENTS);
    private final SegmentJoiner joiner = new SegmentJoiner();
    private final PeerTable peers;
    private final MemorySegment peerNames;
    private boolean gso;
    /** A batch was refused; whether because it was one, the next datagram will show. */
    private boolean gsoInDoubt;
    /** Packets of the last datagram that have not been handed over yet. */
    private int at;
    private int end;
    private int step;
    private int tooBigLength;
    private long unknownPeer;
    private long refusedPeer;

    private UdpLink(int fd, Encapsulation ends, String name, int index) throws LinuxException {
        super(fd);
        this.ends = ends;
        try {
            peers = ends.remote() == null ? new PeerTable() : null;
            peerNames = peers == null ? null : arena.allocate((long) PeerTable.LIMIT * SocketAddresses.BYTES, 64);
            configure();
            int outer = ends.outerMtu() != 0 ? ends.outerMtu() : routeMtu();
            int mtu = ends.innerMtu(outer);
            properties = new LinkProperties(name, index, mtu, Math.max(mtu, LARGEST_PACKET), true);
        } catch (LinuxException problem) {
            arena.close();
            throw problem;
        }
    }

    /**
     * Opens the socket.
     *
     * @param name as shown to people
     * @param index of the link in its shard
     * @throws LinuxException with one sentence, when the address is in use, is not ours, or there is no route
     */
    public static UdpLink open(String name, int index, Encapsulation ends) throws LinuxException {
        int family = ends.isV4() ? SocketAddresses.AF_INET : SocketAddresses.AF_INET6;
        int fd = LinuxException.check(Syscalls.socket(family, DGRAM_NONBLOCK_CLOEXEC, 0), "cannot open a UDP socket");
        try {
            return new UdpLink(fd, ends, name, index);
        } catch (LinuxException problem) {
            Syscalls.close(fd);
            throw problem;
        }
    }

    private void configure() throws LinuxException {
        if (!setInt(SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER)) {
            setInt(SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
        }
        if (!setInt(SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER)) {
            setInt(SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
        }
        if (ends.isV4()) {
            setInt(IPPROTO_IP, IP_MTU_DISCOVER, NEVER_FRAGMENT);
        } else {
            setInt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
            setInt(IPPROTO_IPV6, IPV6_MTU_DISCOVER, NEVER_FRAGMENT);
        }
        if (ends.device() != null) {
            try (Arena own = Arena.ofConfined()) {
                MemorySegment name = NetworkDevice.request(own, ends.device());
                LinuxException.check(Syscalls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
                        NetworkDevice.NAME_BYTES), "cannot send over " + ends.device());
            }
        }
        if (ends.local() != null || ends.localPort() != 0) {
            IpAddress local = ends.local() != null ? ends.local()
                    : ends.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
            int length = SocketAddresses.write(out.name(), local, ends.localPort());
            LinuxException.check(Syscalls.bind(fd, out.name(), length),
                    "cannot use UDP port " + ends.localPort() + " of " + local);
        }
        if (ends.remote() != null) {
            int length = SocketAddresses.write(out.name(), ends.remote(), ends.remotePort());
            LinuxException.check(Syscalls.connect(fd, out.name(), length), "cannot send to " + ends.remote());
        }
        gso = setInt(IPPROTO_UDP, UDP_SEGMENT, 0);
        setInt(IPPROTO_UDP, UDP_GRO, 1);
    }

    private boolean setInt(int level, int name, int value) {
        option.set(ValueLayout.JAVA_INT, 0, value);
        return Syscalls.setsockopt(fd, level, name, option, 4) == 0;
    }

    private int getInt(int level, int name, int otherwise) {
        option.set(ValueLayout.JAVA_INT, 0, 0);
        option.set(ValueLayout.JAVA_INT, 8, 4);
        return Syscalls.getsockopt(fd, level, name, option, option.asSlice(8, 4)) == 0
                ? option.get(ValueLayout.JAVA_INT, 0) : otherwise;
    }

    private int routeMtu() {
        if (ends.remote() == null) {
            return Encapsulation.interfaceMtu(ends.local());
        }
        return ends.isV4() ? getInt(IPPROTO_IP, IP_MTU, Encapsulation.DEFAULT_MTU)
                : getInt(IPPROTO_IPV6, IPV6_MTU, Encapsulation.DEFAULT_MTU);
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    /** The UDP port of ours. */
    public int localPort() throws LinuxException {
        option.set(ValueLayout.JAVA_INT, 32, SocketAddresses.BYTES);
        LinuxException.check(Syscalls.getsockname(fd, option, option.asSlice(32, 4)), "cannot read our UDP port");
        return SocketAddresses.port(option);
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        if (tooBigLength > 0 && limit > 0) {
            handler.onPacket(this, tooBig, 0, tooBigLength, 0, ChecksumState.VALID);
            tooBigLength = 0;
            count++;
        }
        count += handOver(handler, limit - count);
        for (int calls = 0; count < limit && calls < limit; calls++) {
            if (!receiveDatagrams()) {
                break;
            }
            count += handOver(handler, limit - count);
        }
        return count;
    }

    private boolean receiveDatagrams() {
        inVectors.clear();
        inVectors.add(incoming.address(), ROOM);
        in.prepareToReceive();
        in.vectors(inVectors.address(), 1);
        long bytes = Syscalls.recvmsg(fd, in.address(), 0);
        if (bytes < 0) {
            if (bytes == -Errno.EAGAIN) {
                return false;
            }
            // Nobody listens at the other end, for example; the call has cleared it.
            receiveErrors++;
            return bytes == -Errno.ECONNREFUSED || bytes == -Errno.EINTR;
        }
        at = 0;
        end = (int) bytes;
        int size = in.controlInt(IPPROTO_UDP, UDP_GRO, 0);
        step = size > 0 ? size : end;
        return true;
    }

    private int handOver(PacketHandler handler, int limit) {
        int count = 0;
        long now = at < end && peers != null ? System.nanoTime() : 0;
        while (at < end && count < limit) {
            int from = at;
            int length = joiner.join(incoming, from, step, end);
            at += joiner.consumed();
            if (accepts(from, length, now)) {
                count++;
                int segmentSize = joiner.segmentSize();
                handler.onPacket(this, incoming, from, length, segmentSize,
                        segmentSize > 0 ? ChecksumState.VALID : ChecksumState.UNVERIFIED);
            }
        }
        return count;
    }

    private boolean accepts(long packet, int length, long now) {
        int version = incoming.get(ValueLayout.JAVA_BYTE, packet) >>> 4 & 15;
        if (version == Ipv4Header.VERSION && length >= Ipv4Header.LENGTH) {
            return peers == null
                    || learn(0, IpAddress.mapped(Ipv4Header.source(incoming, packet)), now);
        }
        if (version == Ipv6Header.VERSION && length >= Ipv6Header.LENGTH) {
            return peers == null
                    || learn(Ipv6Header.sourceHigh(incoming, packet), Ipv6Header.sourceLow(incoming, packet), now);
        }
        receiveErrors++;
        return false;
    }

    private boolean learn(long high, long low, long now) {
        int slot = peers.find(high, low);
        if (slot == PeerTable.NONE) {
            slot = IpAddress.isUnicast(high, low) ? peers.add(high, low, now) : PeerTable.NONE;
            if (slot == PeerTable.NONE) {
                refusedPeer++;
                return false;
            }
        } else if (SocketAddresses.same(peerNames, (long) slot * SocketAddresses.BYTES, in.name(), 0)) {
            peers.heard(slot, now);
            return true;
        } else if (!peers.mayMove(slot, now)) {
            refusedPeer++;
            return false;
        }
        peers.heard(slot, now);
        SocketAddresses.copy(in.name(), peerNames, (long) slot * SocketAddresses.BYTES);
        return true;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        if (!address(header, headerOffset)) {
            unknownPeer++;
            return true;
        }
        cutter.begin(header, headerOffset, headerLength, payload, segmentSize);
        int batch = Math.clamp(Encapsulation.LARGEST_DATAGRAM / cutter.packetBytes(), 1, MOST_SEGMENTS);
        while (cutter.hasNext()) {
            int first = cutter.next();
            long result = sendBatch(gso ? batch : 1);
            if (result == -Errno.EAGAIN) {
                full = true;
                if (first == 0) {
                    return false;
                }
                // The first part has gone; the rest is lost, as behind a full queue of a router.
                sendErrors++;
                return true;
            }
            if (result < 0) {
                onSendError(first, (int) -result, header, headerOffset, headerLength);
            } else {
                gsoInDoubt = false;
            }
        }
        return true;
    }

    /** Sets where to. */
    private boolean address(MemorySegment header, long offset) {
        if (peers == null) {
            out.name(0, 0);
            return true;
        }
        boolean ipv6 = (header.get(ValueLayout.JAVA_BYTE, offset) & 0xf0) == 0x60;
        int slot = ipv6
                ? peers.find(Ipv6Header.destinationHigh(header, offset), Ipv6Header.destinationLow(header, offset))
                : peers.find(0, IpAddress.mapped(Ipv4Header.destination(header, offset)));
        if (slot == PeerTable.NONE) {
            return false;
        }
        out.name(peerNames.address() + (long) slot * SocketAddresses.BYTES, ends.isV4() ? 16 : 28);
        return true;
    }

    private long sendBatch(int most) {
        outVectors.clear();
        int count = 0;
        while (count < most && cutter.hasNext()) {
            cutter.write(outVectors);
            count++;
        }
        out.vectors(outVectors.address(), outVectors.count());
        if (count > 1) {
            out.controlShort(IPPROTO_UDP, UDP_SEGMENT, cutter.packetBytes());
        } else {
            out.noControl();
        }
        long result = Syscalls.sendmsg(fd, out.address(), 0);
        if (result == -Errno.ECONNREFUSED) {
            // That was the answer to an earlier datagram.
            result = Syscalls.sendmsg(fd, out.address(), 0);
        }
        return result;
    }

    private void onSendError(int first, int errno, MemorySegment header, long headerOffset, int headerLength) {
        boolean batch = cutter.next() - first > 1;
        if (batch && (errno == Errno.EIO || errno == Errno.EINVAL)) {
            // Perhaps this interface cannot: one by one from now on.
            gso = false;
            gsoInDoubt = true;
            cutter.seek(first);
            return;
        }
        if (gsoInDoubt) {
            // One by one neither: the trouble is another, such as an address of ours that is gone.
            gso = true;
            gsoInDoubt = false;
        }
        sendErrors++;
        if (errno == Errno.EMSGSIZE) {
            tellTooBig(header, headerOffset, headerLength);
        }
    }

    /** The path has become narrower: as a router there would say, so says the link on the next receive. */
    private void tellTooBig(MemorySegment header, long offset, int headerLength) {
        int mtu = peers == null ? ends.innerMtu(routeMtu()) : 0;
        if (mtu <= 0 || mtu >= cutter.packetBytes()) {
            return;
        }
        boolean ipv6 = (header.get(ValueLayout.JAVA_BYTE, offset) & 0xf0) == 0x60;
        IpAddress sender = ipv6 ? IpAddress.readV6(header, offset + 24) : IpAddress.readV4(header, offset + 16);
        tooBigLength = IcmpWriter.packetTooBig(tooBig, 0, sender, mtu, header, offset, headerLength);
    }

    @Override
    public boolean onError() {
        // Reading the error clears it: nobody listens at the other end yet, or the route is gone.
        getInt(SOL_SOCKET, SO_ERROR, 0);
        receiveErrors++;
        return true;
    }

    /** Packets for an inner address that nothing has come from. */
    public long unknownPeer() {
        return unknownPeer;
    }

    /** Packets dropped because their inner address belongs to another outer address, or the table is full. */
    public long refusedPeer() {
        return refusedPeer;
    }

    /** Whether one call sends several datagrams. */
    public boolean batches() {
        return gso;
    }
}
