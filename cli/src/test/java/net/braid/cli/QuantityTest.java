package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class QuantityTest {
    @Test
    void sizesAreBytes() {
        assertEquals(500, new Quantity.Size().convert("500"));
        assertEquals(20_000_000, new Quantity.Size().convert("20MB"));
        assertEquals(1_500_000, new Quantity.Size().convert("1.5M"));
        assertEquals(65_536, new Quantity.Size().convert("64KiB"));
    }

    @Test
    void ratesAreBitsPerSecond() {
        assertEquals(100_000_000, new Quantity.Rate().convert("100Mbit"));
        assertEquals(1_000_000_000, new Quantity.Rate().convert("1 Gbps"));
    }

    @Test
    void timesAreNanoseconds() {
        assertEquals(20_000_000, new Quantity.Time().convert("20ms"));
        assertEquals(1_500_000_000, new Quantity.Time().convert("1.5s"));
        assertEquals(0, new Quantity.Time().convert("0"));
    }

    @Test
    void sharesArePercentOrFractions() {
        assertEquals(0.005, new Quantity.Share().convert("0.5%"), 1e-12);
        assertEquals(0.25, new Quantity.Share().convert("0.25"), 0);
    }

    @Test
    void nonsenseIsRefused() {
        for (String text : new String[] {"", "-1", "x", "1 parsec", "1e9", "MB", "1..2"}) {
            assertThrows(TypeConversionException.class, () -> new Quantity.Size().convert(text), text);
        }
        assertThrows(TypeConversionException.class, () -> new Quantity.Size().convert("9999999999GB"));
    }

    @Test
    void numbersForPeopleAreShort() {
        assertEquals("40.0 MB", Quantity.bytes(40e6));
        assertEquals("999 B", Quantity.bytes(999));
        assertEquals("48.3 Mbit/s", Quantity.bitsPerSecond(48_266_667));
        assertEquals("1.50 s", Quantity.time(1_500_000_000));
    }
}
