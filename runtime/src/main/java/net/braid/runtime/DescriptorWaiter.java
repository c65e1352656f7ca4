package net.braid.runtime;

import net.braid.link.Link;
import net.braid.linux.EventWaiter;
import net.braid.linux.LinuxException;
import net.braid.linux.Pollable;

/** For links with a descriptor: sleeps in the kernel until one of them has something. */
final class DescriptorWaiter implements Waiter {
    private final EventWaiter events;

    DescriptorWaiter(Iterable<Link> links) throws LinuxException {
        events = new EventWaiter();
        for (Link link : links) {
            events.add((Pollable) link);
        }
    }

    @Override
    public void await(long nanos) {
        events.await(nanos);
    }

    @Override
    public void wake() {
        events.wake();
    }

    @Override
    public void close() {
        events.close();
    }
}
