package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.braid.base.Xoshiro256;
import net.braid.wire.MptcpOption;
import net.braid.wire.OptionWriter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;

/**
 * Drives one flow by hand, in the manner of packetdrill. The peer is the script:
 *
 * <pre>
 * script.peer("SA -1 ack 0 win 65535 mss 1000 sackok");
 * script.emits("A 0 ack 0");
 * script.write(3000).emits("A 0:1000 ack 0", "A 1000:2000 ack 0", "AP 2000:3000 ack 0");
 * script.after(100).peer("A 0 ack 1000 sack 2000:3000");
 * </pre>
 *
 * <p>{@link #emits} names all that was emitted since the last time it was asked: one segment too many fails. Numbers
 * are relative, SYN is -1 and the first byte 0. Segments of the peer: flags of SRAPFUEC, sequence or first:end, then
 * any of {@code ack n}, {@code win n}, {@code mss n}, {@code ws n}, {@code sackok}, {@code ts value:echo},
 * {@code sack l:r l:r}, {@code urg n}, {@code ce}, {@code coalesced n} (wire segments of n bytes under one header),
 * {@code reserved n} (the four bits beside the data offset).
 */
final class Script {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;
    static final PathProperties PATH = new PathProperties(1500, false, 1500);
    /** Round numbers: no timestamps in the way, segments as long as the peer's MSS, everything leaves at once. */
    static final SubflowConfig PLAIN = SubflowConfig.builder().timestamps(false).pacing(false).windowScale(0)
            .mtuProbing(0).build();
    static final String PEER_SYN_OPTIONS = " win 65535 mss 1000 sackok ws 0";

    private static final int ISS = 0x7ffffff0;
    private static final int PEER_ISS = 0xfffffff0;
    private static final MemorySegment BUFFER = Arena.global().allocate(0x10000, 8);

    final FakeOwner owner = new FakeOwner();
    final FakeSink sink = new FakeSink();
    final Counters counters = new Counters();
    final Subflow flow;
    long now = SECONDS;
    /** The peer's window field of segments that name none. */
    int peerWindow = 65_535;
    RenoModel congestion;
    private final Deque<Segment> emitted = new ArrayDeque<>();
    private final SegmentView view = new SegmentView();
    private final OptionWriter options = new OptionWriter();

    Script(SubflowConfig config, PathProperties path) {
        CongestionController.Factory factory = new CongestionController.Factory() {
            @Override
            public String name() {
                return "model";
            }

            @Override
            public CongestionController create(FlowView view, CouplingGroup group, long at) {
                congestion = new RenoModel(view);
                return congestion;
            }
        };
        flow = new Subflow(owner, config, path, factory, null, 0, counters, new Xoshiro256(1), ISS, 0);
    }

    Script(SubflowConfig config) {
        this(config, PATH);
    }

    /** We opened; the handshake took 100 ms, which is the first RTT sample. */
    static Script established() {
        return established(PLAIN);
    }

    static Script established(SubflowConfig config) {
        return established(config, "SA -1 ack 0" + PEER_SYN_OPTIONS);
    }

    static Script established(SubflowConfig config, String synAck) {
        return established(config, PATH, synAck);
    }

    static Script established(SubflowConfig config, PathProperties path, String synAck) {
        Script script = new Script(config, path);
        script.connect();
        script.emitted.clear();
        script.after(100).peer(synAck);
        assertEquals(TcpState.ESTABLISHED, script.flow.state());
        script.emitted.clear();
        return script;
    }

    // ---- our side

    Script connect() {
        flow.connect(now);
        return pump();
    }

    Script write(long bytes) {
        owner.write(bytes);
        return pump();
    }

    Script shutdown() {
        owner.shutdown();
        return pump();
    }

    Script read(long bytes) {
        owner.read(bytes);
        flow.onReceiveWindowOpened(now);
        return pump();
    }

    Script pump() {
        owner.pump(flow, sink, now);
        for (Packet p = sink.take(); p != null; p = sink.take()) {
            emitted.add(Segment.of(p.decode(view), ISS + 1, PEER_ISS + 1, now));
        }
        return this;
    }

    // ---- time

    /** Moves the clock, from deadline to deadline. */
    Script after(long millis) {
        return afterNanos(millis * MILLIS);
    }

    Script afterNanos(long nanos) {
        long end = now + nanos;
        for (int guard = 0; flow.deadline() <= end; guard++) {
            if (guard > 1_000_000) {
                throw new AssertionError("deadlines do not end");
            }
            now = Math.max(now, flow.deadline());
            flow.onDeadline(now);
            pump();
        }
        now = end;
        return pump();
    }

    /** The clock of the machine stood still: deadlines that came due meanwhile are seen all at once. */
    Script jump(long millis) {
        now += millis * MILLIS;
        if (flow.deadline() <= now) {
            flow.onDeadline(now);
        }
        return pump();
    }

    // ---- the peer

