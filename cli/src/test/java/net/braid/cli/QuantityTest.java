package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class QuantityTest {
    @Test
    void numbersAreThoseOfScenarioFiles() {
        assertEquals(20_000_000, new Quantity.Size().convert("20MB"));
        assertEquals(100_000_000, new Quantity.Rate().convert("100mbit"));
        assertEquals(20_000_000, new Quantity.Time().convert("20ms"));
        assertEquals(0.005, new Quantity.Share().convert("0.5%"), 1e-12);
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(TypeConversionException.class, () -> new Quantity.Size().convert("1 parsec"));
    }

    @Test
    void numbersForPeopleAreShort() {
        assertEquals("40.0 MB", Quantity.bytes(40e6));
        assertEquals("999 B", Quantity.bytes(999));
        assertEquals("48.3 Mbit/s", Quantity.bitsPerSecond(48_266_667));
        assertEquals("1.50 s", Quantity.time(1_500_000_000));
    }
}
