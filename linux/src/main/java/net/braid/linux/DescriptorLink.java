package net.braid.linux;

import java.lang.foreign.Arena;
import net.braid.link.Link;

/**
 * A link over one descriptor that does not block: what {@link TunLink}, {@link PacketSocketLink} and {@link UdpLink}
 * have in common. Each packet, or batch, crosses with its own call, so there is nothing to flush.
 */
abstract sealed class DescriptorLink implements Link, Pollable permits TunLink, PacketSocketLink, UdpLink {
    final int fd;
    /** Ends with the link. */
    final Arena arena = Arena.ofShared();
    /** The kernel takes nothing at present. */
    boolean full;
    long sendErrors;
    long receiveErrors;
    private boolean closed;

    DescriptorLink(int fd) {
        this.fd = fd;
    }

    /** Sends one packet. False when the kernel takes nothing at present. */
    final boolean write(Vectors vectors) {
        long result = Syscalls.writev(fd, vectors.address(), vectors.count());
        if (result == -Errno.EAGAIN) {
            full = true;
            return false;
        }
        if (result != vectors.total()) {
            // The interface is down, its queue is full, or the kernel did not like it: lost, as on any wire.
            sendErrors++;
        }
        return true;
    }

    @Override
    public final boolean ready() {
        return !full;
    }

    @Override
    public final void flush() {
        // See above.
    }

    @Override
    public final int fileDescriptor() {
        return fd;
    }

    @Override
    public final boolean wantsWrite() {
        return full;
    }

    @Override
    public final void onWritable() {
        full = false;
    }

    /** Packets that the kernel did not take. */
    public final long sendErrors() {
        return sendErrors;
    }

    /** Reads that failed, and what came that was no packet. */
    public final long receiveErrors() {
        return receiveErrors;
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            Syscalls.close(fd);
            arena.close();
        }
    }
}
