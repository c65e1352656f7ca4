package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.link.ChecksumState;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.PipeProperties;
import net.braid.sim.Simulation;
import net.braid.sim.Tap;
import net.braid.sim.Topology;
import net.braid.wire.CaptureReader;
import net.braid.wire.CapturedPacket;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import org.junit.jupiter.api.Test;

/** The nine crafted SYNs that a listener of the Linux kernel was sent, sent to a listener of ours. */
class RawSynTest {
    private final List<String> answers = new ArrayList<>();

    private List<String> answersTo(MultipathConfig multipath) throws IOException {
        try (Simulation simulation = new Simulation(1)) {
            Topology topology = new Topology(simulation);
            Host client = topology.host("client");
            Host server = topology.host("server");
            Cable cable = topology.cable("path", Topology.AtHost.of(client, "10.71.1.1"),
                    Topology.AtHost.of(server, "10.71.1.2"), PipeProperties.of(100_000_000, 3_000_000));
            cable.backward().tap((pipe, point, memory, length, now) -> {
                if (point == Tap.Point.OFFERED) {
                    note(memory, length);
                }
            });
            server.stack().listen(IpAddress.ANY_V4, 8765, 64,
                    ConnectionConfig.builder().multipath(multipath).build(), (connection, now) ->
                            ConnectionListener.NONE);
            for (MemorySegment syn : syns(simulation)) {
                server.stack().onPacket(server.links().getFirst(), syn, 0, (int) syn.byteSize(), 0,
                        ChecksumState.UNVERIFIED, simulation.now());
                server.wake();
                simulation.runUntil(simulation.now() + 1_000_000);
            }
        }
        return answers;
    }

    private static List<MemorySegment> syns(Simulation simulation) throws IOException {
        List<MemorySegment> syns = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Reactor.find().root()
                .resolve("wire/src/test/resources/net/braid/wire/pcaps/raw_syn_variants.pcap")))) {
            CaptureReader reader = CaptureReader.open(in);
            SegmentView view = new SegmentView();
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                boolean right = SegmentDecoder.decode(packet.memory(), packet.ipOffset(), packet.ipLength(), true, view)
                        == DropReason.NONE;
                if (right && view.flags == TcpFlags.SYN) {
                    MemorySegment copy = simulation.arena().allocate(packet.ipLength());
                    copy.copyFrom(packet.memory().asSlice(packet.ipOffset(), packet.ipLength()));
                    syns.add(copy);
                }
            }
        }
        return syns;
    }

    private void note(MemorySegment memory, int length) {
        SegmentView view = new SegmentView();
        SegmentDecoder.decode(memory, 0, length, false, view);
        StringBuilder text = new StringBuilder(view.has(TcpFlags.RST) ? "RST" : "SYN/ACK");
        for (int i = 0; i < view.options.mptcpCount; i++) {
            if (MptcpOptionDecoder.check(view, i, 1) == OptionFault.NONE) {
                MptcpOption option = MptcpOptionDecoder.read(view, i, 1);
                text.append(switch (option) {
                    case Capable o -> " v%d %d %02x".formatted(o.version(), o.length(), o.flags());
                    case ResetReason o -> " reason " + o.reason();
                    default -> " " + option;
                });
            }
        }
        answers.add(text.toString());
    }

    @Test
    @Requirement({"A07", "A22", "A24", "A27", "B03", "E14", "K08"})
    void eachSynGetsTheAnswerThatLinuxGives() throws IOException {
        assertEquals(List.of(
                "SYN/ACK",            // version 0: off by default
                "SYN/ACK v1 12 01",
                "SYN/ACK v1 12 01",   // version 2 is answered with the highest that we know
                "SYN/ACK",            // B
                "SYN/ACK",            // no algorithm
                "SYN/ACK",            // version 1 with the length of version 0
                "RST reason 1",       // a join with an unknown token
                "SYN/ACK",            // an algorithm besides H
                "SYN/ACK v1 12 01"),  // C
                answersTo(MultipathConfig.DEFAULT));
    }

    @Test
    @Requirement({"A07", "E01", "E14"})
    void versionZeroIsAnsweredWhereItIsConfigured() throws IOException {
        assertEquals("SYN/ACK v0 12 01",
                answersTo(MultipathConfig.builder().acceptVersion0(true).build()).getFirst());
    }

    @Test
    @Requirement("A28")
    void nothingIsAnsweredWhereMultipathIsOff() throws IOException {
        assertEquals(8, answersTo(MultipathConfig.OFF).stream().filter("SYN/ACK"::equals).count());
    }
}
