package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * System calls through the C library. Memory is given as raw addresses, so that a call allocates nothing. Each answers
 * as the kernel does: 0 or more, or a negated error number.
 */
@SuppressWarnings("restricted")
final class Syscalls {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final MethodHandle OPEN = find("open", 2, INT, LONG, INT, INT);
    private static final MethodHandle CLOSE = find("close", -1, INT, INT);
    private static final MethodHandle READ = find("read", -1, LONG, INT, LONG, LONG);
    private static final MethodHandle WRITE = find("write", -1, LONG, INT, LONG, LONG);
    private static final MethodHandle WRITEV = find("writev", -1, LONG, INT, LONG, INT);
    private static final MethodHandle IOCTL = find("ioctl", 2, INT, INT, LONG, LONG);
    private static final MethodHandle SOCKET = find("socket", -1, INT, INT, INT, INT);
    private static final MethodHandle BIND = find("bind", -1, INT, INT, LONG, INT);
    private static final MethodHandle CONNECT = find("connect", -1, INT, INT, LONG, INT);
    private static final MethodHandle SETSOCKOPT = find("setsockopt", -1, INT, INT, INT, INT, LONG, INT);
    private static final MethodHandle GETSOCKOPT = find("getsockopt", -1, INT, INT, INT, INT, LONG, LONG);
    private static final MethodHandle GETSOCKNAME = find("getsockname", -1, INT, INT, LONG, LONG);
    private static final MethodHandle SENDMSG = find("sendmsg", -1, LONG, INT, LONG, INT);
    private static final MethodHandle RECVMSG = find("recvmsg", -1, LONG, INT, LONG, INT);
    private static final MethodHandle EVENTFD = find("eventfd", -1, INT, INT, INT);
    private static final MethodHandle EPOLL_CREATE1 = find("epoll_create1", -1, INT, INT);
    private static final MethodHandle EPOLL_CTL = find("epoll_ctl", -1, INT, INT, INT, INT, LONG);
    private static final MethodHandle EPOLL_WAIT = find("epoll_wait", -1, INT, INT, LONG, INT, INT);
    /** With nanoseconds: since Linux 5.11 and glibc 2.35; else null. */
    private static final MethodHandle EPOLL_PWAIT2 = has("epoll_pwait2")
            ? find("epoll_pwait2", -1, INT, INT, LONG, INT, LONG, LONG) : null;

    private Syscalls() {
    }

    private static boolean has(String name) {
        return LINKER.defaultLookup().find(name).isPresent();
    }

    private static MethodHandle find(String name, int firstVariadic, ValueLayout result, ValueLayout... arguments) {
        Optional<MemorySegment> address = LINKER.defaultLookup().find(name);
        if (address.isEmpty()) {
            throw new UnsatisfiedLinkError("the C library has no " + name);
        }
        FunctionDescriptor type = FunctionDescriptor.of(result, arguments);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return firstVariadic < 0 ? LINKER.downcallHandle(address.get(), type, errno)
                : LINKER.downcallHandle(address.get(), type, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static long answer(MemorySegment state, long result) {
        return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
    }

    private static AssertionError unexpected(Throwable problem) {
        return new AssertionError("a call of the C library threw", problem);
    }

    static int open(MemorySegment path, int flags) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) OPEN.invokeExact(state, path.address(), flags, 0));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int close(int fd) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) CLOSE.invokeExact(state, fd));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static long read(int fd, long address, long length) {
        MemorySegment state = STATE.get();
        try {
            return answer(state, (long) READ.invokeExact(state, fd, address, length));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static long write(int fd, long address, long length) {
        MemorySegment state = STATE.get();
        try {
            return answer(state, (long) WRITE.invokeExact(state, fd, address, length));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static long writev(int fd, long vectors, int count) {
        MemorySegment state = STATE.get();
        try {
            return answer(state, (long) WRITEV.invokeExact(state, fd, vectors, count));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int ioctl(int fd, long request, long argument) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) IOCTL.invokeExact(state, fd, request, argument));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int socket(int domain, int type, int protocol) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) SOCKET.invokeExact(state, domain, type, protocol));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int bind(int fd, MemorySegment address, int length) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) BIND.invokeExact(state, fd, address.address(), length));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int connect(int fd, MemorySegment address, int length) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) CONNECT.invokeExact(state, fd, address.address(), length));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int setsockopt(int fd, int level, int name, MemorySegment value, int length) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) SETSOCKOPT.invokeExact(state, fd, level, name, value.address(), length));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int getsockopt(int fd, int level, int name, MemorySegment value, MemorySegment length) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state,
                    (int) GETSOCKOPT.invokeExact(state, fd, level, name, value.address(), length.address()));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int getsockname(int fd, MemorySegment address, MemorySegment length) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) GETSOCKNAME.invokeExact(state, fd, address.address(), length.address()));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static long sendmsg(int fd, long message, int flags) {
        MemorySegment state = STATE.get();
        try {
            return answer(state, (long) SENDMSG.invokeExact(state, fd, message, flags));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static long recvmsg(int fd, long message, int flags) {
        MemorySegment state = STATE.get();
        try {
            return answer(state, (long) RECVMSG.invokeExact(state, fd, message, flags));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int eventfd(int initial, int flags) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) EVENTFD.invokeExact(state, initial, flags));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int epollCreate(int flags) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) EPOLL_CREATE1.invokeExact(state, flags));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    static int epollControl(int epoll, int operation, int fd, MemorySegment event) {
        MemorySegment state = STATE.get();
        try {
            return (int) answer(state, (int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event.address()));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }

    /** @param time a struct timespec that holds {@code nanos} too, for kernels that know the precise call */
    static int epollWait(int epoll, MemorySegment events, int most, MemorySegment time, long nanos) {
        MemorySegment state = STATE.get();
        try {
            if (EPOLL_PWAIT2 != null) {
                return (int) answer(state, (int) EPOLL_PWAIT2.invokeExact(state, epoll, events.address(), most,
                        time.address(), 0L));
            }
            int millis = (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
            return (int) answer(state, (int) EPOLL_WAIT.invokeExact(state, epoll, events.address(), most, millis));
        } catch (Throwable problem) {
            throw unexpected(problem);
        }
    }
}
