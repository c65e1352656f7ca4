package net.braid.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/**
 * IP packets in UDP datagrams ({@link Encapsulation} has the format) through a {@link DatagramChannel}: for any
 * operating system. It speaks with {@link UdpLink}, which is several times faster where there is Linux. Super-segments
 * are cut here; each datagram is copied once and crosses with a call of its own.
 */
public final class DatagramLink implements Link {
    private static final int LARGEST_PACKET = 65_535;
    private static final int ROOM = 1 << 16;
    private static final int SOCKET_BUFFER = 4 << 20;

    private final Arena arena = Arena.ofShared();
    private final DatagramChannel channel;
    private final Encapsulation ends;
    private final LinkProperties properties;
    private final MemorySegment incoming = arena.allocate(ROOM, 64);
    private final ByteBuffer incomingBuffer = incoming.asByteBuffer();
    private final MemorySegment outgoing = arena.allocate(ROOM, 64);
    private final ByteBuffer outgoingBuffer = outgoing.asByteBuffer();
    private final SegmentCutter cutter = new SegmentCutter(arena, 1);
    private final PeerTable peers;
    private final SocketAddress[] peerAddresses;
    private boolean full;
    private boolean refused;
    private long sendErrors;
    private long receiveErrors;
    private long unknownPeer;
    private long refusedPeer;

    private DatagramLink(DatagramChannel channel, String name, int index, Encapsulation ends) {
        this.channel = channel;
        this.ends = ends;
        peers = ends.remote() == null ? new PeerTable() : null;
        peerAddresses = peers == null ? null : new SocketAddress[PeerTable.LIMIT];
        int outer = ends.outerMtu() != 0 ? ends.outerMtu() : Encapsulation.interfaceMtu(ends.local());
        int mtu = ends.innerMtu(outer);
        properties = new LinkProperties(name, index, mtu, Math.max(mtu, LARGEST_PACKET), true);
    }

    /**
     * Opens the channel.
     *
     * @param name as shown to people
     * @param index of the link in its shard
     * @throws IOException with one sentence, when the address is in use or not ours
     */
    public static DatagramLink open(String name, int index, Encapsulation ends) throws IOException {
        if (ends.device() != null) {
            throw new IllegalArgumentException("only Linux sockets can be bound to an interface: " + ends.device());
        }
        DatagramChannel channel = DatagramChannel.open(
                ends.isV4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
            bind(channel, ends);
            if (ends.remote() != null) {
                channel.connect(new InetSocketAddress(Encapsulation.inet(ends.remote()), ends.remotePort()));
            }
            return new DatagramLink(channel, name, index, ends);
        } catch (IOException problem) {
            channel.close();
            throw problem;
        }
    }

    private static void bind(DatagramChannel channel, Encapsulation ends) throws IOException {
        if (ends.local() == null && ends.localPort() == 0) {
            return;
        }
        try {
            channel.bind(ends.local() == null ? new InetSocketAddress(ends.localPort())
                    : new InetSocketAddress(Encapsulation.inet(ends.local()), ends.localPort()));
        } catch (IOException problem) {
            throw new IOException("cannot use UDP port " + ends.localPort() + ": " + problem.getMessage(), problem);
        }
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    /** To wait on, with a selector. Reading and writing are the link's. */
    public DatagramChannel channel() {
        return channel;
    }

    /** The UDP port of ours. */
    public int localPort() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        long now = 0;
        for (int calls = 0; count < limit && calls < limit; calls++) {
            incomingBuffer.clear();
            try {
                SocketAddress sender = peers == null ? null : channel.receive(incomingBuffer);
                int length = peers == null ? channel.read(incomingBuffer) : incomingBuffer.position();
                if (peers == null ? length <= 0 : sender == null) {
                    // Without a sender's address an empty datagram looks as if nothing were there.
                    break;
                }
                now = now == 0 && peers != null ? System.nanoTime() : now;
                if (length > 0 && accepts(length, sender, now)) {
                    count++;
                    handler.onPacket(this, incoming, 0, length, 0, ChecksumState.UNVERIFIED);
                }
            } catch (PortUnreachableException nobodyYet) {
                receiveErrors++;
            } catch (IOException problem) {
                receiveErrors++;
                break;
            }
        }
        return count;
    }

