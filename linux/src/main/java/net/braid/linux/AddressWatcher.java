package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import net.braid.wire.IpAddress;

/**
 * Watches interfaces and their addresses by rtnetlink (rtnetlink(7)). {@link #poll} tells first what is there and then
 * what changes. When the kernel had to drop notifications, everything is asked for anew and only differences are told:
 * who listens sees a consistent sequence, though perhaps not every change in between. Needs no privilege.
 */
public final class AddressWatcher implements Pollable, AutoCloseable {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    private static final int GROUPS_LINK_IPV4_IPV6 = 1 | 0x10 | 0x100;
    private static final int ADDRESS_BYTES = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int RECEIVE_BUFFER = 1 << 20;
    /** The kernel fills at most 32 KiB per message of a dump. */
    private static final int ROOM = 1 << 16;

    private static final int HEADER = 16;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int NEW_LINK = 16;
    private static final int DELETE_LINK = 17;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int GET_ADDRESS = 22;
    private static final int REQUEST_DUMP = 0x301;
    private static final int DUMP_INTERRUPTED = 0x10;

    private static final int LINK_BODY = 16;
    private static final int IFF_UP_RUNNING = 1 | 0x40;
    private static final int IFLA_IFNAME = 3;
    private static final int ADDRESS_BODY = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int TENTATIVE = 0x40;
    private static final int DAD_FAILED = 0x08;
    private static final int OPTIMISTIC = 0x04;

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment incoming = arena.allocate(ROOM, 8);
    private final MemorySegment request = arena.allocate(HEADER + LINK_BODY, 8);
    private final Vectors vectors = new Vectors(arena, 1);
    private final MessageHeader message = new MessageHeader(arena);
    private final InterfaceTable table = new InterfaceTable();
    /** GET_LINK or GET_ADDRESS while that dump runs, else 0. */
    private int dump;
    private int sequence;
    /** News from before this dump has been read: what is queued in front of its answer may be old. */
    private boolean dumpBegun;
    private boolean stale;
    private boolean closed;
    private long overruns;

    private AddressWatcher(int fd) {
        this.fd = fd;
    }

    /** @throws LinuxException when the process has no more descriptors or netlink is forbidden to it */
    public static AddressWatcher open() throws LinuxException {
        int fd = LinuxException.check(Syscalls.socket(AF_NETLINK, RAW_NONBLOCK_CLOEXEC, 0),
                "cannot open a netlink socket");
        AddressWatcher watcher = new AddressWatcher(fd);
        try {
            watcher.subscribe();
        } catch (LinuxException problem) {
            watcher.close();
            throw problem;
        }
        return watcher;
    }

