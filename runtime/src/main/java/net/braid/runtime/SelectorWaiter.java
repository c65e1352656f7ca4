package net.braid.runtime;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import net.braid.linux.DatagramLink;

/**
 * For links over channels of Java, on any operating system. A selector counts milliseconds: for less than one the
 * thread is parked, and packets that arrive meanwhile are seen at its end.
 */
final class SelectorWaiter implements Waiter {
    private static final long MILLISECOND = 1_000_000L;

    private final Selector selector;
    private final List<DatagramLink> links;
    private final SelectionKey[] keys;
    private volatile Thread sleeper;

    SelectorWaiter(List<DatagramLink> links) throws IOException {
        this.links = links;
        selector = Selector.open();
        keys = new SelectionKey[links.size()];
        try {
            for (int i = 0; i < keys.length; i++) {
                keys[i] = links.get(i).channel().register(selector, SelectionKey.OP_READ);
            }
        } catch (IOException problem) {
            selector.close();
            throw problem;
        }
    }

    @Override
    public void await(long nanos) {
        if (nanos < MILLISECOND) {
            sleeper = Thread.currentThread();
            LockSupport.parkNanos(this, nanos);
            return;
        }
        for (int i = 0; i < keys.length; i++) {
            int wanted = SelectionKey.OP_READ | (links.get(i).wantsWrite() ? SelectionKey.OP_WRITE : 0);
            if (keys[i].isValid() && keys[i].interestOps() != wanted) {
                keys[i].interestOps(wanted);
            }
        }
        try {
            selector.select(SelectorWaiter::seen, nanos / MILLISECOND);
        } catch (IOException broken) {
            // The thread must not spin on it.
            LockSupport.parkNanos(this, MILLISECOND);
        }
    }

    /** The shard asks all its links anyway. */
    private static void seen(SelectionKey key) {
    }

    @Override
    public void wake() {
        selector.wakeup();
        Thread thread = sleeper;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
        } catch (IOException gone) {
            // Nothing is left to wait for.
        }
    }
}
