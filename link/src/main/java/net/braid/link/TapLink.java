package net.braid.link;

import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;

/** A link around a link that shows every packet, sent or received, to an observer, and changes nothing. */
public final class TapLink implements Link {

    /** Sees packets; must neither change nor keep them. */
    public interface Observer {
        /** The inner link has taken this packet. */
        void onSent(Link link, MemorySegment header, long headerOffset, int headerLength, Pieces payload,
                int segmentSize);

        /** About to be handed to the engine. */
        void onReceived(Link link, MemorySegment memory, long offset, int length, int segmentSize,
                ChecksumState state);
    }

    private final Link inner;
    private final Observer observer;
    private final PacketHandler watching = this::onPacket;
    private PacketHandler target;

    public TapLink(Link inner, Observer observer) {
        this.inner = inner;
        this.observer = observer;
    }

    @Override
    public LinkProperties properties() {
        return inner.properties();
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        target = handler;
        return inner.receive(watching, limit);
    }

    private void onPacket(Link link, MemorySegment memory, long offset, int length, int segmentSize,
            ChecksumState state) {
        observer.onReceived(this, memory, offset, length, segmentSize, state);
        target.onPacket(this, memory, offset, length, segmentSize, state);
    }

    @Override
    public boolean ready() {
        return inner.ready();
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        if (!inner.send(header, headerOffset, headerLength, payload, segmentSize)) {
            return false;
        }
        observer.onSent(this, header, headerOffset, headerLength, payload, segmentSize);
        return true;
    }

    @Override
    public void flush() {
        inner.flush();
    }

    @Override
    public void close() {
        inner.close();
    }
}
