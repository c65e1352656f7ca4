package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Answers of an engine, in the form that people know from ip, ss and nstat. */
class ControlTextTest extends CommandTest {
    @Test
    void endpointIsALineOfIpMptcp() {
        assertEquals("10.100.68.6 id 42 dev braid0", ControlText.endpoints(
                Json.parse("[{\"address\":\"10.100.68.6\",\"id\":42,\"dev\":\"braid0\"}]")));
        assertEquals("10.0.0.1 port 8000 id 3 signal subflow backup dev lo", ControlText.endpoints(
                Json.parse("[{\"address\":\"10.0.0.1\",\"port\":8000,\"id\":3,\"signal\":true,\"subflow\":true,"
                        + "\"backup\":true,\"dev\":\"lo\"}]")));
    }

    @Test
    void limitsAreALineOfIpMptcp() {
        assertEquals("add_addr_accepted 8 subflows 7",
                ControlText.limits(Json.parse("{\"add_addr_accepted\":8,\"subflows\":7}")));
    }

    @Test
    void eventIsALineOfIpMptcpMonitor() {
        assertEquals("[SF_ESTABLISHED] token=0c269489 remid=0 locid=9 saddr4=10.0.0.7 daddr4=10.0.0.2 sport=40000 "
                + "dport=873 backup=0", ControlText.event(Json.parse("{\"event\":\"SF_ESTABLISHED\","
                        + "\"token\":\"0c269489\",\"remote_id\":0,\"local_id\":9,\"local\":"
                        + "\"10.0.0.7\",\"local_port\":40000,\"remote\":\"10.0.0.2\",\"remote_port\":873,"
                        + "\"backup\":false}")));
        assertEquals("[        CLOSED] token=0c269489",
                ControlText.event(Json.parse("{\"event\":\"CLOSED\",\"token\":\"0c269489\"}")));
        assertEquals("[     ANNOUNCED] token=68c9011f remid=7 daddr4=10.50.2.1 dport=5555",
                ControlText.event(Json.parse("{\"event\":\"ANNOUNCED\",\"token\":\"68c9011f\",\"remote_id\":7,"
                        + "\"remote\":\"10.50.2.1\",\"remote_port\":5555}")));
        assertEquals("[       REMOVED] token=68c9011f remid=7", ControlText.event(
                Json.parse("{\"event\":\"REMOVED\",\"token\":\"68c9011f\",\"remote_id\":7}")));
    }

    @Test
    void countersThatAreZeroAreLeftOut() {
        assertEquals("TcpActiveOpens                    3",
                ControlText.counters(Json.parse("{\"TcpActiveOpens\":3,\"TcpPassiveOpens\":0}")));
    }

    @Test
    void connectionHasALineAndOneForEachSubflow() {
        assertEquals(2, ControlText.connections(Json.parse("[{\"multipath\":true,\"local\":\"fd00::1\","
                + "\"local_port\":1,\"remote\":\"fd00::2\",\"remote_port\":2,\"token\":\"00000001\",\"paths\":[{}]}]"))
                .lines().count());
    }

    @Test
    void nobodyAtTheDeviceIsOneLine() {
        assertEquals(1, braid("endpoint", "--device", "none-here", "show"));
        assertOneLine("nobody answers at");
    }

    @Test
    void nameOfADeviceThatCannotBeIsRefused() {
        assertEquals(2, braid("connections", "--device", "../x"));
        assertOneLine("no name of a device");
    }

    @Test
    void requestOfTwoLinesIsRefused() {
        assertEquals(2, braid("endpoint", "show\nflush"));
        assertOneLine("no line breaks");
    }
}
