package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.wire.TcpHeader;

/**
 * A TUN device: IP packets to and from the kernel of this machine. With the virtio-net header, where the kernel has it,
 * packets of up to 64 KiB cross in one piece in both directions, and nobody computes a TCP checksum that another part
 * of this machine would only verify.
 *
 * <p>The device may exist already, persistent and owned by this user: then no privilege is needed.
 */
public final class TunLink implements Link, Pollable {
    private static final String CLONE_DEVICE = "/dev/net/tun";
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 0x80802;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final int IFF_TUN = 1;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final long CHECKSUM_TSO4_TSO6 = 1 | 2 | 4;
    private static final int LARGEST_PACKET = 65_535;
    /** The IP header begins here in the receive buffer, with the virtio header before it. */
    private static final int PACKET = 64;

    private final int fd;
    private final boolean virtio;
    private final LinkProperties properties;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment incoming = arena.allocate(PACKET + LARGEST_PACKET + 1, 4096);
    private final MemorySegment virtioHeader = arena.allocate(VirtioHeader.BYTES, 8);
    private final Vectors vectors = new Vectors(arena, 2 + Pieces.CAPACITY);
    private boolean full;
    private boolean closed;
    private long sendErrors;
    private long receiveErrors;

    private TunLink(int fd, boolean virtio, LinkProperties properties) {
        this.fd = fd;
        this.virtio = virtio;
        this.properties = properties;
    }

    /**
     * Attaches to the device, and makes it when it does not exist; then it goes away with this link. The new device is
     * down and has no address.
     *
     * @param index of the link in its shard
     * @throws LinuxException with one sentence, when the device is in use or this process may not
     */
    public static TunLink open(String name, int index) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = NetworkDevice.request(arena, name);
            int fd = LinuxException.check(Syscalls.open(arena.allocateFrom(CLONE_DEVICE), O_RDWR_NONBLOCK_CLOEXEC),
                    "cannot open " + CLONE_DEVICE);
            try {
                boolean virtio = attach(fd, request, name);
                boolean offload = virtio && Syscalls.ioctl(fd, TUNSETOFFLOAD, CHECKSUM_TSO4_TSO6) == 0;
                int mtu = NetworkDevice.mtu(name);
                return new TunLink(fd, virtio, new LinkProperties(name, index, mtu,
                        offload ? LARGEST_PACKET : mtu, virtio));
            } catch (LinuxException problem) {
                Syscalls.close(fd);
                throw problem;
            }
        }
    }

    private static boolean attach(int fd, MemorySegment request, String name) throws LinuxException {
        request.set(ValueLayout.JAVA_SHORT, NetworkDevice.VALUE, (short) (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR));
        int result = Syscalls.ioctl(fd, TUNSETIFF, request.address());
        if (result != -Errno.EINVAL) {
            LinuxException.check(result, "cannot attach to the TUN device " + name);
            return true;
        }
        request.set(ValueLayout.JAVA_SHORT, NetworkDevice.VALUE, (short) (IFF_TUN | IFF_NO_PI));
        LinuxException.check(Syscalls.ioctl(fd, TUNSETIFF, request.address()),
                "cannot attach to the TUN device " + name);
        return false;
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        long at = virtio ? PACKET - VirtioHeader.BYTES : PACKET;
        long address = incoming.address() + at;
        long room = LARGEST_PACKET + (PACKET - at);
        int count = 0;
        while (count < limit) {
            long bytes = Syscalls.read(fd, address, room);
            if (bytes < 0) {
                if (bytes != -Errno.EAGAIN) {
                    receiveErrors++;
                }
                break;
            }
            int length = (int) (bytes - (PACKET - at));
            if (length <= 0) {
                receiveErrors++;
                continue;
            }
            count++;
            int segmentSize = virtio ? VirtioHeader.segmentSize(incoming, at) : 0;
            handler.onPacket(this, incoming, PACKET, length, segmentSize, virtio
                    ? VirtioHeader.checksumState(incoming, at) : ChecksumState.UNVERIFIED);
        }
        return count;
    }

    @Override
    public boolean ready() {
        return !full;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        vectors.clear();
        if (virtio) {
            writeVirtioHeader(header, headerOffset, headerLength, payload.totalLength(), segmentSize);
            vectors.add(virtioHeader.address(), VirtioHeader.BYTES);
        }
        vectors.add(header.address() + headerOffset, headerLength);
        vectors.add(payload);
        long result = Syscalls.writev(fd, vectors.address(), vectors.count());
        if (result == -Errno.EAGAIN) {
            full = true;
            return false;
        }
        if (result != vectors.total()) {
            // The interface is down, or the kernel did not like the packet: it is lost, as on any wire.
            sendErrors++;
        }
        return true;
    }

    private void writeVirtioHeader(MemorySegment header, long offset, int headerLength, int payload, int segmentSize) {
        boolean ipv6 = (header.get(ValueLayout.JAVA_BYTE, offset) & 0xf0) == 0x60;
        int protocol = header.get(ValueLayout.JAVA_BYTE, offset + (ipv6 ? 6 : 9));
        if (protocol != TcpHeader.PROTOCOL) {
            VirtioHeader.writeNone(virtioHeader, 0);
            return;
        }
        // Our stack sends no IP options and no extension headers.
        int transport = ipv6 ? 40 : 20;
        VirtioHeader.writeTcp(virtioHeader, 0, ipv6, transport, headerLength, payload > segmentSize ? segmentSize : 0);
    }

    @Override
    public void flush() {
        // Each packet crosses with its own call.
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    @Override
    public boolean wantsWrite() {
        return full;
    }

    @Override
    public void onWritable() {
        full = false;
    }

    /** Packets that the kernel did not take. */
    public long sendErrors() {
        return sendErrors;
    }

    /** Reads that failed, and packets that were none. */
    public long receiveErrors() {
        return receiveErrors;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(fd);
            arena.close();
        }
    }
}
