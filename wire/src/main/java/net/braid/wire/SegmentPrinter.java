package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * One line of text for one segment, in the manner of tcpdump, for people: failure messages, traces. Allocates. Sequence
 * numbers are absolute unless a base is given.
 */
public final class SegmentPrinter {
    private SegmentPrinter() {
    }

    /** A packet that may be anything: a segment, an ICMP error about one, or broken. */
    public static String print(MemorySegment memory, long offset, int length) {
        SegmentView view = new SegmentView();
        DropReason reason = SegmentDecoder.decode(memory, offset, length, true, view);
        if (reason == DropReason.NONE) {
            return print(view);
        }
        if (reason != DropReason.NOT_TCP) {
            return "IP packet of " + length + " bytes, dropped: " + reason;
        }
        IcmpView icmp = new IcmpView();
        String prefix = (view.ipv6 ? "IP6 " : "IP ") + IpAddress.toString(view.sourceHigh, view.sourceLow) + " > "
                + IpAddress.toString(view.destinationHigh, view.destinationLow) + ": ";
        reason = IcmpDecoder.decode(view, icmp);
        if (reason != DropReason.NONE) {
            return prefix + "protocol " + view.protocol + ", " + reason + ", length " + view.payloadLength;
        }
        return prefix + "ICMP " + icmp.kind + " code " + icmp.code
                + (icmp.kind == IcmpView.Kind.PACKET_TOO_BIG ? " mtu " + icmp.mtu : "") + " about "
                + endpoint(icmp.sourceHigh, icmp.sourceLow, icmp.sourcePort) + " > "
                + endpoint(icmp.destinationHigh, icmp.destinationLow, icmp.destinationPort) + " seq "
                + Integer.toUnsignedString(icmp.sequenceNumber);
    }

    /** With sequence numbers as they stand. */
    public static String print(SegmentView view) {
        return print(view, 0, 0);
    }

    /**
     * With sequence and acknowledgment numbers relative to two initial numbers.
     *
     * @param sequenceBase subtracted from the sequence number
     * @param acknowledgmentBase subtracted from the acknowledgment number and from SACK edges
     */
    public static String print(SegmentView view, int sequenceBase, int acknowledgmentBase) {
        StringBuilder line = new StringBuilder(160);
        line.append(view.ipv6 ? "IP6 " : "IP ");
        line.append(endpoint(view.sourceHigh, view.sourceLow, view.sourcePort)).append(" > ");
        line.append(endpoint(view.destinationHigh, view.destinationLow, view.destinationPort));
        line.append(": Flags [").append(flags(view.flags)).append(']');
        if (view.ecn == 3) {
            line.append(", ce");
        }
        if (view.payloadLength > 0 || view.has(TcpFlags.SYN | TcpFlags.FIN | TcpFlags.RST)) {
            int sequence = view.sequenceNumber - sequenceBase;
            line.append(", seq ").append(Integer.toUnsignedString(sequence));
            if (view.payloadLength > 0) {
                line.append(':').append(Integer.toUnsignedString(sequence + view.payloadLength));
            }
        }
        if (view.has(TcpFlags.ACK)) {
            line.append(", ack ").append(Integer.toUnsignedString(view.acknowledgmentNumber - acknowledgmentBase));
        }
        line.append(", win ").append(view.window);
        if (view.has(TcpFlags.URG)) {
            line.append(", urg ").append(view.urgentPointer);
        }
        int optionBytes = view.headerLength() - TcpHeader.LENGTH;
        if (optionBytes > 0) {
            line.append(", options [");
            options(view, optionBytes, acknowledgmentBase, line);
            line.append(']');
        }
        return line.append(", length ").append(view.payloadLength).toString();
    }

    private static String endpoint(long high, long low, int port) {
        return IpAddress.toString(high, low) + "." + port;
    }

    private static String flags(int flags) {
        StringBuilder text = new StringBuilder(8);
        String letters = "FSRP.UEW";
        for (int i = 0; i < 8; i++) {
            if ((flags & 1 << i) != 0) {
                text.append(letters.charAt(i));
            }
        }
        return text.isEmpty() ? "none" : text.toString();
    }

