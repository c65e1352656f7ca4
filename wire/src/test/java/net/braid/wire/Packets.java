package net.braid.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Whole packets for tests: IP header, TCP header, options, payload, all checksums right. */
final class Packets {
    final MemorySegment memory = Arena.ofAuto().allocate(4096);
    final OptionWriter options = new OptionWriter();
    IpAddress source = IpAddress.parse("10.0.0.1");
    IpAddress destination = IpAddress.parse("10.0.0.2");
    int sourcePort = 1234;
    int destinationPort = 80;
    int sequenceNumber = 1;
    int acknowledgmentNumber = 1;
    int flags = TcpFlags.ACK;
    int window = 63;
    int urgentPointer;
    int ecn;
    /** Bytes between the IP and the TCP header: IPv6 extension headers or IPv4 options. */
    String between = "";
    /** Next header of IPv6, or 0 for TCP. */
    int firstNextHeader = TcpHeader.PROTOCOL;
    String payload = "";

    Packets v6() {
        source = IpAddress.parse("2001:db8::1");
        destination = IpAddress.parse("2001:db8::2");
        return this;
    }

    int ipLength() {
        return (source.isV4() ? Ipv4Header.LENGTH : Ipv6Header.LENGTH) + between.length() / 2;
    }

    /** Options go here before {@link #build}. */
    OptionWriter beginOptions() {
        options.begin(memory, ipLength() + TcpHeader.LENGTH);
        return options;
    }

    /** Builds at offset 0 and returns the length of the packet; call {@link #beginOptions} before. */
    int build() {
        int optionLength = options.finish();
        int headerLength = TcpHeader.LENGTH + optionLength;
        int payloadLength = payload.length() / 2;
        int tcp = ipLength();
        int length = tcp + headerLength + payloadLength;
        MemorySegment.copy(Bytes.of(between), 0, memory, tcp - between.length() / 2, between.length() / 2);
        MemorySegment.copy(Bytes.of(payload), 0, memory, tcp + headerLength, payloadLength);
        if (source.isV4()) {
            Ipv4Header.write(memory, 0, ecn, length, 7, Ipv4Header.DONT_FRAGMENT, 64, TcpHeader.PROTOCOL,
                    source.v4Bits(), destination.v4Bits());
            if (!between.isEmpty()) {
                memory.set(Layouts.BYTE, 0, (byte) (0x40 | tcp / 4));
                Ipv4Header.writeChecksum(memory, 0);
            }
        } else {
            Ipv6Header.write(memory, 0, ecn, 0x12345, length - Ipv6Header.LENGTH, firstNextHeader, 64, source.high(),
                    source.low(), destination.high(), destination.low());
        }
        TcpHeader.write(memory, tcp, sourcePort, destinationPort, sequenceNumber, acknowledgmentNumber, headerLength,
                flags, window, urgentPointer);
        TcpHeader.writeChecksum(memory, tcp, headerLength + payloadLength, pseudoHeader(headerLength + payloadLength));
        return length;
    }

    int pseudoHeader(int length) {
        return Checksum.pseudoHeader(!source.isV4(), source.high(), source.low(), destination.high(),
                destination.low(), TcpHeader.PROTOCOL, length);
    }
}
