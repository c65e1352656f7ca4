package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two hosts, their frames carried by hand. */
class EthernetNeighboursTest {
    private static final long OUR_MAC = 0x02_00_00_00_00_01L;
    private static final long THEIR_MAC = 0x02_00_00_00_00_02L;
    private static final long THIEF_MAC = 0x02_00_00_00_00_03L;
    private static final IpAddress OURS = IpAddress.parse("10.1.2.3");
    private static final IpAddress THEIRS = IpAddress.parse("10.1.2.4");
    private static final IpAddress GATEWAY = IpAddress.parse("10.1.2.254");
    private static final IpAddress FAR = IpAddress.parse("192.0.2.1");
    private static final IpAddress OURS_V6 = IpAddress.parse("2001:db8::3");
    private static final IpAddress THEIRS_V6 = IpAddress.parse("2001:db8::4");
    private static final long SECOND = 1_000_000_000L;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment incoming = arena.allocate(256, 8);
    private final List<byte[]> sent = new ArrayList<>();
    private final EthernetNeighbours ours = host(OUR_MAC, new InterfaceAddress(OURS, 24, GATEWAY),
            new InterfaceAddress(OURS_V6, 64, null));
    private final EthernetNeighbours theirs = host(THEIR_MAC, new InterfaceAddress(THEIRS, 24, null),
            new InterfaceAddress(THEIRS_V6, 64, null), new InterfaceAddress(GATEWAY, 24, null));

    @AfterEach
    void close() {
        arena.close();
    }

