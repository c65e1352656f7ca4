package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentPrinterTest {
    private final Packets packet = new Packets();

    private String print() {
        int length = packet.build();
        return SegmentPrinter.print(packet.memory, 0, length);
    }

    @Test
    void dataSegmentWithDssPrintsInTheMannerOfTcpdump() {
        packet.flags = TcpFlags.PSH | TcpFlags.ACK;
        packet.payload = "61626364";
        OptionWriter options = packet.beginOptions();
        options.timestamps(1, 2);
        options.dataSequenceSignal(0x3f << 8 & ~TcpOptions.DSS_DATA_FIN, -1L, 7, 1, 4, 0xabcd);
        assertEquals("IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [P.], seq 1:5, ack 1, win 63, "
                + "options [nop,nop,TS val 1 ecr 2,"
                + "mptcp 28 dss ack 18446744073709551615 seq 7 subseq 1 len 4 csum 0xabcd], length 4",
                print());
    }

    @Test
    void synOverIpv6PrintsItsOptions() {
        packet.v6();
        packet.flags = TcpFlags.SYN | TcpFlags.ECE | TcpFlags.CWR;
        packet.sequenceNumber = -1;
        OptionWriter options = packet.beginOptions();
        options.maximumSegmentSize(1440);
        options.sackPermittedAndTimestamps(-1, 0);
        options.windowScale(7);
        MptcpOption.Capable.offer(1, 0x81).encode(options);
        assertEquals("IP6 2001:db8::1.1234 > 2001:db8::2.80: Flags [SEW], seq 4294967295, win 63, "
                + "options [mss 1440,sackOK,TS val 4294967295 ecr 0,nop,wscale 7,"
                + "mptcp 4 capable v1 flags 0x81], length 0",
                print());
    }

    @Test
    void numbersMayBeRelative() {
        packet.sequenceNumber = 1001;
        packet.acknowledgmentNumber = 2001;
        packet.payload = "61";
        OptionWriter options = packet.beginOptions();
        options.sack(1);
        options.sackBlock(2005, 2007);
        int length = packet.build();
        SegmentView view = new SegmentView();
        SegmentDecoder.decode(packet.memory, 0, length, true, view);
        assertEquals("IP 10.0.0.1.1234 > 10.0.0.2.80: Flags [.], seq 1:2, ack 1, win 63, "
                + "options [nop,nop,sack 1 {5:7}], length 1", SegmentPrinter.print(view, 1000, 2000));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1e0c10025f1e453901020304 | S | mptcp 12 join id 2 token 0x5f1e4539 nonce 0x01020304",
        "1e101100e3790a8b9aa712fca1a2a3a4 | S. | mptcp 16 join backup id 0 hmac 0xe3790a8b9aa712fc nonce 0xa1a2a3a4",
        "1e181000ab9360aff22e915a6e75fbd3ec8daf1583399c86 | . | "
                + "mptcp 24 join hmac 0xab9360aff22e915a6e75fbd3ec8daf1583399c86",
        "1e14010100112233445566778899aabbccddeeff | . | "
                + "mptcp 20 capable v1 flags 0x1 {0x0011223344556677,0x8899aabbccddeeff}",
        "1e12201c1122334455667788000000000001 | . | mptcp 18 dss fin seq 1234605616436508552 subseq 0 len 1",
        "1e123003c00002211f900102030405060708 | . | "
                + "mptcp 18 add-addr id 3 192.0.2.33 port 8080 hmac 0x0102030405060708",
        "1e083103c0000221 | . | mptcp 8 add-addr echo id 3 192.0.2.33",
        "1e14360320010db8000000000000000000000001 | . | mptcp 20 add-addr v0 id 3 2001:db8::1",
        "1e06400304ff | . | mptcp 6 rem-addr id 3 4 255",
        "1e0350 | . | mptcp 3 prio regular",
        "1e045107 | . | mptcp 4 prio backup id 7",
        "1e0c60001122334455667788 | R | mptcp 12 fail seq 1234605616436508552",
        "1e0c70008899aabbccddeeff | R | mptcp 12 fast-close key 0x8899aabbccddeeff",
        "1e048106 | R | mptcp 4 tcprst transient reason 6",
        "1e06fa010203 | . | mptcp 6 experimental 0xa [1, 2, 3]",
        "1e048106 | . | mptcp 4 bad SEGMENT 0x8106",
        "1e02 | . | unknown-30 0x",
        "1e28 | . | bad 1e280101",
        "1c048005 | . | uto 5min",
        "2202 | S | tfo cookiereq",
        "220601020304 | S | tfo cookie 01020304",
        "fe08f98901020304 | S | exp-tfo cookie 01020304",
        "1d04abcd | . | unknown-29 0xabcd",
        "00 | . | eol",
    })
    void optionPrints(String hex, String flags, String expected) {
        packet.flags = 0;
        for (char flag : flags.toCharArray()) {
            packet.flags |= 1 << "FSRP.UEW".indexOf(flag);
        }
        OptionWriter options = packet.beginOptions();
        MemorySegment bytes = Bytes.of(hex);
        options.putBytes(bytes, 0, (int) bytes.byteSize());
        String line = print();
        String list = line.substring(line.indexOf("options [") + 9, line.lastIndexOf(']'));
        assertEquals(expected, list.replaceAll("(,nop)+$", ""));
    }

    @Test
    void brokenPacketSaysWhy() {
        packet.beginOptions();
        int length = packet.build();
        packet.memory.set(Layouts.BYTE, 21, (byte) 99);
        assertEquals("IP packet of 40 bytes, dropped: TCP_CHECKSUM", SegmentPrinter.print(packet.memory, 0, length));
    }
}
