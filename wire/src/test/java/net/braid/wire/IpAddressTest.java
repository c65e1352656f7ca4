package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0", "255.255.255.255, 255.255.255.255", "10.71.1.2, 10.71.1.2",
        "::, ::", "::1, ::1", "1::, 1::", "2001:db8::1, 2001:db8::1", "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1", "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1", "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0", "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "::ffff:192.0.2.1, 192.0.2.1", "64:ff9b::192.0.2.33, 64:ff9b::c000:221", "fe80::0001, fe80::1",
        "0:0:0:0:0:0:1.2.3.4, ::102:304", "1:0:0:2:0:0:0:0, 1:0:0:2::", "::8, ::8",
    })
    void textIsReadAndWrittenInItsShortestForm(String text, String canonical) {
        assertEquals(canonical, IpAddress.parse(text).toString());
        assertEquals(IpAddress.parse(text), IpAddress.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "localhost", "example.org", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1..2.3", "1.2.3.4.",
        ".1.2.3",
        "1.2.3.4 ", "+1.2.3.4", "1.2.3.-4", "0x1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
        "1:2:3:4:5:6:7:",
        ":1:2:3:4:5:6:7", "12345::", "g::", "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", "::1:2:3:4:5:6:7:8", "\u0661.2.3.4", "::\u0661",
    })
    void whatIsNoAddressIsRefusedWithALineThatQuotesIt(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
        assertTrue(e.getMessage().contains('"' + text + '"'), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void ipv4LivesInItsMappedForm() {
        IpAddress address = IpAddress.parse("10.0.0.1");
        assertEquals(0, address.high());
        assertEquals(0x0000_ffff_0a00_0001L, address.low());
        assertTrue(address.isV4());
        assertFalse(IpAddress.ANY_V6.isV4());
        assertTrue(IpAddress.ANY_V4.isV4());
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, U", ":: , U", "224.0.0.1, M", "239.255.255.255, M", "ff02::1, M", "255.255.255.255, B",
        "127.0.0.1, L",
        "127.255.0.9, L", "::1, L", "223.255.255.255, -", "240.0.0.1, -", "10.0.0.255, -", "fe00::1, -", "::2, -",
        "126.0.0.1, -",
    })
    void kindOfAddressIsRecognised(String text, String kind) {
        IpAddress address = IpAddress.parse(text);
        assertEquals(kind.equals("U"), address.isUnspecified());
        assertEquals(kind.equals("M"), address.isMulticast());
        assertEquals(kind.equals("B"), address.isBroadcast());
        assertEquals(kind.equals("L"), address.isLoopback());
        assertEquals("-L".contains(kind), IpAddress.isUnicast(address.high(), address.low()));
    }

    @Test
    void bytesInMemoryAreInNetworkOrder() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(32);
            IpAddress v4 = IpAddress.parse("192.0.2.33");
            v4.write(memory, 1);
            assertEquals((byte) 192, memory.get(Layouts.BYTE, 1));
            assertEquals((byte) 33, memory.get(Layouts.BYTE, 4));
            assertEquals(v4, IpAddress.readV4(memory, 1));
            IpAddress v6 = IpAddress.parse("2001:db8::ff");
            v6.write(memory, 7);
            assertEquals((byte) 0x20, memory.get(Layouts.BYTE, 7));
            assertEquals((byte) 0xff, memory.get(Layouts.BYTE, 22));
            assertEquals(v6, IpAddress.readV6(memory, 7));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.0.0, 16, true", "10.1.2.3, 10.2.0.0, 16, false", "10.1.2.3, 0.0.0.0, 0, true",
        "10.1.2.3, 10.1.2.3, 32, true",
        "10.1.2.2, 10.1.2.3, 32, false", "10.1.2.3, ::, 0, false", "2001:db8::1, ::, 0, true",
        "2001:db8::1, 10.0.0.0, 0, false",
        "2001:db8:0:1::1, 2001:db8::, 64, false", "2001:db8:0:1::1, 2001:db8::, 63, true",
        "2001:db8::1, 2001:db8::, 127, true",
        "2001:db8::1, 2001:db8::, 128, false",
    })
    void prefixCoversAnAddress(String address, String prefix, int length, boolean expected) {
        assertEquals(expected, IpAddress.parse(address).matches(IpAddress.parse(prefix), length));
    }

    @Test
    void orderIsThatOfUnsignedNumbers() {
        assertTrue(IpAddress.parse("ff02::1").compareTo(IpAddress.parse("::1")) > 0);
        assertTrue(IpAddress.parse("::7f00:0:0:0").compareTo(IpAddress.parse("0:0:0:0:8000::")) < 0);
        assertTrue(IpAddress.parse("200.0.0.1").compareTo(IpAddress.parse("10.0.0.1")) > 0);
    }
}
