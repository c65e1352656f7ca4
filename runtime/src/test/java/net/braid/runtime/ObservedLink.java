package net.braid.runtime;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.linux.Pollable;

/** A link that remembers how large the packets were that passed. */
final class ObservedLink implements Link, Pollable {
    private final Link link;
    private final Pollable pollable;
    private volatile int largestSent;
    private volatile int largestReceived;

    /** @param pollable the same object as {@code link} */
    ObservedLink(Link link, Pollable pollable) {
        this.link = link;
        this.pollable = pollable;
    }

    int largestSent() {
        return largestSent;
    }

    int largestReceived() {
        return largestReceived;
    }

    @Override
    public LinkProperties properties() {
        return link.properties();
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        return link.receive((from, memory, offset, length, segmentSize, state) -> {
            largestReceived = Math.max(largestReceived, length);
            handler.onPacket(this, memory, offset, length, segmentSize, state);
        }, limit);
    }

    @Override
    public boolean ready() {
        return link.ready();
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        largestSent = Math.max(largestSent, headerLength + payload.totalLength());
        return link.send(header, headerOffset, headerLength, payload, segmentSize);
    }

    @Override
    public void flush() {
        link.flush();
    }

    @Override
    public void close() {
        link.close();
    }

    @Override
    public int fileDescriptor() {
        return pollable.fileDescriptor();
    }

    @Override
    public boolean wantsWrite() {
        return pollable.wantsWrite();
    }

    @Override
    public void onWritable() {
        pollable.onWritable();
    }

    @Override
    public boolean onError() {
        return pollable.onError();
    }
}
