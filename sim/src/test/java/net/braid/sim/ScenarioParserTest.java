package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.tcp.SubflowConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioParserTest {
    private static final String BASE = """
            host a
            host b
            router r
            link wire a 10.0.0.1 b 10.0.0.2,fd00::2
            flow f a b
            """;

    @Test
    void everythingIsUnderstood() throws ScenarioException {
        Scenario scenario = ScenarioParser.parse("x", """
                seed 7  # comment
                duration 1.5s
                host a
                host b
                router r black-hole=yes
                link one a 10.0.0.1 r rate=10mbit delay=5ms jitter=1ms jitter-reorders=yes mtu=1400 queue=50p loss=1% \
                reorder=2%:3p duplicate=0.5% corrupt=0.001 forward.rate=1mbit backward.queue=codel-ecn:100p offload=full
                link two r b fd00::1,10.0.0.2 loss=burst:1%,25% queue=red:300KB reorder=1%:5ms
                flow f a b to=10.0.0.2 bytes=10MB back=1KB start=10ms congestion=reno send-buffer=64KB..4MB sack=no
                flow g a b from=10.0.0.1 app=requests request=1B response=2B count=3 pause=4ms port=99
                flow h a b app=echo bytes=5KiB read-rate=1mbit
                at 1s link one down
                at 2s link one rate=5mbit forward.loss=3%
                at 2s router r black-hole=no
                at 3s flow f abort
                at 3s flow f read-rate=infinite
                capture x.pcapng link one
                capture y.pcapng host a
                trace z.csv flow f interval=1ms
                expect flow f completes before 10s
                expect flow f goodput >= 1mbit
                expect flow g retransmissions <= 0
                expect flow h fails
                expect link one drops >= 1
                """);
        assertEquals(7, scenario.seed());
        assertEquals(1_500_000_000L, scenario.durationNanos());
        Scenario.LinkSpec one = scenario.links().getFirst();
        assertEquals(1_000_000, one.forward().rateBits());
        assertEquals(10_000_000, one.backward().rateBits());
        assertEquals(new QueueProperties.CoDel(5_000_000, 100_000_000, 100, true), one.backward().queue());
        assertEquals(new QueueProperties.Packets(50), one.forward().queue());
        assertEquals(LinkOffload.FULL, one.offload());
        assertEquals(new LossProperties.Bursts(0.01, 0.25, 0, 1), scenario.links().get(1).forward().loss());
        Scenario.FlowSpec f = scenario.flows().getFirst();
        assertEquals(new Scenario.Work.Bulk(10_000_000, 1000), f.work());
        assertEquals(64_000, f.config().sendBufferInitial());
        assertEquals(4_000_000, f.config().sendBufferMaximum());
        assertEquals(List.of(5001, 99, 5003), scenario.flows().stream().map(Scenario.FlowSpec::port).toList());
        assertEquals(5, scenario.events().size());
        assertEquals(5, scenario.expectations().size());
        Scenario.Event.LinkChange change = (Scenario.Event.LinkChange) scenario.events().get(1);
        assertEquals(5_000_000, change.forward().apply(one.forward()).rateBits());
        assertEquals(new LossProperties.Random(0.03), change.forward().apply(one.forward()).loss());
        assertEquals(new LossProperties.Random(0.01), change.backward().apply(one.backward()).loss());
    }

    private static ConnectionConfig configOf(String settings) throws ScenarioException {
        return ScenarioParser.parse("x", BASE + "flow g a b " + settings + "\n").flows().get(1).config();
    }

    @Test
    void timersOfAFlowCanBeSet() throws ScenarioException {
        SubflowConfig flow = configOf("min-rto=10ms max-rto=9s initial-rto=3s delayed-ack=0s fin-wait=2s time-wait=1s "
                + "user-timeout=7s keep-alive=10s,2s,3 syn-retries=1 syn-ack-retries=2 retries=4").flow();
        assertEquals(SubflowConfig.builder().minimumRtoNanos(10_000_000).maximumRtoNanos(9_000_000_000L)
                .initialRtoNanos(3_000_000_000L).delayedAckNanos(0).finWait2Nanos(2_000_000_000L)
                .timeWaitNanos(1_000_000_000L).userTimeoutNanos(7_000_000_000L).keepAliveIdleNanos(10_000_000_000L)
                .keepAliveIntervalNanos(2_000_000_000L).keepAliveProbes(3).synRetries(1).synAckRetries(2).retries2(4)
                .windowScale(flow.windowScale()).build(), flow);
    }

    @Test
    void packetsOfAFlowCanBeMarkedAndLimited() throws ScenarioException {
        ConnectionConfig config = configOf("dscp=46 ttl=9 mss=1000B reset-on-close=yes idle-restart=no");
        assertEquals(46, config.dscp());
        assertEquals(9, config.timeToLive());
        assertEquals(1000, config.flow().maximumSegmentSize());
        assertTrue(config.resetOnClose());
        assertFalse(config.flow().idleRestart());
    }

    @Test
    void multipathIsOffUnlessAskedFor() throws ScenarioException {
        assertEquals(MultipathConfig.OFF, configOf("").multipath());
    }

    @Test
    void multipathOfAFlowCanBeSet() throws ScenarioException {
        assertEquals(MultipathConfig.builder().version(0).scheduler("roundrobin").pathManager("fullmesh").subflows(3)
                .addAddressAccepted(2).backupAdditional(true).checksum(true).refuseChecksum(true)
                .refuseInitialAddress(true).acceptVersion0(true).synRetries(1).noPathNanos(9_000_000_000L)
                .closeNanos(8_000_000_000L).addAddressNanos(7_000_000_000L).build(),
                configOf("multipath=v0 scheduler=roundrobin path-manager=fullmesh subflows=3 addresses=2 backup=yes "
                        + "dss-checksum=yes refuse-checksum=yes refuse-initial-address=yes accept-v0=yes "
                        + "multipath-syns=1 no-path=9s close-timeout=8s announce-again=7s").multipath());
    }

    @Test
    void memoryOfAHostCanBeLimited() throws ScenarioException {
        Scenario scenario = ScenarioParser.parse("x", "host small memory=1MiB\n" + BASE);
        assertEquals(1 << 20, scenario.hosts().getFirst().stack().memoryBytes());
    }

    @Test
    void captureCanBeMadeAtEveryPointOfALink() throws ScenarioException {
        Scenario scenario = ScenarioParser.parse("x", BASE
                + "capture x.pcapng link wire at=delivered,dropped direction=backward\n");
        assertEquals(new Scenario.CaptureSpec("x.pcapng", "wire", null,
                List.of(Tap.Point.DELIVERED, Tap.Point.DROPPED), false, true), scenario.captures().getFirst());
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("hots c", "unknown word 'hots'"),
                Arguments.of("host", "needed is: host NAME [memory=SIZE]"),
                Arguments.of("host a", "the name 'a' is taken by a host"),
                Arguments.of("host 1a", "'1a' is not a name"),
                Arguments.of("seed x", "'x' is not a whole number"),
                Arguments.of("duration 10", "'10' is not a time such as 20ms"),
                Arguments.of("duration 0s", "must be above 0"),
                Arguments.of("link l a 10.0.0.3", "needed is: link"),
                Arguments.of("link l a b 10.0.0.4", "host 'a' needs an address on this link"),
                Arguments.of("link l a 10.0.0.1 r", "address 10.0.0.1 is taken in line 4"),
                Arguments.of("link l a 10.0.0.300 r", "10.0.0.300"),
                Arguments.of("link l a 10.0.0.3 c 10.0.0.4", "there is no host 'c' above this line"),
                Arguments.of("link l a 10.0.0.3 r speed=1mbit", "unknown setting 'speed'; known are rate"),
                Arguments.of("link l a 10.0.0.3 r rate=1mb", "'1mb' is not a rate such as 100mbit"),
                Arguments.of("link l a 10.0.0.3 r rate=1mbit rate=2mbit", "'rate' is given twice"),
                Arguments.of("link l a 10.0.0.3 r rate=", "'rate=' is not of the form key=value"),
                Arguments.of("link l a 10.0.0.3 r loss=150%", "'150%' is more than everything"),
                Arguments.of("link l a 10.0.0.3 r queue=fifo:3", "'fifo:3' is not a queue such as"),
                Arguments.of("link l a 10.0.0.3 r mtu=20", "mtu must be in 68..65535: 20"),
                Arguments.of("link l a 10.0.0.3 r offload=some", "offload is none, checksum"),
                Arguments.of("link l a 10.0.0.3 r forward.foo=1", "unknown setting 'foo'"),
                Arguments.of("flow g a c", "there is no host 'c' above this line"),
                Arguments.of("flow g a r", "'r' is a router, not a host"),
                Arguments.of("flow g a a", "two different hosts"),
                Arguments.of("flow g a b congestion=quick", "unknown congestion control 'quick'; known are ["),
                Arguments.of("flow g a b port=70000", "a port must be in 1..65535"),
                Arguments.of("flow g a b from=10.0.0.2", "host 'a' has no address 10.0.0.2"),
                Arguments.of("flow g a b app=chat", "app is bulk, echo or requests, not 'chat'"),
                Arguments.of("flow g a b sack=maybe", "'maybe' is neither yes nor no"),
                Arguments.of("flow g a b min-rto=0s", "minimumRtoNanos must be in 1000000..60000000000: 0"),
                Arguments.of("flow g a b keep-alive=1s,1s,1,1", "is not IDLE[,INTERVAL[,PROBES]], such as 10s,1s,5"),
                Arguments.of("flow g a b dscp=64", "dscp must be in 0..63: 64"),
                Arguments.of("flow g a b multipath=yes", "multipath is no, v1 or v0, not 'yes'"),
                Arguments.of("flow g a b scheduler=default", "unknown setting 'scheduler'"),
                Arguments.of("flow g a b multipath=v1 scheduler=best", "unknown scheduler 'best'; known are [default,"),
                Arguments.of("flow g a b multipath=v1 path-manager=x", "unknown path manager 'x'; known are [default,"),
                Arguments.of("flow g a b multipath=v1 subflows=8", "subflows must be in 0..7: 8"),
                Arguments.of("host c memory=1B", "memoryBytes must be in 4096.."),
                Arguments.of("host c speed=1", "unknown setting 'speed'; known are memory"),
                Arguments.of("at 3s link wifi down", "there is no link 'wifi' above this line"),
                Arguments.of("at 3s link wire loss=2", "'2' is more than everything"),
                Arguments.of("at 3s link wire explode", "'explode' is not of the form key=value"),
                Arguments.of("capture x.pcapng wire", "needed is: capture FILE link NAME"),
                Arguments.of("capture x.pcapng link wire at=lost", "offered, delivered or dropped, not 'lost'"),
                Arguments.of("capture x.pcapng link wire direction=up", "both, forward or backward, not 'up'"),
                Arguments.of("expect link wire delivers = 1MB", "needed is: expect flow NAME"),
                Arguments.of("expect flow f goodput > 3mbit", "needed is: expect flow NAME"),
                Arguments.of("expect flow f wins", "needed is: expect flow NAME"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void eachMistakeIsOneLineThatSaysWhereAndWhat(String line, String expected) {
        ScenarioException e = assertThrows(ScenarioException.class,
                () -> ScenarioParser.parse("net.scenario", BASE + line + "\n"));
        assertTrue(e.getMessage().startsWith("net.scenario:6: "), e.getMessage());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    @Test
    void aScenarioWithoutAFlowIsRefused() {
        assertThrows(ScenarioException.class, () -> ScenarioParser.parse("x", "host a\n"));
    }
}