    private void subscribe() throws LinuxException {
        MemorySegment name = message.name();
        name.fill((byte) 0);
        name.set(SHORT, 0, (short) AF_NETLINK);
        name.set(INT, 8, GROUPS_LINK_IPV4_IPV6);
        LinuxException.check(Syscalls.bind(fd, name, ADDRESS_BYTES), "cannot watch interfaces");
        name.set(INT, 0, RECEIVE_BUFFER);
        Syscalls.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, name, 4);
        LinuxException.check(ask(GET_LINK), "cannot ask for interfaces");
    }

    /** Interfaces first, then addresses: a socket does one dump at a time. */
    private long ask(int type) {
        dump = type;
        request.fill((byte) 0);
        int length = HEADER + (type == GET_LINK ? LINK_BODY : ADDRESS_BODY);
        request.set(INT, 0, length);
        request.set(SHORT, 4, (short) type);
        request.set(SHORT, 6, (short) REQUEST_DUMP);
        request.set(INT, 8, ++sequence);
        return Syscalls.write(fd, request.address(), length);
    }

    /** Tells {@code listener} what has changed, in order, and returns how many events that were. Never blocks. */
    public int poll(Consumer<? super NetworkEvent> listener) {
        while (true) {
            vectors.clear();
            vectors.add(incoming.address(), ROOM);
            message.prepareToReceive();
            message.vectors(vectors.address(), 1);
            long bytes = Syscalls.recvmsg(fd, message.address(), 0);
            if (bytes == -Errno.EINTR) {
                continue;
            }
            if (bytes == -Errno.ENOBUFS || bytes >= 0 && message.truncated()) {
                overruns++;
                stale = true;
            } else if (bytes < 0) {
                break;
            } else if (message.nameLength() == ADDRESS_BYTES && message.name().get(INT, 4) == 0) {
                // Port 0 is the kernel; other programs may not tell us anything.
                read((int) bytes);
            }
            restartIfStale();
        }
        return table.report(listener);
    }

    private void restartIfStale() {
        if (stale && dump == 0) {
            stale = false;
            dumpBegun = false;
            ask(GET_LINK);
        }
    }

    private void read(int bytes) {
        int at = 0;
        while (at + HEADER <= bytes) {
            int length = incoming.get(INT, at);
            if (length < HEADER || at + length > bytes) {
                return;
            }
            readMessage(at, at + length, Short.toUnsignedInt(incoming.get(SHORT, at + 4)));
            at += length + 3 & ~3;
        }
    }

    private void readMessage(int at, int end, int type) {
        boolean ofDump = dump != 0 && incoming.get(INT, at + 8) == sequence;
        if (ofDump && !dumpBegun) {
            dumpBegun = true;
            table.mark();
        }
        if (ofDump && (incoming.get(SHORT, at + 6) & DUMP_INTERRUPTED) != 0) {
            stale = true;
        }
        switch (type) {
            case NEW_LINK, DELETE_LINK -> readLink(at + HEADER, end, type == DELETE_LINK);
            case NEW_ADDRESS, DELETE_ADDRESS -> readAddress(at + HEADER, end, type == DELETE_ADDRESS);
            case DONE, ERROR -> {
                if (ofDump) {
                    onDumpEnd(type == ERROR);
                }
            }
            default -> { }
        }
    }

    private void onDumpEnd(boolean failed) {
        if (failed) {
            dump = 0;
            return;
        }
        if (dump == GET_LINK) {
            ask(GET_ADDRESS);
            return;
        }
        dump = 0;
        if (!stale) {
            table.sweep();
        }
    }

    private void readLink(int body, int end, boolean gone) {
        // A bridge tells of its ports in the same messages, under its own family; they do not mean the interface.
        if (body + LINK_BODY > end || incoming.get(BYTE, body) != AF_UNSPEC) {
            return;
        }
        int index = incoming.get(INT, body + 4);
        if (gone) {
            table.removeLink(index);
            return;
        }
        boolean up = (incoming.get(INT, body + 8) & IFF_UP_RUNNING) == IFF_UP_RUNNING;
        int name = attribute(body + LINK_BODY, end, IFLA_IFNAME);
        table.addLink(index, name < 0 ? "if" + index : incoming.getString(name), up);
    }

    private void readAddress(int body, int end, boolean gone) {
        if (body + ADDRESS_BODY > end) {
            return;
        }
        int family = incoming.get(BYTE, body);
        int index = incoming.get(INT, body + 4);
        // On a point-to-point interface IFA_ADDRESS is the other end.
        int local = attribute(body + ADDRESS_BODY, end, IFA_LOCAL);
        int at = local >= 0 ? local : attribute(body + ADDRESS_BODY, end, IFA_ADDRESS);
        if (at < 0 || family != AF_INET && family != AF_INET6
                || at + (family == AF_INET ? IpAddress.V4_BYTES : IpAddress.V6_BYTES) > end) {
            return;
        }
        IpAddress address = family == AF_INET ? IpAddress.readV4(incoming, at) : IpAddress.readV6(incoming, at);
        int prefixLength = Byte.toUnsignedInt(incoming.get(BYTE, body + 1));
        int wide = attribute(body + ADDRESS_BODY, end, IFA_FLAGS);
        int flags = wide >= 0 ? incoming.get(INT, wide) : incoming.get(BYTE, body + 2);
        boolean usable = (flags & DAD_FAILED) == 0 && ((flags & TENTATIVE) == 0 || (flags & OPTIMISTIC) != 0);
        if (gone || !usable) {
            table.removeAddress(index, address, prefixLength);
        } else {
            table.addAddress(index, address, prefixLength);
        }
    }

    /** Place of an attribute's value, or -1. */
    private int attribute(int from, int end, int wanted) {
        int at = from;
        while (at + 4 <= end) {
            int length = Short.toUnsignedInt(incoming.get(SHORT, at));
            if (length < 4 || at + length > end) {
                return -1;
            }
            if ((incoming.get(SHORT, at + 2) & 0x3fff) == wanted) {
                return at + 4;
            }
            at += length + 3 & ~3;
        }
        return -1;
    }

    /** How often the kernel had more to say than there was room for. */
    public long overruns() {
        return overruns;
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    @Override
    public boolean onError() {
        // An overrun; the next poll reads it.
        return true;
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
