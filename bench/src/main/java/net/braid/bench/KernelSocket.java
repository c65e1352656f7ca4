package net.braid.bench;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import net.braid.wire.IpAddress;

/** A Multipath TCP socket of the kernel, which blocks: what java.net does not have. */
@SuppressWarnings("restricted")
final class KernelSocket implements Line {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final MethodHandle SOCKET = find("socket", INT, INT, INT, INT);
    private static final MethodHandle BIND = find("bind", INT, INT, LONG, INT);
    private static final MethodHandle LISTEN = find("listen", INT, INT, INT);
    private static final MethodHandle ACCEPT = find("accept", INT, INT, LONG, LONG);
    private static final MethodHandle CONNECT = find("connect", INT, INT, LONG, INT);
    private static final MethodHandle SETSOCKOPT = find("setsockopt", INT, INT, INT, INT, LONG, INT);
    private static final MethodHandle READ = find("read", LONG, INT, LONG, LONG);
    private static final MethodHandle WRITE = find("write", LONG, INT, LONG, LONG);
    private static final MethodHandle CLOSE = find("close", INT, INT);

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int IPPROTO_MPTCP = 262;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_CONGESTION = 13;
    /** As Braid has it, whatever this machine prefers: BBR's pacing alone makes bulk over veth many times slower. */
    private static final String CONGESTION_CONTROL = "cubic";
    private static final int SOCKADDR_BYTES = 16;
    private static final int BACKLOG = 256;
    private static final int ECONNRESET = 104;
    private static final int EPIPE = 32;

    private final int fd;

    private KernelSocket(int fd) {
        this.fd = fd;
    }

    private static MethodHandle find(String name, ValueLayout result, ValueLayout... arguments) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    static KernelSocket connect(IpAddress address, int port) throws IOException {
        KernelSocket socket = open();
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            long name = socketAddress(arena, address, port).address();
            check("connect", state, (int) CONNECT.invokeExact(state, socket.fd, name, SOCKADDR_BYTES));
            socket.noDelay();
            return socket;
        } catch (Throwable problem) {
            socket.close();
            throw failure(problem);
        }
    }

    static KernelSocket listen(IpAddress address, int port) throws IOException {
        KernelSocket socket = open();
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            socket.set(SOL_SOCKET, SO_REUSEADDR);
            long name = socketAddress(arena, address, port).address();
            check("bind", state, (int) BIND.invokeExact(state, socket.fd, name, SOCKADDR_BYTES));
            check("listen", state, (int) LISTEN.invokeExact(state, socket.fd, BACKLOG));
            return socket;
        } catch (Throwable problem) {
            socket.close();
            throw failure(problem);
        }
    }

    KernelSocket accept() throws IOException {
        MemorySegment state = STATE.get();
        try {
            KernelSocket socket = new KernelSocket(
                    (int) check("accept", state, (int) ACCEPT.invokeExact(state, fd, 0L, 0L)));
            socket.noDelay();
            return socket;
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    private static KernelSocket open() throws IOException {
        MemorySegment state = STATE.get();
        try {
            KernelSocket socket = new KernelSocket((int) check("socket", state,
                    (int) SOCKET.invokeExact(state, AF_INET, SOCK_STREAM_CLOEXEC, IPPROTO_MPTCP)));
            socket.set(IPPROTO_TCP, TCP_CONGESTION, CONGESTION_CONTROL);
            return socket;
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    /** Connections that are accepted have it from the socket that listens. */
    private void set(int level, int option, String value) throws IOException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(value).address();
            check("cannot use " + value, state,
                    (int) SETSOCKOPT.invokeExact(state, fd, level, option, text, value.length()));
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    private static MemorySegment socketAddress(Arena arena, IpAddress address, int port) {
        MemorySegment name = arena.allocate(SOCKADDR_BYTES, 8);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
        name.set(ValueLayout.JAVA_SHORT, 2, Short.reverseBytes((short) port));
        name.set(INT, 4, Integer.reverseBytes((int) address.low()));
        return name;
    }

    private void noDelay() throws IOException {
        set(IPPROTO_TCP, TCP_NODELAY);
    }

    private void set(int level, int option) throws IOException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            long one = arena.allocateFrom(INT, 1).address();
            check("setsockopt", state, (int) SETSOCKOPT.invokeExact(state, fd, level, option, one, 4));
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    @Override
    public int read(MemorySegment target, long offset, int length) throws IOException {
        MemorySegment state = STATE.get();
        try {
            long bytes = (long) READ.invokeExact(state, fd, target.address() + offset, (long) length);
            return bytes == 0 || bytes < 0 && (int) ERRNO.get(state, 0L) == ECONNRESET
                    ? -1 : (int) check("read", state, bytes);
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    @Override
    public void write(MemorySegment source, long offset, int length) throws IOException {
        MemorySegment state = STATE.get();
        try {
            int done = 0;
            while (done < length) {
                long bytes = (long) WRITE.invokeExact(state, fd, source.address() + offset + done,
                        (long) (length - done));
                done += (int) check("write", state, bytes);
            }
        } catch (Throwable problem) {
            throw failure(problem);
        }
    }

    @Override
    public void close() {
        MemorySegment state = STATE.get();
        try {
            int ignored = (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable problem) {
            throw new AssertionError(problem);
        }
    }

    private static long check(String call, MemorySegment state, long result) throws IOException {
        if (result < 0) {
            int errno = (int) ERRNO.get(state, 0L);
            if (errno == EPIPE || errno == ECONNRESET) {
                throw new EOFException("the peer has gone");
            }
            throw new IOException(call + ": error " + errno);
        }
        return result;
    }

    private static IOException failure(Throwable problem) {
        if (problem instanceof IOException known) {
            return known;
        }
        throw new AssertionError("a call of the C library threw", problem);
    }
}
