package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.braid.wire.Checksum;
import net.braid.wire.DssChecksum;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;
import net.braid.wire.MptcpCrypto;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOption.AddAddress;
import net.braid.wire.MptcpOption.Capable;
import net.braid.wire.OptionWriter;
import net.braid.wire.PcapngWriter;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentPrinter;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;
import net.braid.wire.TcpHeader;
import net.braid.wire.TcpOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another decoder, tshark, reads what our encoder writes, and must read the same. */
class TsharkTest {
    private static final int SYN = TcpFlags.SYN;
    private static final int SYN_ACK = TcpFlags.SYN | TcpFlags.ACK;
    private static final int ACK = TcpFlags.ACK;
    private static final int PUSH = TcpFlags.ACK | TcpFlags.PSH;
    private static final int RESET = TcpFlags.RST | TcpFlags.ACK;
    private static final int CLIENT = 0;
    private static final int SERVER = 1;
    private static final long KEY_A = 0x0011223344556677L;

    private final List<byte[]> packets = new ArrayList<>();
    private final List<Integer> versions = new ArrayList<>();
    private final MptcpCrypto crypto = new MptcpCrypto();
    private int ports = 40_000;

    /** One TCP flow under construction; both sides count their bytes. */
    private final class Flow {
        private final boolean ipv6;
        private final int version;
        private final int port = ports++;
        private final int[] next = {0xffffff00, 0x7fffff00};

        Flow(boolean ipv6, int version) {
            this.ipv6 = ipv6;
            this.version = version;
        }

        void segment(int from, int flags, int payloadLength, Consumer<OptionWriter> writeOptions) {
            MemorySegment memory = Arena.ofAuto().allocate(2048);
            int ipLength = ipv6 ? Ipv6Header.LENGTH : Ipv4Header.LENGTH;
            OptionWriter options = new OptionWriter();
            options.begin(memory, ipLength + TcpHeader.LENGTH);
            writeOptions.accept(options);
            int headerLength = TcpHeader.LENGTH + options.finish();
            for (int i = 0; i < payloadLength; i++) {
                memory.set(ValueLayout.JAVA_BYTE, ipLength + headerLength + i, payloadByte(i));
            }
            int length = headerLength + payloadLength;
            int other = 1 - from;
            IpAddress source = address(from);
            IpAddress destination = address(other);
            int ecn = packets.size() & 3;
            if (ipv6) {
                Ipv6Header.write(memory, 0, ecn, 7, length, TcpHeader.PROTOCOL, 64, source.high(), source.low(),
                        destination.high(), destination.low());
            } else {
                Ipv4Header.write(memory, 0, ecn, ipLength + length, packets.size(), Ipv4Header.DONT_FRAGMENT, 63,
                        TcpHeader.PROTOCOL, source.v4Bits(), destination.v4Bits());
            }
            int urgent = (flags & TcpFlags.URG) != 0 ? 1 : 0;
            TcpHeader.write(memory, ipLength, from == CLIENT ? port : 8765, from == CLIENT ? 8765 : port, next[from],
                    (flags & TcpFlags.ACK) != 0 ? next[other] : 0, headerLength, flags, 1000 + packets.size(), urgent);
            TcpHeader.writeChecksum(memory, ipLength, length, Checksum.pseudoHeader(ipv6, source.high(), source.low(),
                    destination.high(), destination.low(), TcpHeader.PROTOCOL, length));
            next[from] += payloadLength + ((flags & (TcpFlags.SYN | TcpFlags.FIN)) != 0 ? 1 : 0);
            packets.add(memory.asSlice(0, ipLength + length).toArray(ValueLayout.JAVA_BYTE));
            versions.add(version);
        }

        void segment(int from, int flags, int payloadLength, boolean timestamps, MptcpOption... list) {
            segment(from, flags, payloadLength, options -> {
                if (timestamps) {
                    options.timestamps(1000 + packets.size(), 2000);
                }
                for (MptcpOption option : list) {
                    option.encode(options);
                }
            });
        }

        private IpAddress address(int side) {
            return IpAddress.parse((ipv6 ? "2001:db8::" : "10.9.8.") + (side + 1));
        }
    }

    private static byte payloadByte(int index) {
        return (byte) (0x41 + index % 26);
    }

