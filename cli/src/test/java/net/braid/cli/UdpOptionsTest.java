package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class UdpOptionsTest {
    private static final ConnectionConfig CONFIG =
            ConnectionConfig.builder().multipath(MultipathConfig.DEFAULT).build();

    private static WireOptions options(String... arguments) {
        return CommandLine.populateCommand(new WireOptions(), arguments);
    }

    private static int freePort() throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            return socket.getLocalPort();
        }
    }

    @Test
    void twoPathsOverUdpLeadToOnePort() throws Exception {
        int port = freePort();
        String peer = "127.0.0.1:" + port;
        try (Engine server = options("--udp-listen", peer, "--local", "10.9.0.1").open(CONFIG);
                Engine client = options("--udp", peer + "," + peer, "--local", "10.9.1.1,10.9.2.1").open(CONFIG);
                Acceptance acceptance = server.listen(List.of(IpAddress.parse("10.9.0.1")), 80, 4, CONFIG);
                Stream mine = client.connect(IpAddress.parse("10.9.2.1"), 0, IpAddress.parse("10.9.0.1"), 80, CONFIG,
                        10_000_000_000L);
                Stream theirs = acceptance.accept()) {
            mine.outputStream().write("over UDP".getBytes(StandardCharsets.UTF_8));
            byte[] read = theirs.inputStream().readNBytes(8);
            assertEquals("over UDP", new String(read, StandardCharsets.UTF_8));
            assertTrue(theirs.info().multipath());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "127.0.0.1|--udp 127.0.0.1: a port is missing, as in 192.0.2.1:5300",
        "127.0.0.1:x|--udp 127.0.0.1:x: a port is 1 to 65535, not 'x'",
        "127.0.0.1:0|--udp 127.0.0.1:0: a port is 1 to 65535, not '0'",
        "127.0.0.1:1,127.0.0.1:2|--udp and --local: 2 peers, but 1 of ours; name one peer, or one for each address",
        "127.0.0.1:1%nosuch0|cannot send over nosuch0: no such device"})
    void mistakesAreALine(String peers, String line) {
        WireOptions options = options("--udp", peers, "--local", "10.9.1.1");
        assertEquals(line, assertThrows(UserError.class, () -> options.open(CONFIG)).getMessage());
    }

    @Test
    void onlyOneEndListens() {
        WireOptions options = options("--udp", "127.0.0.1:9", "--udp-listen", "9", "--local", "10.9.1.1");
        assertEquals("--udp and --udp-listen: only one of them",
                assertThrows(UserError.class, () -> options.open(CONFIG)).getMessage());
    }
}
