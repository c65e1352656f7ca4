package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/**
 * In the situation of each trace of the Linux kernel our stack sends, in both roles, the options that Linux sent, in
 * the same order; where it does not, this class says what it sends instead, and why.
 */
class PcapScenarioTest {
    /** Traces that no scenario replays: another test does, or their feature is not there. */
    private static final Set<String> ELSEWHERE = Set.of(
            // RawSynTest sends these SYNs to a listener of ours.
            "raw_syn_variants.pcap",
            // TsharkSessionTest; it is made, not captured.
            "synthetic_v0.pcap",
            // Fast Open comes later (D28, D29, H06 to H12).
            "v1_tfo.pcap");

    private static final String BOTH_PATHS = "our scheduler uses the second subflow too as soon as the first has no "
            + "room left in its congestion window; Linux had queued all of it on the first";
    private static final String DATA_FIRST = "an answer that is there leaves before the announcement, which goes with "
            + "the acknowledgment behind it";
    private static final String OTHER_SIDE = "the trace was taken behind the box, ours in front of it";

    /**
     * What we send in a flow instead of what Linux sent.
     *
     * @param side client or server
     * @param flow from 0
     * @param ours null: we do not have this flow at all
     */
    private record Departure(String side, int flow, String ours, String reason) {
    }

    private static final String ANNOUNCED =
            "SA MP_CAPABLE12/01 | D mapping64 | A %s | D mapping64 | A mapping64/FIN | F";
    private static final String SECOND_SENDS = "S MP_JOIN12 | A JoinAck24 | D mapping64%1$s | A mapping64%1$s/FIN | F";

    private static final Map<PcapScenarios, List<Departure>> DEPARTURES = Map.ofEntries(
            entry(PcapScenarios.V1_JOIN_2SUBFLOWS,
                    new Departure("client", 1, SECOND_SENDS.formatted(""), BOTH_PATHS)),
            entry(PcapScenarios.V1_CHECKSUM,
                    new Departure("client", 1, SECOND_SENDS.formatted("/sum"), BOTH_PATHS)),
            entry(PcapScenarios.V1_ADDADDR_ECHO_JOIN,
                    new Departure("client", 1, SECOND_SENDS.formatted(""), BOTH_PATHS),
                    new Departure("server", 0, ANNOUNCED.formatted("ADD_ADDR16"),
                            DATA_FIRST + "; no segment overtakes another here, so nothing is to be selected by SACK")),
            entry(PcapScenarios.V1_ADDADDR_PORT,
                    new Departure("server", 0, ANNOUNCED.formatted("ADD_ADDR18"), DATA_FIRST)),
            entry(PcapScenarios.V1_ADDADDR_V6_PORT_NOTS,
                    new Departure("server", 0, ANNOUNCED.formatted("ADD_ADDR30"), DATA_FIRST)),
            entry(PcapScenarios.ADDADDR_BAD_HMAC,
                    new Departure("server", 0, ANNOUNCED.formatted("ADD_ADDR16"), DATA_FIRST)),
            entry(PcapScenarios.V1_REMOVE_ADDR,
                    new Departure("client", 2, null, "this flow is the server's attempt to join the address that the "
                            + "client announced, which Linux refused; our server's script does not try"),
                    new Departure("server", 2, null, "see the client's flow")),
            entry(PcapScenarios.FALLBACK_STRIP_SYNACK,
                    new Departure("server", 0, "SA MP_CAPABLE12/01 | D | F", OTHER_SIDE)),
            entry(PcapScenarios.FALLBACK_STRIP_S2C,
                    new Departure("server", 0, "SA MP_CAPABLE12/01 | D mapping64 | A infinite64 | D infinite64 | F",
                            OTHER_SIDE + "; the infinite mapping is that of RFC 8684 section 3.7")),
            entry(PcapScenarios.MPFAIL_SINGLE_SUBFLOW,
                    new Departure("client", 0, "S MP_CAPABLE4/81 | A MP_CAPABLE20/81 | D MP_CAPABLE24/81 "
                            + "| D mapping64/sum | A Fail12 | A infinite64/sum | D infinite64/sum | F",
                            "the infinite mapping goes on an acknowledgment at once and again on the next data"),
                    new Departure("server", 0, "SA MP_CAPABLE12/81 | D mapping64/sum | A Fail12 | D infinite64/sum | D "
                            + "| F", "we fall back in both directions as soon as we send MP_FAIL, and say so; Linux "
                            + "sends mappings until the MP_FAIL of the peer")),
            entry(PcapScenarios.JOIN_REFUSED_TCPRST,
                    new Departure("client", 1, "S MP_JOIN12", "there is nothing more to send"),
                    new Departure("server", 1, "R MP_TCPRST4/3", "we refuse the SYN, as RFC 8684 section 3.2 has it; "
                            + "Linux refuses the third packet")),
            entry(PcapScenarios.JOIN_ACK_STRIPPED,
                    new Departure("client", 1, "S MP_JOIN12 | A JoinAck24", "we answer no RST with a RST (RFC 9293 "
                            + "section 3.5.2)")),
            entry(PcapScenarios.JOIN_4THACK_WITHOUT_DSS,
                    new Departure("client", 1, "S MP_JOIN12 | A JoinAck24 | A mapping64/FIN | F", "RFC 8684 asks for "
                            + "an ACK, not for a DSS on it; we send one and do not insist on the peer's"),
                    new Departure("server", 1, "SA MP_JOIN16 | A DATA_ACK | A mapping64/FIN | F", OTHER_SIDE
                            + "; the subflow lives on")));

