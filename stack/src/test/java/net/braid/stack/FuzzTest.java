package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.base.Xoshiro256;
import net.braid.link.ChecksumState;
import net.braid.mptcp.ConnectionConfig;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** Damaged and forged packets for a live stack: nothing throws, nothing grows. */
@Requirement("H17")
class FuzzTest {
    private static final long SEED = 0x5eed_0010L;
    private static final int PACKETS = 200_000;

    /** Changes bytes of a real packet; the link says its checksum is good, so that the damage gets past it. */
    private static FakeLink.Packet damage(FakeLink.Packet packet, Xoshiro256 random) {
        int length = packet.length();
        MemorySegment copy = Arena.ofAuto().allocate(length);
        MemorySegment.copy(packet.memory(), 0, copy, 0, length);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            // Behind the IPv4 header, whose checksum would stop it; mostly in the TCP header.
            int at = 20 + random.nextInt(random.nextInt(4) == 0 ? length - 20 : Math.min(60, length - 20));
            copy.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
        // Ports stay, so that most of them meet a connection.
        if (random.nextInt(8) != 0) {
            MemorySegment.copy(packet.memory(), 20, copy, 20, 4);
        }
        return new FakeLink.Packet(copy, 0, ChecksumState.VALID);
    }

    @Test
    void damagedSegmentsDoNoHarmToTheStack() {
        Xoshiro256 random = new Xoshiro256(SEED);
        Duo duo = new Duo();
        duo.server.listen(IpAddress.ANY_V4, Duo.PORT, 16, ConnectionConfig.DEFAULT, (connection, at) -> {
            Duo.Application application = duo.accept(connection);
            application.checks = false;
            return application;
        });
        List<Duo.Application> clients = new ArrayList<>();
        int given = 0;
        while (given < PACKETS) {
            clients.add(duo.connect(ConnectionConfig.DEFAULT));
            duo.run(2);
            Duo.Application client = clients.getLast();
            long written = client.reason == null ? client.write(0, 3_000) : 0;
            assertTrue(written >= 0);
            duo.turn(duo.client, duo.clientLink);
            List<FakeLink.Packet> seen = List.copyOf(duo.clientLink.sent);
            for (int i = 0; i < 400; i++, given++) {
                FakeLink.Packet bad = damage(seen.get(random.nextInt(seen.size())), random);
                duo.serverLink.offer(bad);
                if (i % 10 == 0) {
                    duo.turn(duo.server, duo.serverLink);
                }
            }
            duo.accepted.forEach(server -> server.connection.abort(duo.now));
            duo.accepted.clear();
            client.connection.abort(duo.now);
            duo.sleep(300_000_000L);
            duo.clientLink.sent.clear();
            duo.serverLink.sent.clear();
            assertTrue(duo.server.connectionCount() <= 16, "seed " + SEED + " packet " + given);
        }
        duo.sleep(600_000_000_000L);
        duo.accepted.forEach(server -> server.connection.abort(duo.now));
        duo.sleep(600_000_000_000L);
        assertEquals(0, duo.server.connectionCount());
        assertEquals(0, duo.client.connectionCount());
        assertEquals(0, duo.server.pool().inUse());
        assertEquals(0, duo.client.pool().inUse());
    }

    @Test
    void randomBytesAreDropped() {
        Xoshiro256 random = new Xoshiro256(SEED + 1);
        FakeLink link = new FakeLink();
        Stack stack = new Stack(StackConfig.DEFAULT, random);
        stack.addLink(link);
        MemorySegment packet = Arena.ofAuto().allocate(1500);
        for (int i = 0; i < PACKETS; i++) {
            int length = random.nextInt(120);
            for (int at = 0; at < length; at++) {
                packet.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
            }
            if (length > 0 && random.nextInt(2) == 0) {
                packet.set(ValueLayout.JAVA_BYTE, 0, (byte) (random.nextInt(2) == 0 ? 0x45 : 0x60));
            }
            stack.onPacket(link, packet, 0, length, 0, ChecksumState.UNVERIFIED, i);
        }
        assertEquals(0, stack.connectionCount());
        assertTrue(link.sent.isEmpty());
    }
}
