package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.LinkProperties;

/**
 * A TUN device: IP packets to and from the kernel of this machine. With the virtio-net header, where the kernel has it,
 * packets of up to 64 KiB cross in one piece in both directions, and nobody computes a TCP checksum that another part
 * of this machine would only verify.
 *
 * <p>The device may exist already, persistent and owned by this user: then no privilege is needed.
 */
public final class TunLink extends DescriptorLink {
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

    private final boolean virtio;
    private final LinkProperties properties;
    private final MemorySegment incoming = arena.allocate(PACKET + LARGEST_PACKET + 1, 4096);
    private final MemorySegment virtioHeader = arena.allocate(VirtioHeader.BYTES, 8);
    private final Vectors vectors = new Vectors(arena, 2 + Pieces.CAPACITY);

    private TunLink(int fd, boolean virtio, LinkProperties properties) {
        super(fd);
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
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        vectors.clear();
        if (virtio) {
            VirtioHeader.write(virtioHeader, 0, 0, header, headerOffset, headerLength, payload.totalLength(),
                    segmentSize);
            vectors.add(virtioHeader.address(), VirtioHeader.BYTES);
        }
        vectors.add(header.address() + headerOffset, headerLength);
        vectors.add(payload);
        return write(vectors);
    }
}