    private static Map.Entry<PcapScenarios, List<Departure>> entry(PcapScenarios scenario, Departure... departures) {
        return Map.entry(scenario, List.of(departures));
    }

    private void check(PcapScenarios scenario) throws IOException {
        OptionTrace ours = scenario.create().run();
        Path folder = folder();
        check(scenario, "client", OptionTrace.of(folder.resolve(scenario.clientPcap), 1).client(), ours.client());
        check(scenario, "server", OptionTrace.of(folder.resolve(scenario.serverPcap), 1).server(), ours.server());
    }

    private static Path folder() {
        return Reactor.find().root().resolve("wire/src/test/resources/net/braid/wire/pcaps");
    }

    private static void check(PcapScenarios scenario, String side, String linux, String ours) {
        String[] expected = linux.split("\n");
        StringBuilder whole = new StringBuilder();
        for (int flow = 0; flow < expected.length; flow++) {
            String line = expected[flow];
            for (Departure departure : DEPARTURES.getOrDefault(scenario, List.of())) {
                if (departure.side.equals(side) && departure.flow == flow) {
                    assertEquals(false, line.equals(departure.ours), "no departure: " + departure);
                    line = departure.ours;
                }
            }
            if (line != null) {
                whole.append(flow == 0 ? "" : "\n").append(line);
            }
        }
        assertEquals(whole.toString(), ours, scenario + ", " + side + "; Linux: " + linux);
    }

