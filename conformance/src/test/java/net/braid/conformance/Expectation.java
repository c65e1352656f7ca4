package net.braid.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.braid.wire.DropReason;
import net.braid.wire.IpAddress;
import net.braid.wire.MptcpOption;
import net.braid.wire.MptcpOptionDecoder;
import net.braid.wire.OptionFault;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpHeader;
import net.braid.wire.TcpOptions;

/** What our own decoder says of a packet, in the field names of Wireshark. */
final class Expectation {
    /** Every field that is compared; a field that is not named for a packet must be absent from it. */
    static final List<String> FIELDS = List.of(
            "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.dsfield.ecn", "ipv6.tclass.ecn", "ip.ttl", "ipv6.hlim",
            "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value",
            "tcp.urgent_pointer", "tcp.len", "tcp.hdr_len", "tcp.options",
            "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack_le", "tcp.options.sack_re",
            "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.options.user_to_granularity",
            "tcp.options.user_to_val", "tcp.options.tfo.cookie",
            "tcp.options.mptcp.subtype", "tcp.options.mptcp.version", "tcp.options.mptcp.checksumreq.flags",
            "tcp.options.mptcp.extensibility.flag", "tcp.options.mptcp.nomoresubflows.flag",
            "tcp.options.mptcp.sha1.flag", "tcp.options.mptcp.sha256.flag",
            "tcp.options.mptcp.sendkey", "tcp.options.mptcp.recvkey", "tcp.options.mptcp.datalvllen",
            "tcp.options.mptcp.checksum", "tcp.options.mptcp.backup.flag", "tcp.options.mptcp.addrid",
            "tcp.options.mptcp.recvtok", "tcp.options.mptcp.sendrand", "tcp.options.mptcp.sendtrunchmac",
            "tcp.options.mptcp.sendhmac", "tcp.options.mptcp.datafin.flag", "tcp.options.mptcp.dseqn8.flag",
            "tcp.options.mptcp.dseqnpresent.flag", "tcp.options.mptcp.dataack8.flag",
            "tcp.options.mptcp.dataackpresent.flag", "tcp.options.mptcp.rawdataack",
            "tcp.options.mptcp.rawdataseqno", "tcp.options.mptcp.subflowseqno", "tcp.options.mptcp.ipver",
            "tcp.options.mptcp.echo", "tcp.options.mptcp.ipv4", "tcp.options.mptcp.ipv6", "tcp.options.mptcp.port",
            "tcp.options.mptcp.addaddrtrunchmac", "tcp.options.mptcp.flag_T.flag", "tcp.options.mptcp.rst_reason");

    private final Map<String, List<String>> fields = new TreeMap<>();

    Map<String, List<String>> fields() {
        return fields;
    }

    private void put(String field, long value) {
        put(field, Long.toUnsignedString(value));
    }

    private void put(String field, int value) {
        put(field, Integer.toUnsignedString(value));
    }

    private void put(String field, boolean value) {
        put(field, value ? "1" : "0");
    }

    private void put(String field, String value) {
        assert FIELDS.contains(field) : field;
        fields.computeIfAbsent(field, name -> new ArrayList<>()).add(value);
    }