    Script peer(String... segments) {
        for (String segment : segments) {
            inject(segment);
            pump();
        }
        return this;
    }

    /** Several segments before we may answer: what a link hands over in one batch. */
    Script peerBatch(String... segments) {
        for (String segment : segments) {
            inject(segment);
        }
        return pump();
    }

    void inject(String segment) {
        flow.onSegment(encode(segment).decode(view), now);
    }

    /** Passive open. */
    Script accept(String syn) {
        flow.accept(encode(syn).decode(view), now);
        return pump();
    }

    int wire(int relative) {
        return ISS + 1 + relative;
    }

    private Packet encode(String text) {
        String[] words = text.split(" ");
        int flags = 0;
        for (char c : words[0].toCharArray()) {
            int bit = "FSRPAUEC".indexOf(c);
            if (bit >= 0) {
                flags |= 1 << bit;
            }
        }
        int colon = words[1].indexOf(':');
        int first = Integer.parseInt(colon < 0 ? words[1] : words[1].substring(0, colon));
        int end = colon < 0 ? first : Integer.parseInt(words[1].substring(colon + 1));
        int ack = 0;
        int window = peerWindow;
        int urgent = 0;
        int coalesced = 0;
        int ecn = 0;
        int reserved = 0;
        options.begin(BUFFER, TcpHeader.LENGTH);
        for (int i = 2; i < words.length; i++) {
            switch (words[i]) {
                case "ack" -> ack = Integer.parseInt(words[++i]);
                case "win" -> window = Integer.parseInt(words[++i]);
                case "mss" -> options.maximumSegmentSize(Integer.parseInt(words[++i]));
                case "ws" -> options.windowScale(Integer.parseInt(words[++i]));
                case "sackok" -> options.sackPermitted();
                case "prio" -> new MptcpOption.Priority(true, MptcpOption.Priority.THIS_SUBFLOW).encode(options);
                case "urg" -> urgent = Integer.parseInt(words[++i]);
                case "coalesced" -> coalesced = Integer.parseInt(words[++i]);
                case "ce" -> ecn = Ecn.CE;
                case "ect" -> ecn = Ecn.ECT_0;
                case "reserved" -> reserved = Integer.parseInt(words[++i]);
                case "ts" -> {
                    String[] pair = words[++i].split(":");
                    options.timestamps(Integer.parseInt(pair[0]), Integer.parseInt(pair[1]));
                }
                case "sack" -> {
                    List<int[]> blocks = new ArrayList<>();
                    while (i + 1 < words.length && words[i + 1].indexOf(':') > 0) {
                        String[] pair = words[++i].split(":");
                        blocks.add(new int[] {Integer.parseInt(pair[0]), Integer.parseInt(pair[1])});
                    }
                    options.sack(blocks.size());
                    blocks.forEach(b -> options.sackBlock(wire(b[0]), wire(b[1])));
                }
                default -> throw new IllegalArgumentException("what is " + words[i] + " in: " + text);
            }
        }
        int headerLength = TcpHeader.LENGTH + options.finish();
        int acknowledgment = (flags & TcpFlags.ACK) != 0 ? wire(ack) : 0;
        TcpHeader.write(BUFFER, 0, 1, 2, PEER_ISS + 1 + first, acknowledgment, headerLength, flags, window, urgent);
        byte offsetByte = BUFFER.get(ValueLayout.JAVA_BYTE, 12);
        BUFFER.set(ValueLayout.JAVA_BYTE, 12, (byte) (offsetByte | reserved));
        int data = (flags & TcpFlags.SYN) != 0 && end > first ? first + 1 : first;
        byte[] payload = new byte[end - data];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = FakeOwner.patternAt(data + i);
        }
        return Packet.of(BUFFER, 0, headerLength, payload, coalesced, ecn);
    }

    // ---- what must come

    Script emits(String... expected) {
        StringBuilder actual = new StringBuilder();
        while (!emitted.isEmpty()) {
            actual.append(emitted.poll()).append('\n');
        }
        StringBuilder wanted = new StringBuilder();
        for (String line : expected) {
            wanted.append(line).append('\n');
        }
        assertEquals(wanted.toString(), actual.toString());
        return this;
    }

    Script emitsNothing() {
        return emits();
    }

    /** The next emitted segment, for a closer look. */
    Segment next() {
        Segment segment = emitted.poll();
        if (segment == null) {
            throw new AssertionError("nothing was emitted");
        }
        return segment;
    }

    List<Segment> all() {
        List<Segment> list = new ArrayList<>(emitted);
        emitted.clear();
        return list;
    }

    Script forget() {
        emitted.clear();
        return this;
    }

    Script in(TcpState expected) {
        assertEquals(expected, flow.state());
        return this;
    }

    Script told(String... expected) {
        assertEquals(List.of(expected), owner.events);
        owner.events.clear();
        return this;
    }

    long count(Counter counter) {
        return counters.get(counter);
    }
}