    private static int payloadSum(int length) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length));
        for (int i = 0; i < length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, payloadByte(i));
        }
        return Checksum.sum(memory, 0, length);
    }

    private void plainFlow(boolean ipv6) {
        Flow flow = new Flow(ipv6, 1);
        MemorySegment cookie = Arena.ofAuto().allocate(16);
        cookie.fill((byte) 0xc7);
        flow.segment(CLIENT, SYN | TcpFlags.ECE | TcpFlags.CWR, 0, options -> {
            options.maximumSegmentSize(1460);
            options.sackPermittedAndTimestamps(5, 0);
            options.windowScale(14);
        });
        flow.segment(SERVER, SYN_ACK | TcpFlags.ECE, 0, options -> {
            options.maximumSegmentSize(536);
            options.sackPermitted();
            options.timestamps(-1, 5);
            options.windowScale(0);
        });
        flow.segment(CLIENT, ACK, 0, options -> options.timestamps(6, -1));
        flow.segment(CLIENT, PUSH | TcpFlags.URG, 11, options -> options.timestamps(7, -1));
        for (int blocks = 1; blocks <= 4; blocks++) {
            int count = blocks;
            flow.segment(SERVER, ACK, 0, options -> {
                if (count < 4) {
                    options.timestamps(8, 7);
                }
                options.sack(count);
                for (int i = 0; i < count; i++) {
                    // Above the ACK, from the top: else it would be a D-SACK.
                    int left = flow.next[CLIENT] + 2000 * (count - i);
                    options.sackBlock(left, left + 1000);
                }
            });
        }
        flow.segment(CLIENT, ACK, 0, options -> options.userTimeout(300, false));
        flow.segment(CLIENT, ACK, 0, options -> options.userTimeout(5, true));
        flow.segment(CLIENT, TcpFlags.FIN | ACK, 0, options -> { });
        flow.segment(SERVER, RESET, 0, options -> { });
        for (int length : new int[] {0, 4, 6, 8, 16}) {
            new Flow(ipv6, 1).segment(CLIENT, SYN, 0, options -> {
                options.maximumSegmentSize(1460);
                options.fastOpen(cookie, 0, length);
            });
            new Flow(ipv6, 1).segment(CLIENT, SYN, 0, options -> {
                options.maximumSegmentSize(1460);
                options.fastOpenExperimental(cookie, 0, length);
            });
        }
    }

    private void multipathFlows(boolean ipv6, int version, boolean checksum) {
        int flags = Capable.HMAC | (checksum ? Capable.CHECKSUM_REQUIRED : 0);
        // Wireshark finds a connection by the token of its keys: every connection needs its own.
        long keyA = KEY_A + ports;
        long keyB = ~KEY_A - 3L * ports;
        Flow flow = new Flow(ipv6, version);
        flow.segment(CLIENT, SYN, 0, options -> {
            options.maximumSegmentSize(1460);
            options.sackPermittedAndTimestamps(1, 0);
            options.windowScale(7);
            (version == 0 ? Capable.withKey(0, flags, keyA) : Capable.offer(1, flags)).encode(options);
        });
        int answer = version == 1 && ipv6 ? flags | Capable.NO_MORE_SUBFLOWS : flags;
        flow.segment(SERVER, SYN_ACK, 0, options -> {
            options.maximumSegmentSize(1460);
            options.sackPermittedAndTimestamps(1, 1);
            options.windowScale(7);
            Capable.withKey(version, answer, keyB).encode(options);
        });
        flow.segment(CLIENT, ACK, 0, true, Capable.withKeys(version, flags, keyA, keyB));
        long dataA = crypto.initialDataSequenceNumber(version, keyA) + 1;
        long dataB = crypto.initialDataSequenceNumber(version, keyB) + 1;
        int subflowSequence = 1;
        if (version == 1) {
            int sum = DssChecksum.compute(dataA, 1, 9, payloadSum(9));
            flow.segment(CLIENT, PUSH, 9, true, checksum ? Capable.withData(flags, keyA, keyB, 9, sum)
                    : Capable.withData(flags, keyA, keyB, 9));
            dataA += 9;
            subflowSequence += 9;
        }
        flow.segment(SERVER, ACK, 0, true, new MptcpOption.DataSequenceSignal(
                TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64, dataA, 0, 0, 0, 0));
        flow.segment(SERVER, ACK, 0, true, new MptcpOption.DataSequenceSignal(
                TcpOptions.DSS_ACK, dataA & 0xffff_ffffL, 0, 0, 0, 0));
        int sum = checksum ? TcpOptions.DSS_CHECKSUM : 0;
        int[] acks = {0, TcpOptions.DSS_ACK, TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64};
        int[] mappings = {TcpOptions.DSS_MAPPING, TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64};
        for (int ack : acks) {
            for (int mapping : mappings) {
                int parts = ack | mapping | sum;
                int value = DssChecksum.compute(dataA, subflowSequence, 20, payloadSum(20));
                flow.segment(CLIENT, PUSH, 20, true, new MptcpOption.DataSequenceSignal(parts,
                        (ack & TcpOptions.DSS_ACK_64) != 0 ? dataB : dataB & 0xffff_ffffL,
                        (mapping & TcpOptions.DSS_DSN_64) != 0 ? dataA : dataA & 0xffff_ffffL, subflowSequence, 20,
                        checksum ? value : 0));
                dataA += 20;
                subflowSequence += 20;
            }
        }
        AddAddress[] addresses = addresses(version, keyA, keyB);
        for (AddAddress address : addresses) {
            flow.segment(SERVER, ACK, 0, address.length() <= 28, address);
        }
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.RemoveAddress(List.of(3)));
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.RemoveAddress(List.of(3, 4, 255)));
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Priority(true, MptcpOption.Priority.THIS_SUBFLOW));
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Priority(false, MptcpOption.Priority.THIS_SUBFLOW));
        if (version == 0) {
            flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Priority(true, 9));
        }
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Fail(dataA));
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.FastClose(keyB));
        if (version == 1) {
            flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Experimental(0, List.of()));
            flow.segment(CLIENT, ACK, 0, true, new MptcpOption.Experimental(7, List.of(1, 2, 3)));
        }
        int fin = TcpOptions.DSS_ACK | TcpOptions.DSS_ACK_64 | TcpOptions.DSS_MAPPING | TcpOptions.DSS_DSN_64
                | TcpOptions.DSS_DATA_FIN | sum;
        flow.segment(CLIENT, ACK, 0, true, new MptcpOption.DataSequenceSignal(fin, dataB, dataA, 0, 1,
                checksum ? DssChecksum.compute(dataA, 0, 1, 0) : 0));
        flow.segment(SERVER, ACK, 0, true, new MptcpOption.DataSequenceSignal(fin & ~TcpOptions.DSS_DATA_FIN, dataA,
                dataB, 1, 0, 0));
        join(ipv6, version, keyA, keyB);
        resets(ipv6, version, flow, keyA, dataA);
    }

    private AddAddress[] addresses(int version, long keyA, long keyB) {
        List<AddAddress> list = new ArrayList<>();
        for (String text : new String[] {"192.0.2.33", "2001:db8::77"}) {
            for (int port : new int[] {AddAddress.NO_PORT, 8080}) {
                IpAddress address = IpAddress.parse(text);
                long hmac = version == 0 ? 0 : crypto.addAddressHmac(keyB, keyA, 5, address, port);
                AddAddress add = new AddAddress(version, false, 5, address, port, hmac);
                list.add(add);
                if (version == 1) {
                    list.add(add.toEcho());
                }
            }
        }
        return list.toArray(AddAddress[]::new);
    }

    private void join(boolean ipv6, int version, long keyA, long keyB) {
        Flow flow = new Flow(ipv6, version);
        int nonceA = 0x01020304;
        int nonceB = 0xa1a2a3a4;
        flow.segment(CLIENT, SYN, 0, options -> {
            options.maximumSegmentSize(1460);
            options.sackPermittedAndTimestamps(1, 0);
            options.windowScale(7);
            new MptcpOption.JoinSyn(true, 2, crypto.token(version, keyB), nonceA).encode(options);
        });
        flow.segment(SERVER, SYN_ACK, 0, options -> {
            options.maximumSegmentSize(1460);
            options.sackPermittedAndTimestamps(1, 1);
            options.windowScale(7);
            new MptcpOption.JoinSynAck(false, 0, crypto.joinSynAckHmac(version, keyB, keyA, nonceB, nonceA), nonceB)
                    .encode(options);
        });
        flow.segment(CLIENT, ACK, 0, true, crypto.joinAck(version, keyA, keyB, nonceA, nonceB));
    }

    private void resets(boolean ipv6, int version, Flow flow, long keyA, long dataSequence) {
        if (version == 0) {
            flow.segment(SERVER, RESET, 0, true, new MptcpOption.Fail(dataSequence));
            return;
        }
        for (int reason = 0; reason <= 6; reason++) {
            flow.segment(SERVER, RESET, 0, false, new MptcpOption.ResetReason(reason % 2 == 1, reason));
        }
        flow.segment(SERVER, RESET, 0, true, new MptcpOption.FastClose(keyA), new MptcpOption.ResetReason(false, 0));
        flow.segment(SERVER, RESET, 0, true, new MptcpOption.Fail(dataSequence), new MptcpOption.ResetReason(true, 6));
    }

    @Test
    void tsharkReadsTheSameFieldsFromEveryKindOfSegment(@TempDir Path folder) throws IOException, InterruptedException {
        for (boolean ipv6 : new boolean[] {false, true}) {
            plainFlow(ipv6);
            for (int version = 0; version <= 1; version++) {
                multipathFlows(ipv6, version, false);
                multipathFlows(ipv6, version, true);
            }
        }
        assertTrue(packets.size() >= 100, packets.size() + " packets");
        Path file = folder.resolve("segments.pcapng");
        write(file);
        List<Map<String, List<String>>> rows = tshark(file);
        assertEquals(packets.size(), rows.size(), "packets that tshark saw");
        StringBuilder differences = new StringBuilder();
        for (int i = 0; i < packets.size(); i++) {
            compare(i, rows.get(i), differences);
        }
        assertEquals("", differences.toString());
    }

    private void write(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            PcapngWriter writer = new PcapngWriter(out);
            int[] interfaces = {writer.addInterface("wifi"), writer.addInterface("cellular")};
            for (int i = 0; i < packets.size(); i++) {
                MemorySegment memory = memory(i);
                writer.write(interfaces[i & 1], 1_000_000_000L * i + i, memory, 0, (int) memory.byteSize(),
                        "packet " + i);
            }
        }
    }

    private MemorySegment memory(int index) {
        byte[] bytes = packets.get(index);
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    private void compare(int index, Map<String, List<String>> row, StringBuilder differences) {
        MemorySegment memory = memory(index);
        Map<String, List<String>> expected = new TreeMap<>(
                new Expectation(memory, (int) memory.byteSize(), versions.get(index)).fields());
        boolean ipv4 = expected.containsKey("ip.src");
        if (ipv4) {
            expected.put("ip.checksum.status", List.of("1"));
        }
        expected.put("tcp.checksum.status", List.of("1"));
        expected.put("frame.interface_name", List.of((index & 1) == 0 ? "wifi" : "cellular"));
        expected.put("frame.comment", List.of("packet " + index));
        expected.put("frame.time_epoch", List.of("%d.%09d".formatted(index, index)));
        if (List.of("2").equals(expected.get("tcp.options.mptcp.subtype"))
                && !row.containsKey("tcp.options.mptcp.checksum")) {
            // Wireshark 4.0 does not show the checksum of a DSS, not even Linux's; other versions may.
            expected.remove("tcp.options.mptcp.checksum");
        }
        if (!expected.equals(row)) {
            SegmentView view = new SegmentView();
            SegmentDecoder.decode(memory, 0, (int) memory.byteSize(), true, view);
            differences.append("frame ").append(index + 1).append(": ").append(SegmentPrinter.print(view)).append('\n');
            for (String field : union(expected, row)) {
                if (!String.valueOf(expected.get(field)).equals(String.valueOf(row.get(field)))) {
                    differences.append("    ").append(field).append(" ours ").append(expected.get(field))
                            .append(" tshark ").append(row.get(field)).append('\n');
                }
            }
        }
    }

    private static List<String> union(Map<String, List<String>> a, Map<String, List<String>> b) {
        Map<String, List<String>> all = new TreeMap<>(a);
        all.putAll(b);
        return new ArrayList<>(all.keySet());
    }

    /** One map per packet: field to its values; numbers in decimal. */
    private static List<Map<String, List<String>>> tshark(Path file) throws IOException, InterruptedException {
        List<String> fields = new ArrayList<>(Expectation.FIELDS);
        fields.addAll(List.of("ip.checksum.status", "tcp.checksum.status", "frame.interface_name", "frame.comment",
                "frame.time_epoch", "_ws.malformed", "tcp.option.len.invalid"));
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(), "-o",
                "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o",
                "tcp.relative_sequence_numbers:FALSE", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
                "-E", "aggregator=;"));
        for (String field : fields) {
            command.add("-e");
            command.add(field);
        }
        Process process;
        try {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            return fail("tshark is needed for this test and could not be started; install the package tshark", e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), "exit code of tshark");
        List<Map<String, List<String>>> rows = new ArrayList<>();
        for (String line : output.split("\n")) {
            String[] columns = line.split("\t", -1);
            Map<String, List<String>> row = new TreeMap<>();
            for (int i = 0; i < fields.size(); i++) {
                if (!columns[i].isEmpty()) {
                    List<String> values = new ArrayList<>();
                    for (String value : columns[i].split(";")) {
                        values.add(number(value));
                    }
                    row.put(fields.get(i), values);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    private static String number(String value) {
        return value.startsWith("0x") ? Long.toUnsignedString(Long.parseUnsignedLong(value.substring(2), 16)) : value;
    }
}