    private static String hex(MemorySegment memory, long offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * @param version of the connection that the packet belongs to
     */
    Expectation(MemorySegment memory, int length, int version) {
        SegmentView view = new SegmentView();
        DropReason reason = SegmentDecoder.decode(memory, 0, length, true, view);
        if (reason != DropReason.NONE) {
            throw new IllegalStateException("our own decoder refuses our own packet: " + reason);
        }
        String ip = view.ipv6 ? "ipv6" : "ip";
        put(ip + ".src", IpAddress.toString(view.sourceHigh, view.sourceLow));
        put(ip + ".dst", IpAddress.toString(view.destinationHigh, view.destinationLow));
        put(view.ipv6 ? "ipv6.tclass.ecn" : "ip.dsfield.ecn", view.ecn);
        put(view.ipv6 ? "ipv6.hlim" : "ip.ttl", view.hopLimit);
        put("tcp.srcport", view.sourcePort);
        put("tcp.dstport", view.destinationPort);
        put("tcp.seq_raw", view.sequenceNumber);
        put("tcp.ack_raw", view.acknowledgmentNumber);
        put("tcp.flags", view.flags);
        put("tcp.window_size_value", view.window);
        put("tcp.urgent_pointer", view.urgentPointer);
        put("tcp.len", view.payloadLength);
        put("tcp.hdr_len", view.headerLength());
        if (view.headerLength() > TcpHeader.LENGTH) {
            put("tcp.options", hex(memory, view.tcp + TcpHeader.LENGTH, view.headerLength() - TcpHeader.LENGTH));
        }
        plain(view);
        for (int i = 0; i < view.options.mptcpCount; i++) {
            OptionFault fault = MptcpOptionDecoder.check(view, i, version);
            if (fault != OptionFault.NONE) {
                throw new IllegalStateException("our own decoder refuses our own option: " + fault);
            }
            multipath(MptcpOptionDecoder.read(view, i, version), version);
        }
    }

    private void plain(SegmentView view) {
        TcpOptions options = view.options;
        if (options.has(TcpOptions.MAXIMUM_SEGMENT_SIZE)) {
            put("tcp.options.mss_val", options.maximumSegmentSize);
        }
        if (options.has(TcpOptions.WINDOW_SCALE)) {
            put("tcp.options.wscale.shift", options.windowScale);
        }
        for (int i = 0; i < options.sackCount; i++) {
            put("tcp.options.sack_le", options.sackEdges[2 * i]);
            put("tcp.options.sack_re", options.sackEdges[2 * i + 1]);
        }
        if (options.has(TcpOptions.TIMESTAMPS)) {
            put("tcp.options.timestamp.tsval", options.timestampValue);
            put("tcp.options.timestamp.tsecr", options.timestampEcho);
        }
        if (options.has(TcpOptions.USER_TIMEOUT)) {
            put("tcp.options.user_to_granularity", options.userTimeout >>> 15);
            put("tcp.options.user_to_val", options.userTimeout & 0x7fff);
        }
        if (options.has(TcpOptions.FAST_OPEN) && options.fastOpenCookieLength > 0) {
            put("tcp.options.tfo.cookie", hex(view.memory, options.fastOpenCookie, options.fastOpenCookieLength));
        }
    }

    private void multipath(MptcpOption option, int version) {
        switch (option) {
            case MptcpOption.Capable capable -> {
                put("tcp.options.mptcp.subtype", 0);
                put("tcp.options.mptcp.version", capable.version());
                put("tcp.options.mptcp.checksumreq.flags", capable.checksumRequired());
                put("tcp.options.mptcp.extensibility.flag",
                        (capable.flags() & MptcpOption.Capable.EXTENSIBILITY) != 0);
                if (capable.version() > 0) {
                    put("tcp.options.mptcp.nomoresubflows.flag", capable.noMoreSubflows());
                }
                put(capable.version() == 0 ? "tcp.options.mptcp.sha1.flag" : "tcp.options.mptcp.sha256.flag",
                        capable.flags() & MptcpOption.Capable.HMAC);
                if (capable.hasSenderKey()) {
                    put("tcp.options.mptcp.sendkey", capable.senderKey());
                }
                if (capable.hasReceiverKey()) {
                    put("tcp.options.mptcp.recvkey", capable.receiverKey());
                }
                if (capable.hasData()) {
                    put("tcp.options.mptcp.datalvllen", capable.dataLength());
                }
                if (capable.hasChecksum()) {
                    put("tcp.options.mptcp.checksum", capable.checksum());
                }
            }
            case MptcpOption.JoinSyn join -> {
                put("tcp.options.mptcp.subtype", 1);
                put("tcp.options.mptcp.backup.flag", join.backup());
                put("tcp.options.mptcp.addrid", join.addressId());
                put("tcp.options.mptcp.recvtok", join.token());
                put("tcp.options.mptcp.sendrand", join.nonce());
            }
            case MptcpOption.JoinSynAck join -> {
                put("tcp.options.mptcp.subtype", 1);
                put("tcp.options.mptcp.backup.flag", join.backup());
                put("tcp.options.mptcp.addrid", join.addressId());
                put("tcp.options.mptcp.sendtrunchmac", join.truncatedHmac());
                put("tcp.options.mptcp.sendrand", join.nonce());
            }
            case MptcpOption.JoinAck join -> {
                put("tcp.options.mptcp.subtype", 1);
                put("tcp.options.mptcp.sendhmac",
                        "%016x%016x%08x".formatted(join.hmacHigh(), join.hmacMiddle(), join.hmacLow()));
            }
            case MptcpOption.DataSequenceSignal dss -> {
                put("tcp.options.mptcp.subtype", 2);
                put("tcp.options.mptcp.datafin.flag", dss.has(TcpOptions.DSS_DATA_FIN));
                put("tcp.options.mptcp.dseqn8.flag", dss.has(TcpOptions.DSS_DSN_64));
                put("tcp.options.mptcp.dseqnpresent.flag", dss.has(TcpOptions.DSS_MAPPING));
                put("tcp.options.mptcp.dataack8.flag", dss.has(TcpOptions.DSS_ACK_64));
                put("tcp.options.mptcp.dataackpresent.flag", dss.has(TcpOptions.DSS_ACK));
                if (dss.has(TcpOptions.DSS_ACK)) {
                    put("tcp.options.mptcp.rawdataack", dss.dataAck());
                }
                if (dss.has(TcpOptions.DSS_MAPPING)) {
                    put("tcp.options.mptcp.rawdataseqno", dss.dataSequence());
                    put("tcp.options.mptcp.subflowseqno", dss.subflowSequence());
                    put("tcp.options.mptcp.datalvllen", dss.dataLength());
                }
                if (dss.has(TcpOptions.DSS_CHECKSUM)) {
                    put("tcp.options.mptcp.checksum", dss.checksum());
                }
            }
            case MptcpOption.AddAddress add -> {
                put("tcp.options.mptcp.subtype", 3);
                if (version == 0) {
                    put("tcp.options.mptcp.ipver", add.address().isV4() ? 4 : 6);
                } else {
                    put("tcp.options.mptcp.echo", add.echo());
                }
                put("tcp.options.mptcp.addrid", add.addressId());
                put(add.address().isV4() ? "tcp.options.mptcp.ipv4" : "tcp.options.mptcp.ipv6",
                        add.address().toString());
                if (add.hasPort()) {
                    put("tcp.options.mptcp.port", add.port());
                }
                if (add.hasHmac()) {
                    put("tcp.options.mptcp.addaddrtrunchmac", add.truncatedHmac());
                }
            }
            case MptcpOption.RemoveAddress remove -> {
                put("tcp.options.mptcp.subtype", 4);
                remove.addressIds().forEach(id -> put("tcp.options.mptcp.addrid", id));
            }
            case MptcpOption.Priority priority -> {
                put("tcp.options.mptcp.subtype", 5);
                put("tcp.options.mptcp.backup.flag", priority.backup());
                if (priority.addressId() != MptcpOption.Priority.THIS_SUBFLOW) {
                    put("tcp.options.mptcp.addrid", priority.addressId());
                }
            }
            case MptcpOption.Fail fail -> {
                put("tcp.options.mptcp.subtype", 6);
                put("tcp.options.mptcp.rawdataseqno", fail.dataSequence());
            }
            case MptcpOption.FastClose close -> {
                put("tcp.options.mptcp.subtype", 7);
                put("tcp.options.mptcp.recvkey", close.receiverKey());
            }
            case MptcpOption.ResetReason reset -> {
                put("tcp.options.mptcp.subtype", 8);
                put("tcp.options.mptcp.flag_T.flag", reset.temporary());
                put("tcp.options.mptcp.rst_reason", reset.reason());
            }
            case MptcpOption.Experimental _ -> put("tcp.options.mptcp.subtype", 15);
        }
    }
}