    private EthernetNeighbours host(long mac, InterfaceAddress... addresses) {
        return new EthernetNeighbours(arena, mac, List.of(addresses), (memory, offset, length) ->
                sent.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)));
    }

    /** Carries all frames that were sent to a host. */
    private void deliver(EthernetNeighbours host, long now) {
        for (byte[] frame : List.copyOf(sent)) {
            sent.remove(frame);
            MemorySegment.copy(frame, 0, incoming, ValueLayout.JAVA_BYTE, 0, frame.length);
            if (frame[12] == 0x08 && frame[13] == 0x06) {
                host.onArp(incoming, 14, frame.length - 14, now);
            } else {
                assertTrue(host.onIpv6(incoming, 14, frame.length - 14, now));
            }
        }
    }

    private long resolve(IpAddress from, IpAddress to, long now) {
        return ours.resolve(from.high(), from.low(), to.high(), to.low(), now);
    }

    @Test
    void aNeighbourIsAskedForAndFoundByArp() {
        assertEquals(EthernetNeighbours.UNKNOWN, resolve(OURS, THEIRS, 0));
        assertEquals("ffffffffffff" + "020000000001" + "0806" + "0001080006040001" + "020000000001" + "0a010203"
                + "000000000000" + "0a010204", HexFormat.of().formatHex(sent.getFirst()));
        deliver(theirs, 0);
        assertEquals("020000000001" + "020000000002" + "0806" + "0001080006040002" + "020000000002" + "0a010204"
                + "020000000001" + "0a010203", HexFormat.of().formatHex(sent.getFirst()));
        deliver(ours, 0);
        assertEquals(1, ours.changes());
        assertEquals(THEIR_MAC, resolve(OURS, THEIRS, 0));
        assertTrue(sent.isEmpty());
    }

    @Test
    void aNeighbourIsAskedForAndFoundByNeighbourDiscovery() {
        assertEquals(EthernetNeighbours.UNKNOWN, resolve(OURS_V6, THEIRS_V6, 0));
        assertTrue(HexFormat.of().formatHex(sent.getFirst()).startsWith("3333ff000004" + "020000000001" + "86dd"));
        deliver(theirs, 0);
        deliver(ours, 0);
        assertEquals(THEIR_MAC, resolve(OURS_V6, THEIRS_V6, 0));
    }

    @Test
    void whoAsksForUsNeedNotBeAskedFor() {
        theirs.resolve(THEIRS.high(), THEIRS.low(), OURS.high(), OURS.low(), 0);
        theirs.resolve(THEIRS_V6.high(), THEIRS_V6.low(), OURS_V6.high(), OURS_V6.low(), 0);
        deliver(ours, 0);
        sent.clear();
        assertEquals(THEIR_MAC, resolve(OURS, THEIRS, 0));
        assertEquals(THEIR_MAC, resolve(OURS_V6, THEIRS_V6, 0));
        assertTrue(sent.isEmpty());
    }

    @Test
    void questionsForOthersAreNotAnswered() {
        theirs.resolve(THEIRS.high(), THEIRS.low(), 0, IpAddress.parse("10.1.2.77").low(), 0);
        theirs.resolve(THEIRS_V6.high(), THEIRS_V6.low(), OURS_V6.high(), OURS_V6.low() + 1, 0);
        deliver(ours, 0);
        assertTrue(sent.isEmpty());
        assertEquals(0, ours.changes());
    }

    @Test
    void whatIsNotInTheSubnetGoesToTheGateway() {
        resolve(OURS, FAR, 0);
        deliver(theirs, 0);
        deliver(ours, 0);
        assertEquals(THEIR_MAC, resolve(OURS, FAR, 0));
    }

    @Test
    void withoutAGatewayThereIsNoRoute() {
        assertEquals(EthernetNeighbours.NO_ROUTE, resolve(OURS_V6, IpAddress.parse("2001:db8:1::1"), 0));
        assertEquals(EthernetNeighbours.NO_ROUTE, resolve(THEIRS, OURS, 0));
        assertTrue(sent.isEmpty());
    }

    @Test
    void aQuestionIsRepeatedOnceASecond() {
        resolve(OURS, THEIRS, 0);
        resolve(OURS, THEIRS, SECOND - 1);
        assertEquals(1, sent.size());
        resolve(OURS, THEIRS, SECOND);
        assertEquals(2, sent.size());
    }

    @Test
    void aSilentNeighbourIsUsedWhileAskedAgainAndThenForgotten() {
        resolve(OURS, THEIRS, 0);
        deliver(theirs, 0);
        deliver(ours, 0);
        long now = EthernetNeighbours.CONFIRM_NANOS;
        for (int i = 0; i < EthernetNeighbours.MOST_PROBES; i++) {
            assertEquals(THEIR_MAC, resolve(OURS, THEIRS, now + i * SECOND));
            assertEquals(i + 1, sent.size());
        }
        assertEquals(EthernetNeighbours.UNKNOWN,
                resolve(OURS, THEIRS, now + EthernetNeighbours.MOST_PROBES * SECOND));
    }

    @Test
    void aClaimOfOurAddressIsCountedAndNotLearned() {
        EthernetNeighbours thief = host(THIEF_MAC, new InterfaceAddress(OURS, 24, null));
        thief.resolve(OURS.high(), OURS.low(), THEIRS.high(), THEIRS.low(), 0);
        deliver(ours, 0);
        assertEquals(1, ours.conflicts());
    }

    @Test
    void discoveryFromBeyondARouterIsIgnored() {
        theirs.resolve(THEIRS_V6.high(), THEIRS_V6.low(), OURS_V6.high(), OURS_V6.low(), 0);
        sent.getFirst()[14 + 7] = (byte) 254;
        deliver(ours, 0);
        assertTrue(sent.isEmpty());
    }

    @Test
    void discoveryWithAWrongChecksumIsIgnored() {
        theirs.resolve(THEIRS_V6.high(), THEIRS_V6.low(), OURS_V6.high(), OURS_V6.low(), 0);
        sent.getFirst()[14 + 40 + 2] ^= 1;
        deliver(ours, 0);
        assertTrue(sent.isEmpty());
    }

    @Test
    void otherIcmpIsForTheStack() {
        incoming.fill((byte) 0);
        incoming.set(ValueLayout.JAVA_BYTE, 14, (byte) 0x60);
        incoming.set(ValueLayout.JAVA_BYTE, 14 + 5, (byte) 16);
        incoming.set(ValueLayout.JAVA_BYTE, 14 + 6, (byte) 58);
        incoming.set(ValueLayout.JAVA_BYTE, 14 + 40, (byte) 2);
        assertFalse(ours.onIpv6(incoming, 14, 56, 0));
    }
}