    private static void options(SegmentView view, int length, int edgeBase, StringBuilder line) {
        MemorySegment memory = view.memory;
        long list = view.tcp + TcpHeader.LENGTH;
        int at = 0;
        while (at < length) {
            if (at > 0) {
                line.append(',');
            }
            int kind = unsignedByte(memory, list + at);
            if (kind == OptionKind.END) {
                line.append("eol");
                return;
            }
            if (kind == OptionKind.NOP) {
                line.append("nop");
                at++;
                continue;
            }
            int optionLength = at + 1 < length ? unsignedByte(memory, list + at + 1) : 0;
            if (optionLength < 2 || optionLength > length - at) {
                line.append("bad ").append(hex(memory, list + at, length - at));
                return;
            }
            option(view, kind, list + at, optionLength, edgeBase, line);
            at += optionLength;
        }
    }

    private static void option(SegmentView view, int kind, long at, int length, int edgeBase, StringBuilder line) {
        MemorySegment memory = view.memory;
        boolean known = switch (kind) {
            case OptionKind.MAXIMUM_SEGMENT_SIZE, OptionKind.USER_TIMEOUT -> length == 4;
            case OptionKind.WINDOW_SCALE -> length == 3;
            case OptionKind.SACK_PERMITTED -> length == 2;
            case OptionKind.SACK -> length >= 10 && (length - 2) % 8 == 0;
            case OptionKind.TIMESTAMPS -> length == 10;
            case OptionKind.FAST_OPEN -> true;
            case OptionKind.EXPERIMENT -> length >= 4
                    && memory.get(Layouts.SHORT, at + 2) == (short) OptionKind.FAST_OPEN_MAGIC;
            case OptionKind.MPTCP -> length >= 3;
            default -> false;
        };
        if (!known) {
            line.append("unknown-").append(kind).append(" 0x").append(hex(memory, at + 2, length - 2));
            return;
        }
        switch (kind) {
            case OptionKind.MAXIMUM_SEGMENT_SIZE -> line.append("mss ")
                    .append(Short.toUnsignedInt(memory.get(Layouts.SHORT, at + 2)));
            case OptionKind.WINDOW_SCALE -> line.append("wscale ").append(unsignedByte(memory, at + 2));
            case OptionKind.SACK_PERMITTED -> line.append("sackOK");
            case OptionKind.SACK -> {
                line.append("sack ").append(length >>> 3).append(' ');
                for (int i = 2; i < length; i += 8) {
                    int left = memory.get(Layouts.INT, at + i) - edgeBase;
                    int right = memory.get(Layouts.INT, at + i + 4) - edgeBase;
                    line.append('{').append(Integer.toUnsignedString(left)).append(':')
                            .append(Integer.toUnsignedString(right)).append('}');
                }
            }
            case OptionKind.TIMESTAMPS -> line.append("TS val ")
                    .append(Integer.toUnsignedString(memory.get(Layouts.INT, at + 2))).append(" ecr ")
                    .append(Integer.toUnsignedString(memory.get(Layouts.INT, at + 6)));
            case OptionKind.USER_TIMEOUT -> {
                int value = Short.toUnsignedInt(memory.get(Layouts.SHORT, at + 2));
                line.append("uto ").append(value & 0x7fff).append((value & 0x8000) != 0 ? "min" : "s");
            }
            case OptionKind.FAST_OPEN -> fastOpen("tfo ", memory, at + 2, length - 2, line);
            case OptionKind.EXPERIMENT -> fastOpen("exp-tfo ", memory, at + 4, length - 4, line);
            default -> multipath(view, at, length, line);
        }
    }

    private static void fastOpen(String name, MemorySegment memory, long at, int length, StringBuilder line) {
        line.append(name).append(length == 0 ? "cookiereq" : "cookie " + hex(memory, at, length));
    }

    private static void multipath(SegmentView view, long at, int length, StringBuilder line) {
        MemorySegment memory = view.memory;
        line.append("mptcp ").append(length).append(' ');
        // A lone segment does not say its version; forms that exist only in version 0 fail the check of version 1.
        int version = 1;
        int subtype = unsignedByte(memory, at + 2) >>> 4;
        if (subtype == OptionKind.MP_CAPABLE) {
            version = unsignedByte(memory, at + 2) & 0x0f;
        } else if (subtype == OptionKind.ADD_ADDR && (unsignedByte(memory, at + 2) & 0x0f) >= 4 && length <= 22) {
            version = MptcpOptionDecoder.check(memory, at, length, 0, view.flags) == OptionFault.NONE ? 0 : 1;
        }
        OptionFault fault = MptcpOptionDecoder.check(memory, at, length, version, view.flags);
        if (fault != OptionFault.NONE && version == 1
                && MptcpOptionDecoder.check(memory, at, length, 0, view.flags) == OptionFault.NONE) {
            version = 0;
            fault = OptionFault.NONE;
        }
        if (fault != OptionFault.NONE) {
            line.append("bad ").append(fault).append(" 0x").append(hex(memory, at + 2, length - 2));
            return;
        }
        multipath(MptcpOptionDecoder.read(memory, at, length, version, view.flags), line);
    }

