package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * All frames of an Ethernet interface, in and out, as they are: a packet socket (packet(7)) without an address of its
 * own, for what joins two interfaces. The interface is promiscuous meanwhile. Needs CAP_NET_RAW.
 *
 * <p>Frames are whole only when the other end of the interface sends without offloads ({@code ethtool -K DEVICE tx
 * off}): else checksums are not finished, and segments are longer than the MTU.
 */
public final class FramePort implements Pollable, AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    private static final int ETH_P_ALL = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_MR_PROMISC = 1;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int SOCKET_BUFFER = 8 << 20;
    private static final int LARGEST_FRAME = 65_535;
    /** Addresses and type. */
    public static final int HEADER = 14;

    private final int fd;
    private final String name;
    private final int mtu;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment incoming = arena.allocate(LARGEST_FRAME + 1, 4096);
    private final MemorySegment control = arena.allocate(64, 8);
    private long sendErrors;
    private boolean closed;

    /** What is done with a frame. */
    @FunctionalInterface
    public interface FrameHandler {
        /** The memory is used again when this returns. */
        void onFrame(MemorySegment memory, long offset, int length);
    }

    private FramePort(int fd, String name, int mtu) {
        this.fd = fd;
        this.name = name;
        this.mtu = mtu;
    }

    /**
     * Opens a port on an interface that is up.
     *
     * @throws LinuxException with one sentence, when there is no such Ethernet interface or this process may not
     * @throws IllegalArgumentException when no interface can have this name
     */
    public static FramePort open(String device) throws LinuxException {
        int mtu = NetworkDevice.mtu(device);
        NetworkDevice.hardwareAddress(device);
        int result = Syscalls.socket(AF_PACKET, RAW_NONBLOCK_CLOEXEC, 0);
        if (result == -Errno.EPERM) {
            throw new LinuxException("cannot open a packet socket without CAP_NET_RAW", Errno.EACCES);
        }
        FramePort port = new FramePort(LinuxException.check(result, "cannot open a packet socket"), device, mtu);
        try {
            port.configure(NetworkDevice.index(device));
            return port;
        } catch (LinuxException problem) {
            port.close();
            throw problem;
        }
    }

    private void configure(int interfaceIndex) throws LinuxException {
        String what = "cannot use a packet socket on " + name;
        LinuxException.check(setInt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1), what);
        setInt(SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
        setInt(SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER);
        control.fill((byte) 0);
        control.set(ValueLayout.JAVA_INT, 0, interfaceIndex);
        control.set(ValueLayout.JAVA_SHORT, 4, (short) PACKET_MR_PROMISC);
        LinuxException.check(Syscalls.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, control, 16), what);
        control.fill((byte) 0);
        control.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
        control.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) ETH_P_ALL);
        control.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
        LinuxException.check(Syscalls.bind(fd, control, 20), what);
    }

    private int setInt(int level, int option, int value) {
        control.set(ValueLayout.JAVA_INT, 0, value);
        return Syscalls.setsockopt(fd, level, option, control, 4);
    }

    /** Largest IP packet of the interface, in bytes; a frame has {@link #HEADER} more. */
    public int mtu() {
        return mtu;
    }

    /** Hands over what has arrived, at most {@code limit} frames, and returns how many. */
    public int receive(FrameHandler handler, int limit) {
        for (int count = 0; count < limit; count++) {
            long bytes = Syscalls.read(fd, incoming.address(), LARGEST_FRAME);
            if (bytes <= 0) {
                return count;
            }
            handler.onFrame(incoming, 0, (int) bytes);
        }
        return limit;
    }

    /** Sends one frame. When the kernel does not take it, it is lost, as on any wire. */
    public void send(MemorySegment memory, long offset, int length) {
        if (Syscalls.write(fd, memory.address() + offset, length) != length) {
            sendErrors++;
        }
    }

    /** Frames that the kernel did not take. */
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    @Override
    public boolean onError() {
        // The interface is down. Reading the error clears it, and the interface may come back.
        control.set(ValueLayout.JAVA_INT, 8, 4);
        return Syscalls.getsockopt(fd, SOL_SOCKET, SO_ERROR, control, control.asSlice(8)) == 0;
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