    private boolean accepts(int length, SocketAddress sender, long now) {
        int version = incoming.get(ValueLayout.JAVA_BYTE, 0) >>> 4 & 15;
        if (version == Ipv4Header.VERSION && length >= Ipv4Header.LENGTH) {
            return peers == null || learn(0, IpAddress.mapped(Ipv4Header.source(incoming, 0)), sender, now);
        }
        if (version == Ipv6Header.VERSION && length >= Ipv6Header.LENGTH) {
            return peers == null
                    || learn(Ipv6Header.sourceHigh(incoming, 0), Ipv6Header.sourceLow(incoming, 0), sender, now);
        }
        receiveErrors++;
        return false;
    }

    private boolean learn(long high, long low, SocketAddress sender, long now) {
        int slot = peers.find(high, low);
        if (slot == PeerTable.NONE) {
            slot = IpAddress.isUnicast(high, low) ? peers.add(high, low, now) : PeerTable.NONE;
            if (slot == PeerTable.NONE) {
                refusedPeer++;
                return false;
            }
        } else if (!sender.equals(peerAddresses[slot]) && !peers.mayMove(slot, now)) {
            refusedPeer++;
            return false;
        }
        peers.heard(slot, now);
        peerAddresses[slot] = sender;
        return true;
    }

    @Override
    public boolean ready() {
        if (full) {
            // Perhaps nobody tells when there is room again: asked again, it is tried again.
            full = false;
            return false;
        }
        return true;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        SocketAddress target = null;
        if (peers != null) {
            boolean ipv6 = (header.get(ValueLayout.JAVA_BYTE, headerOffset) & 0xf0) == 0x60;
            int slot = ipv6 ? peers.find(Ipv6Header.destinationHigh(header, headerOffset),
                    Ipv6Header.destinationLow(header, headerOffset))
                    : peers.find(0, IpAddress.mapped(Ipv4Header.destination(header, headerOffset)));
            if (slot == PeerTable.NONE) {
                unknownPeer++;
                return true;
            }
            target = peerAddresses[slot];
        }
        cutter.begin(header, headerOffset, headerLength, payload, segmentSize);
        while (cutter.hasNext()) {
            int first = cutter.next();
            if (!write(cutter.write(outgoing, 0), target)) {
                full = true;
                if (first == 0) {
                    return false;
                }
                sendErrors++;
                return true;
            }
        }
        return true;
    }

    /** False when the channel is full. */
    private boolean write(int length, SocketAddress target) {
        outgoingBuffer.limit(length).position(0);
        try {
            int written = target == null ? channel.write(outgoingBuffer) : channel.send(outgoingBuffer, target);
            refused = written == 0;
            return !refused;
        } catch (IOException lost) {
            sendErrors++;
            return true;
        }
    }

    /** Whether the last write was refused, so that it matters when it will be possible again. */
    public boolean wantsWrite() {
        return refused;
    }

    @Override
    public void flush() {
        // Each packet crosses with its own call.
    }

    /** Packets that the system did not take. */
    public long sendErrors() {
        return sendErrors;
    }

    /** Reads that failed, and datagrams that were no IP packet. */
    public long receiveErrors() {
        return receiveErrors;
    }

    /** Packets for an inner address that nothing has come from. */
    public long unknownPeer() {
        return unknownPeer;
    }

    /** Packets dropped because their inner address belongs to another outer address, or the table is full. */
    public long refusedPeer() {
        return refusedPeer;
    }

    @Override
    public void close() {
        if (channel.isOpen()) {
            try {
                channel.close();
            } catch (IOException gone) {
                receiveErrors++;
            }
            arena.close();
        }
    }
}