    private static void multipath(MptcpOption option, StringBuilder line) {
        switch (option) {
            case MptcpOption.Capable capable -> {
                line.append("capable v").append(capable.version()).append(" flags 0x")
                        .append(Integer.toHexString(capable.flags()));
                if (capable.hasSenderKey()) {
                    line.append(" {").append(hex(capable.senderKey()));
                    line.append(capable.hasReceiverKey() ? "," + hex(capable.receiverKey()) : "").append('}');
                }
                if (capable.hasData()) {
                    line.append(" len ").append(capable.dataLength());
                }
                if (capable.hasChecksum()) {
                    line.append(" csum 0x").append(Integer.toHexString(capable.checksum()));
                }
            }
            case MptcpOption.JoinSyn join -> line.append("join").append(join.backup() ? " backup" : "").append(" id ")
                    .append(join.addressId()).append(" token ").append(hex(join.token())).append(" nonce ")
                    .append(hex(join.nonce()));
            case MptcpOption.JoinSynAck join -> line.append("join").append(join.backup() ? " backup" : "")
                    .append(" id ").append(join.addressId()).append(" hmac ").append(hex(join.truncatedHmac()))
                    .append(" nonce ").append(hex(join.nonce()));
            case MptcpOption.JoinAck join -> line.append("join hmac ")
                    .append("0x%016x%016x%08x".formatted(join.hmacHigh(), join.hmacMiddle(), join.hmacLow()));
            case MptcpOption.DataSequenceSignal dss -> {
                line.append("dss");
                if (dss.has(TcpOptions.DSS_DATA_FIN)) {
                    line.append(" fin");
                }
                if (dss.has(TcpOptions.DSS_ACK)) {
                    line.append(" ack ").append(Long.toUnsignedString(dss.dataAck()));
                }
                if (dss.has(TcpOptions.DSS_MAPPING)) {
                    line.append(" seq ").append(Long.toUnsignedString(dss.dataSequence())).append(" subseq ")
                            .append(Integer.toUnsignedString(dss.subflowSequence())).append(" len ")
                            .append(dss.dataLength());
                }
                if (dss.has(TcpOptions.DSS_CHECKSUM)) {
                    line.append(" csum 0x").append(Integer.toHexString(dss.checksum()));
                }
            }
            case MptcpOption.AddAddress add -> {
                line.append(add.echo() ? "add-addr echo id " : add.version() == 0 ? "add-addr v0 id " : "add-addr id ")
                        .append(add.addressId()).append(' ').append(add.address());
                if (add.hasPort()) {
                    line.append(" port ").append(add.port());
                }
                if (add.hasHmac()) {
                    line.append(" hmac ").append(hex(add.truncatedHmac()));
                }
            }
            case MptcpOption.RemoveAddress remove -> {
                line.append("rem-addr id");
                remove.addressIds().forEach(id -> line.append(' ').append(id));
            }
            case MptcpOption.Priority priority -> {
                line.append("prio").append(priority.backup() ? " backup" : " regular");
                if (priority.addressId() != MptcpOption.Priority.THIS_SUBFLOW) {
                    line.append(" id ").append(priority.addressId());
                }
            }
            case MptcpOption.Fail fail -> line.append("fail seq ").append(Long.toUnsignedString(fail.dataSequence()));
            case MptcpOption.FastClose close -> line.append("fast-close key ").append(hex(close.receiverKey()));
            case MptcpOption.ResetReason reset -> line.append("tcprst").append(reset.temporary() ? " transient" : "")
                    .append(" reason ").append(reset.reason());
            case MptcpOption.Experimental experimental -> line.append("experimental 0x")
                    .append(Integer.toHexString(experimental.lowNibble())).append(' ').append(experimental.data());
        }
    }

    private static int unsignedByte(MemorySegment memory, long at) {
        return Byte.toUnsignedInt(memory.get(Layouts.BYTE, at));
    }

    private static String hex(long value) {
        return "0x%016x".formatted(value);
    }

    private static String hex(int value) {
        return "0x%08x".formatted(value);
    }

    private static String hex(MemorySegment memory, long at, int length) {
        StringBuilder text = new StringBuilder(2 * length);
        for (int i = 0; i < length; i++) {
            text.append("%02x".formatted(unsignedByte(memory, at + i)));
        }
        return text.toString();
    }
}
