package net.braid.conformance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.braid.wire.CaptureReader;
import net.braid.wire.CapturedPacket;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.MptcpOption.DataSequenceSignal;
import net.braid.wire.MptcpOption.JoinSyn;
import net.braid.wire.MptcpOption.JoinSynAck;
import net.braid.wire.MptcpOption.Priority;
import net.braid.wire.MptcpOption.ResetReason;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpOptions;

/**
 * What Multipath TCP each side of each flow has said, in order, without what differs from one run to the next: kinds,
 * flags and lengths of options, but no key, number or time.
 *
 * <p>A segment is {@code S}, {@code SA}, {@code A} (no payload), {@code D} (payload), {@code F} or {@code R}, and its
 * options stand behind it. What a run may do more or less often is folded: equal neighbours are one; an
 * acknowledgment that says nothing but DATA_ACK, or nothing at all, is left out unless it is the fourth packet of a
 * join. A DATA_ACK counts for the same with 32 and with 64 bits, and beside a signal as without it.
 */
final class OptionTrace {
    private final class Flow {
        final long clientHigh;
        final long clientLow;
        final int clientPort;
        final int serverPort;
        final List<String> client = new ArrayList<>();
        final List<String> server = new ArrayList<>();
        boolean joined;

        Flow(SegmentView syn) {
            clientHigh = syn.sourceHigh;
            clientLow = syn.sourceLow;
            clientPort = syn.sourcePort;
            serverPort = syn.destinationPort;
        }

        boolean isOf(SegmentView view) {
            return isFromClient(view) || view.destinationHigh == clientHigh && view.destinationLow == clientLow
                    && view.destinationPort == clientPort && view.sourcePort == serverPort;
        }

        boolean isFromClient(SegmentView view) {
            return view.sourceHigh == clientHigh && view.sourceLow == clientLow && view.sourcePort == clientPort
                    && view.destinationPort == serverPort;
        }
    }

    private final List<Flow> flows = new ArrayList<>();
    private final SegmentView view = new SegmentView();
    private final int version;

    OptionTrace(int version) {
        this.version = version;
    }

    static OptionTrace of(Path capture, int version) throws IOException {
        OptionTrace trace = new OptionTrace(version);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(capture))) {
            CaptureReader reader = CaptureReader.open(in);
            for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
                trace.add(packet.memory(), packet.ipOffset(), packet.ipLength());
            }
        }
        return trace;
    }

    void add(MemorySegment memory, long offset, int length) {
        if (SegmentDecoder.decode(memory, offset, length, false, view) != DropReason.NONE) {
            return;
        }
        Flow flow = null;
        for (Flow known : flows) {
            flow = known.isOf(view) ? known : flow;
        }
        if (flow == null) {
            flow = new Flow(view);
            flows.add(flow);
        }
        boolean fromClient = flow.isFromClient(view);
        List<String> said = fromClient ? flow.client : flow.server;
        String segment = segment(flow, fromClient);
        if (segment != null && (said.isEmpty() || !said.getLast().equals(segment))) {
            said.add(segment);
        }
    }

    /** One line for each flow, in the order of their SYNs. */
    String client() {
        return lines(true);
    }

    String server() {
        return lines(false);
    }

    private String lines(boolean client) {
        List<String> lines = new ArrayList<>();
        for (Flow flow : flows) {
            lines.add(String.join(" | ", client ? flow.client : flow.server));
        }
        return String.join("\n", lines);
    }

    /** Null: nothing that counts. */
    private String segment(Flow flow, boolean fromClient) {
        List<String> options = options();
        boolean acknowledges = options.remove("DATA_ACK");
        if (view.has(TcpFlags.RST)) {
            return join("R", options);
        }
        if (view.has(TcpFlags.SYN)) {
            flow.joined |= !view.has(TcpFlags.ACK) && view.options.has(TcpOptions.MP_JOIN);
            return join(view.has(TcpFlags.ACK) ? "SA" : "S", options);
        }
        if (view.payloadLength > 0) {
            return join("D", options);
        }
        if (view.has(TcpFlags.FIN)) {
            return join("F", options);
        }
        boolean fourth = flow.joined && !fromClient && flow.server.size() == 1;
        if (fourth && options.isEmpty()) {
            return acknowledges ? "A DATA_ACK" : "A";
        }
        return options.isEmpty() ? null : join("A", options);
    }

    private static String join(String kind, List<String> options) {
        return options.isEmpty() ? kind : kind + " " + String.join(" + ", options);
    }

    private List<String> options() {
        List<String> list = new ArrayList<>();
        if (view.options.has(TcpOptions.SACK)) {
            list.add("SACK");
        }
        for (int i = 0; i < view.options.mptcpCount; i++) {
            int length = view.options.mptcpLength[i];
            if (MptcpOptionDecoder.check(view, i, version) != OptionFault.NONE) {
                list.add("broken" + length);
                continue;
            }
            MptcpOption option = MptcpOptionDecoder.read(view, i, version);
            switch (option) {
                case Capable o -> list.add("MP_CAPABLE%d/%02x".formatted(length, o.flags()));
                case JoinSyn o -> list.add("MP_JOIN" + length + (o.backup() ? "/B" : ""));
                case JoinSynAck o -> list.add("MP_JOIN" + length + (o.backup() ? "/B" : ""));
                case DataSequenceSignal o -> {
                    if ((o.parts() & TcpOptions.DSS_MAPPING) != 0) {
                        list.add((o.dataLength() == 0 ? "infinite" : "mapping")
                                + ((o.parts() & TcpOptions.DSS_DSN_64) != 0 ? "64" : "32")
                                + ((o.parts() & TcpOptions.DSS_CHECKSUM) != 0 ? "/sum" : "")
                                + ((o.parts() & TcpOptions.DSS_DATA_FIN) != 0 ? "/FIN" : ""));
                    }
                    if ((o.parts() & TcpOptions.DSS_ACK) != 0) {
                        list.add("DATA_ACK");
                    }
                }
                case AddAddress o -> list.add("ADD_ADDR" + length + (o.echo() ? "/E" : ""));
                case Priority o -> list.add("MP_PRIO" + length + (o.backup() ? "/B" : ""));
                case ResetReason o -> list.add("MP_TCPRST" + length + "/" + o.reason() + (o.temporary() ? "/T" : ""));
                default -> list.add(option.getClass().getSimpleName() + length);
            }
        }
        return list;
    }

    /** For messages: the client of the first flow. */
    @Override
    public String toString() {
        return flows.isEmpty() ? "nothing" : IpAddress.toString(flows.getFirst().clientHigh,
                flows.getFirst().clientLow) + "\n" + client() + "\n--\n" + server();
    }
}
