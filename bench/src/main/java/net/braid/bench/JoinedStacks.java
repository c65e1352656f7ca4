package net.braid.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.Pieces;
import net.braid.base.Xoshiro256;
import net.braid.link.ChecksumState;
import net.braid.link.Link;
import net.braid.link.LinkProperties;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MultipathConfig;
import net.braid.stack.Stack;
import net.braid.stack.StackConfig;
import net.braid.wire.IpAddress;

/**
 * Two stacks, each with one link whose other end is the other's: a ring of packets, copied once as a device would. No
 * simulator, and the clock moves by a fixed step each turn. A client writes without end and a server reads.
 */
final class JoinedStacks implements AutoCloseable {
    private static final int PORT = 5001;
    private static final int CHUNK = 64 * 1024;
    private static final long TURN_NANOS = 20_000;
    private static final int BATCH = 64;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment source = arena.allocate(CHUNK, 64);
    private final MemorySegment target = arena.allocate(CHUNK, 64);
    private final Wire clientWire;
    private final Wire serverWire;
    private final Stack client;
    private final Stack server;
    private final Connection sender;
    private Connection receiver;
    private boolean full;
    private long now;
    private long received;

    /**
     * @param checksums computed and verified by the engine; else the link vouches for them, as a device would
     * @param multipath Multipath TCP on one subflow, else plain TCP
     */
    JoinedStacks(boolean checksums, boolean multipath) {
        clientWire = new Wire(arena, 0, checksums);
        serverWire = new Wire(arena, 1, checksums);
        clientWire.peer = serverWire;
        serverWire.peer = clientWire;
        IpAddress clientAddress = IpAddress.parse("10.0.0.1");
        IpAddress serverAddress = IpAddress.parse("10.0.0.2");
        client = stack(clientWire, clientAddress, 1);
        server = stack(serverWire, serverAddress, 2);
        ConnectionConfig config = ConnectionConfig.builder().sendBuffer(256 * 1024, 256 * 1024)
                .receiveBuffer(256 * 1024, 256 * 1024)
                .multipath(multipath ? MultipathConfig.DEFAULT : MultipathConfig.OFF).build();
        server.listen(serverAddress, PORT, 16, config, (connection, time) -> {
            receiver = connection;
            return ConnectionListener.NONE;
        });
        sender = client.connect(clientAddress, 0, serverAddress, PORT, config, new ConnectionListener() {
            @Override
            public void onWritable(Connection connection, long time) {
                full = false;
            }
        }, now);
        while (receiver == null) {
            cycle(client);
            cycle(server);
            now += TURN_NANOS;
        }
    }

    private Stack stack(Wire wire, IpAddress address, long seed) {
        Stack stack = new Stack(StackConfig.DEFAULT, new Xoshiro256(seed), arena);
        stack.addLink(wire);
        stack.routes().add(address, IpAddress.ANY_V4, 0, wire);
        return stack;
    }

    /** Lets at least {@code bytes} of payload arrive and be read. */
    void transfer(long bytes) {
        long goal = received + bytes;
        while (received < goal) {
            while (!full) {
                full = sender.write(source, 0, CHUNK, now) < CHUNK;
            }
            cycle(client);
            cycle(server);
            int taken;
            while ((taken = receiver.read(target, 0, CHUNK, now)) > 0) {
                received += taken;
            }
            cycle(server);
            now += TURN_NANOS;
        }
    }

    long received() {
        return received;
    }

    private void cycle(Stack stack) {
        stack.receive(BATCH, now);
        if (stack.deadline() <= now) {
            stack.onDeadline(now);
        }
        stack.transmit(BATCH, now);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Never full: the ring is larger than all that the receive window allows to be in flight. */
    private static final class Wire implements Link {
        private static final int SLOTS = 1024;
        private static final int SLOT = 1536;

        private final LinkProperties properties;
        private final MemorySegment ring;
        private final int[] lengths = new int[SLOTS];
        private final ChecksumState state;
        private Wire peer;
        private long written;
        private long read;

        Wire(Arena arena, int index, boolean checksums) {
            properties = new LinkProperties("wire" + index, index, 1500, 1500, !checksums);
            ring = arena.allocate((long) SLOTS * SLOT, 64);
            state = checksums ? ChecksumState.UNVERIFIED : ChecksumState.VALID;
        }

        @Override
        public LinkProperties properties() {
            return properties;
        }

        @Override
        public int receive(PacketHandler handler, int limit) {
            int count = 0;
            while (count < limit && peer.read < peer.written) {
                int slot = (int) (peer.read++ & SLOTS - 1);
                handler.onPacket(this, peer.ring, (long) slot * SLOT, peer.lengths[slot], 0, state);
                count++;
            }
            return count;
        }

        @Override
        public boolean send(MemorySegment header, long headerOffset, int headerLength, Pieces payload,
                int segmentSize) {
            assert written - read < SLOTS;
            int slot = (int) (written++ & SLOTS - 1);
            long at = (long) slot * SLOT;
            MemorySegment.copy(header, headerOffset, ring, at, headerLength);
            payload.copyTo(ring, at + headerLength);
            lengths[slot] = headerLength + payload.totalLength();
            return true;
        }

        @Override
        public void flush() {
            // The peer sees a packet at once.
        }

        @Override
        public void close() {
            // Memory goes with the arena.
        }
    }
}