    @Test
    void everyTraceIsReplayed() throws IOException {
        Set<String> left = new HashSet<>();
        try (Stream<Path> files = Files.list(folder())) {
            files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".pcap")).forEach(left::add);
        }
        for (PcapScenarios scenario : PcapScenarios.values()) {
            left.remove(scenario.clientPcap);
            left.remove(scenario.serverPcap);
            left.remove(scenario.name().toLowerCase(Locale.ROOT) + ".server.pcap");
        }
        assertEquals(ELSEWHERE, left);
    }

    @Test
    @Requirement({"A08", "A13", "A14", "A15", "C15", "C18"})
    void requestAndResponse() throws IOException {
        check(PcapScenarios.V1_BASIC);
    }

    @Test
    @Requirement({"A13", "A14"})
    void serverThatSpeaksFirst() throws IOException {
        check(PcapScenarios.V1_SERVER_FIRST);
    }

    @Test
    @Requirement({"A14", "A15", "C16"})
    void firstDataAfterAPause() throws IOException {
        check(PcapScenarios.V1_IDLE_THEN_DATA);
    }

    @Test
    @Requirement({"B07", "B08", "C18"})
    void secondSubflowCarriesData() throws IOException {
        check(PcapScenarios.V1_JOIN_2SUBFLOWS);
    }

    @Test
    @Requirement({"B10", "B11", "D13"})
    void backupSubflowIsOnlyUsedWhenItsPriorityChanges() throws IOException {
        check(PcapScenarios.V1_JOIN_BACKUP_PRIO);
    }

    @Test
    @Requirement({"D03", "B09"})
    void announcedAddressIsEchoedAndJoined() throws IOException {
        check(PcapScenarios.V1_ADDADDR_ECHO_JOIN);
    }

    @Test
    @Requirement({"B01", "D03", "D06"})
    void announcedPortIsJoined() throws IOException {
        check(PcapScenarios.V1_ADDADDR_PORT);
    }

    @Test
    @Requirement({"D03", "D09"})
    void announcementOfAnIpv6Address() throws IOException {
        check(PcapScenarios.V1_ADDADDR_V6);
    }

    @Test
    @Requirement({"D03", "D09", "D30"})
    void ipv6AddressAndPortFitWithoutTimestamps() throws IOException {
        check(PcapScenarios.V1_ADDADDR_V6_PORT_NOTS);
    }

    @Test
    @Requirement({"D09", "D30"})
    void ipv6AddressAndPortAreNotAnnouncedBesideTimestamps() throws IOException {
        check(PcapScenarios.V1_ADDADDR_V6_PORT_SUPPRESSED);
    }

    @Test
    @Requirement("D11")
    void removedAddressLosesItsSubflowWithFin() throws IOException {
        check(PcapScenarios.V1_REMOVE_ADDR);
    }

    @Test
    @Requirement({"A08", "A25", "C03"})
    void checksumsOnTwoSubflows() throws IOException {
        check(PcapScenarios.V1_CHECKSUM);
    }

    @Test
    @Requirement("A25")
    void checksumThatOnlyTheServerWants() throws IOException {
        check(PcapScenarios.V1_CHECKSUM_SERVER_ONLY);
    }

    @Test
    @Requirement("A23")
    void onlyTheAnnouncedAddressIsJoinedAfterTheCFlag() throws IOException {
        check(PcapScenarios.V1_CFLAG_SERVER);
    }

    @Test
    @Requirement({"D14", "D16"})
    void abortIsFastCloseOnEverySubflow() throws IOException {
        check(PcapScenarios.V1_FASTCLOSE_RST);
    }

    @Test
    @Requirement({"C04", "G08"})
    void selectiveAcknowledgmentsBesideDataAcknowledgments() throws IOException {
        check(PcapScenarios.V1_SACK_DSS);
    }

    @Test
    @Requirement({"C04", "G08"})
    void selectiveAcknowledgmentsWithChecksums() throws IOException {
        check(PcapScenarios.V1_SACK_DSS_CSUM);
    }

    @Test
    @Requirement("A28")
    void serverWithoutMultipath() throws IOException {
        check(PcapScenarios.FALLBACK_PLAIN_SERVER);
    }

    @Test
    @Requirement("A28")
    void clientWithoutMultipath() throws IOException {
        check(PcapScenarios.PLAIN_CLIENT_MPTCP_SERVER);
    }

    @Test
    @Requirement("A28")
    void optionLostFromTheSynAck() throws IOException {
        check(PcapScenarios.FALLBACK_STRIP_SYNACK);
    }

    @Test
    @Requirement({"D19", "D26"})
    void optionsLostBehindTheHandshake() throws IOException {
        check(PcapScenarios.FALLBACK_STRIP_NONSYN);
    }

    @Test
    @Requirement({"D19", "D26"})
    void optionsLostOnTheWayToTheClient() throws IOException {
        check(PcapScenarios.FALLBACK_STRIP_S2C);
    }

    @Test
    @Requirement({"D21", "D23"})
    void changedPayloadOnTheOnlySubflow() throws IOException {
        check(PcapScenarios.MPFAIL_SINGLE_SUBFLOW);
    }

    @Test
    @Requirement("D20")
    void changedPayloadOnOneOfTwoSubflows() throws IOException {
        check(PcapScenarios.MPFAIL_TWO_SUBFLOWS);
    }

    @Test
    @Requirement("B03")
    void joinAboveTheLimit() throws IOException {
        check(PcapScenarios.JOIN_REFUSED_TCPRST);
    }

    @Test
    @Requirement("B04")
    void joinWhoseAnswerHasAWrongHmac() throws IOException {
        check(PcapScenarios.JOIN_SYNACK_BAD_HMAC);
    }

    @Test
    @Requirement("B05")
    void joinWithoutItsThirdOption() throws IOException {
        check(PcapScenarios.JOIN_ACK_STRIPPED);
    }

    @Test
    @Requirement("B06")
    void joinWhoseThirdPacketIsLost() throws IOException {
        check(PcapScenarios.JOIN_ACK_LOST_ONCE);
    }

    @Test
    @Requirement("B08")
    void joinWhoseFourthPacketHasNoOption() throws IOException {
        check(PcapScenarios.JOIN_4THACK_WITHOUT_DSS);
    }

    @Test
    @Requirement("A17")
    void handshakeWhoseThirdPacketIsLost() throws IOException {
        check(PcapScenarios.MPC_ACK_LOST_ONCE);
    }

    @Test
    @Requirement({"D02", "D04"})
    void announcementWithAWrongHmac() throws IOException {
        check(PcapScenarios.ADDADDR_BAD_HMAC);
    }
}
