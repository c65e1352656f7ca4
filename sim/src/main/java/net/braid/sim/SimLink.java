package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.List;
import net.braid.base.Pieces;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.wire.IpAddress;

/** A host's network interface: sends into one pipe, receives from another, with or without offload. */
public final class SimLink implements Link, CableEnd, FrameSink, Actor {
    private static final int LARGEST_PACKET = 65_535;

    private final Simulation simulation;
    private final Frames frames;
    private final LinkProperties properties;
    private final LinkOffload offload;
    private final int actor;
    private final FrameQueue inbox = new FrameQueue();
    private final SegmentCutter cutter;
    private final SegmentMerger merger;
    private List<IpAddress> addresses = List.of();
    private LinkOwner owner;
    private Pipe out;
    private boolean refused;
    private boolean holding;
    private long sentPackets;
    private long receivedPackets;

    SimLink(Simulation simulation, String name, int index, int mtu, LinkOffload offload) {
        this.simulation = simulation;
        this.frames = simulation.frames();
        this.offload = offload;
        this.properties = new LinkProperties(name, index, mtu, offload.segmentation() ? LARGEST_PACKET : mtu,
                offload.checksum());
        this.actor = simulation.register(this);
        this.cutter = offload.segmentation() ? new SegmentCutter(frames) : null;
        this.merger = offload.coalescing() ? new SegmentMerger(frames, simulation.arena()) : null;
    }

    void connect(Pipe outgoing) {
        out = outgoing;
    }

    void owner(LinkOwner linkOwner) {
        owner = linkOwner;
    }

    void addresses(List<IpAddress> linkAddresses) {
        addresses = linkAddresses;
    }

    /** The addresses that the host has here, or had and may get back. */
    public List<IpAddress> addresses() {
        return addresses;
    }

    @Override
    public String name() {
        return properties.name();
    }

    /** The pipe that this link sends into. */
    public Pipe out() {
        return out;
    }

    public LinkOffload offload() {
        return offload;
    }

    @Override
    public LinkProperties properties() {
        return properties;
    }

    /** Packets handed to {@link #send}; a super-segment is one. */
    public long sentPackets() {
        return sentPackets;
    }

    /** Packets handed to the host; several coalesced segments are one. */
    public long receivedPackets() {
        return receivedPackets;
    }

    @Override
    public boolean ready() {
        if (!offload.backpressure() || out.hasRoom(properties.maximumPacketBytes())) {
            return true;
        }
        refused = true;
        return false;
    }

    /** Whether the host has been refused since this was last asked. */
    boolean takeRefused() {
        boolean was = refused;
        refused = false;
        return was;
    }

    @Override
    public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload, int segmentSize) {
        int length = headerLength + payload.totalLength();
        assert length <= properties.maximumPacketBytes() && length <= LARGEST_PACKET;
        assert segmentSize > 0 || length <= properties.mtu() : "a packet larger than the MTU without a segment size";
        if (!ready()) {
            return false;
        }
        sentPackets++;
        if (segmentSize > 0 && payload.totalLength() > segmentSize) {
            assert cutter != null : "a super-segment for a link without segmentation";
            cutter.cut(header, headerOffset, headerLength, payload, segmentSize, out);
            return true;
        }
        int frame = frames.allocate(length);
        MemorySegment memory = frames.memory(frame);
        MemorySegment.copy(header, headerOffset, memory, 0, headerLength);
        payload.copyTo(memory, headerLength);
        if (offload.checksum()) {
            TcpChecksums.complete(memory, length);
        }
        out.offer(frame);
        return true;
    }

    @Override
    public void flush() {
        // Frames are on their way already.
    }

    @Override
    public void onFrame(int frame, long now) {
        inbox.addLast(frame, now, 0);
    }

    @Override
    public void onBatchEnd(long now) {
        if (offload.holdNanos() == 0) {
            owner.onReadable(this, now);
        } else if (!holding) {
            holding = true;
            simulation.schedule(actor, now + offload.holdNanos());
        }
    }

    @Override
    public void onEvent(long now) {
        holding = false;
        owner.onReadable(this, now);
    }

    @Override
    public int receive(PacketHandler handler, int limit) {
        int count = 0;
        while (count < limit && !inbox.isEmpty()) {
            if (merger != null) {
                merger.receive(this, inbox, handler);
            } else {
                receiveOne(handler);
            }
            count++;
        }
        receivedPackets += count;
        return count;
    }

    private void receiveOne(PacketHandler handler) {
        int frame = inbox.headFrame();
        inbox.removeHead();
        MemorySegment memory = frames.memory(frame);
        int length = frames.length(frame);
        ChecksumState state = offload.checksum() && TcpChecksums.isValid(memory, length)
                ? ChecksumState.VALID : ChecksumState.UNVERIFIED;
        handler.onPacket(this, memory, 0, length, 0, state);
        frames.release(frame);
    }

    @Override
    public void close() {
        while (!inbox.isEmpty()) {
            frames.release(inbox.headFrame());
            inbox.removeHead();
        }
    }
}
