package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be wrong with addresses on interfaces, each in one line. */
class PacketOptionsTest extends CommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--interface lo|no address to speak from: with --interface name addresses of ours with --local",
        "--interface lo --local 192.0.2.9|how long the prefix of its subnet is, as in 192.0.2.9/24",
        "--interface lo --local 192.0.2.9/x|not an address and the length of a prefix",
        "--interface lo --local 192.0.2.9/33|not an address and the length of a prefix",
        "--interface a,b,c --local 192.0.2.9/24,192.0.2.10/24|3 interfaces, but 2 addresses; name one interface",
        "--interface lo --local 192.0.2.9/24 --gateway 198.51.100.1|in the subnet of none of our addresses",
        "--interface lo --local 192.0.2.9/24 --udp 192.0.2.1:5300|--udp and --interface: only one of them",
        "--idle sleepy --local 192.0.2.9|expected one of [PARK, HYBRID, SPIN]"})
    void mistakesAreALine(String options, String line) {
        String[] words = ("connect " + options + " 192.0.2.1 80").split(" ");
        assertEquals(2, braid(words));
        assertOneLine(line);
    }
}
