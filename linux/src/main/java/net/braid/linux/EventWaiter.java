package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Sleeps until a descriptor is ready, another thread calls {@link #wake}, or time has passed: epoll with an eventfd in
 * it, and nanoseconds where the kernel has epoll_pwait2.
 */
public final class EventWaiter implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;
    private static final int ADD = 1;
    private static final int DELETE = 2;
    private static final int MODIFY = 3;
    private static final int IN = 1;
    private static final int OUT = 4;
    /** struct epoll_event is packed on x86-64 only. */
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA = PACKED ? 4 : 8;
    private static final int MOST_EVENTS = 16;
    private static final int WAKE_UP = -1;

    private final Arena arena = Arena.ofShared();
    private final int epoll;
    private final int eventFd;
    private final MemorySegment events = arena.allocate((long) MOST_EVENTS * EVENT_BYTES, 8);
    private final MemorySegment change = arena.allocate(EVENT_BYTES, 8);
    private final MemorySegment time = arena.allocate(16, 8);
    private final MemorySegment counter = arena.allocate(8, 8);
    private final MemorySegment one = arena.allocate(8, 8);
    private final List<Pollable> watched = new ArrayList<>();
    private final List<Boolean> writing = new ArrayList<>();
    private boolean closed;

    /** @throws LinuxException when the process has no more descriptors */
    public EventWaiter() throws LinuxException {
        one.set(LONG, 0, 1);
        epoll = LinuxException.check(Syscalls.epollCreate(EPOLL_CLOEXEC), "cannot create an epoll descriptor");
        eventFd = LinuxException.check(Syscalls.eventfd(0, EFD_NONBLOCK_CLOEXEC), "cannot create an event descriptor");
        control(ADD, eventFd, IN, WAKE_UP);
    }

    /** Watches one more descriptor. */
    public void add(Pollable pollable) throws LinuxException {
        control(ADD, pollable.fileDescriptor(), IN, watched.size());
        watched.add(pollable);
        writing.add(false);
    }

    private void control(int operation, int fd, int interest, int index) throws LinuxException {
        change.set(INT, 0, interest);
        change.set(LONG, DATA, index);
        LinuxException.check(Syscalls.epollControl(epoll, operation, fd, change), "cannot watch a descriptor");
    }

    /** Sleeps at most {@code nanos} nanoseconds. One thread only, the same that added. */
    public void await(long nanos) {
        watchWriters();
        long limited = Math.max(0, nanos);
        time.set(LONG, 0, limited / 1_000_000_000L);
        time.set(LONG, 8, limited % 1_000_000_000L);
        int count = Syscalls.epollWait(epoll, events, MOST_EVENTS, time, limited);
        for (int i = 0; i < count; i++) {
            int index = (int) events.get(LONG, (long) i * EVENT_BYTES + DATA);
            int what = events.get(INT, (long) i * EVENT_BYTES);
            if (index == WAKE_UP) {
                Syscalls.read(eventFd, counter.address(), 8);
            } else {
                onEvent(index, what);
            }
        }
    }

    private void onEvent(int index, int what) {
        Pollable pollable = watched.get(index);
        if ((what & OUT) != 0) {
            pollable.onWritable();
        }
        if ((what & (IN | OUT)) == 0 && !pollable.onError()) {
            // The device is gone. It would end every sleep from now on.
            Syscalls.epollControl(epoll, DELETE, pollable.fileDescriptor(), change);
        }
    }

    private void watchWriters() {
        for (int i = 0; i < watched.size(); i++) {
            boolean wants = watched.get(i).wantsWrite();
            if (wants != writing.get(i)) {
                writing.set(i, wants);
                change.set(INT, 0, wants ? IN | OUT : IN);
                change.set(LONG, DATA, i);
                Syscalls.epollControl(epoll, MODIFY, watched.get(i).fileDescriptor(), change);
            }
        }
    }

    /** Ends the sleep of {@link #await}, or the next one. From any thread; does nothing after {@link #close}. */
    public synchronized void wake() {
        if (!closed) {
            Syscalls.write(eventFd, one.address(), 8);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(epoll);
            Syscalls.close(eventFd);
            arena.close();
        }
    }
}
