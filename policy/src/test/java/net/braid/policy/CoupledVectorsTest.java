package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import net.braid.base.Requirement;
import net.braid.policy.Json.Node;
import net.braid.tcp.CongestionController.Signal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sections lia, olia and balia of the vectors: windows, round trips and what the formulas make of them. */
class CoupledVectorsTest {
    private static final int MSS = 1000;
    private static final Node VECTORS = Json.resource("vectors.json");

    static List<Node> lia() {
        return VECTORS.list("lia");
    }

    static List<Node> olia() {
        return VECTORS.list("olia");
    }

    static List<Node> balia() {
        return VECTORS.list("balia");
    }

    private final FakeGroup group = new FakeGroup();

    private static long nanos(Node flow) {
        return (long) flow.number("rtt_us") * 1000;
    }

    private static double growth(FakeFlow flow, double acked) {
        return ((CoupledController) flow.controller).coupledGrowth(acked);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Requirement({"I01", "I02"})
    void lia(Node vector) {
        List<FakeFlow> flows = new ArrayList<>();
        for (Node flow : vector.list("flows")) {
            flows.add(group.add(new Lia.Factory(), flow.number("cwnd"), (int) flow.number("mss"), nanos(flow)));
        }
        for (int i = 0; i < flows.size(); i++) {
            double expected = vector.list("increase_bytes_per_ack").get(i).number();
            double acked = vector.list("flows").get(i).number("acked");
            assertEquals(expected, growth(flows.get(i), acked), expected * vector.number("tolerance"), "flow " + i);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Requirement("I08")
    void olia(Node vector) {
        List<FakeFlow> flows = new ArrayList<>();
        for (Node flow : vector.list("flows")) {
            FakeFlow made = group.add(new Olia.Factory(), flow.number("cwnd_pkts") * MSS, MSS, nanos(flow));
            made.betweenLosses = (long) flow.number("l");
            flows.add(made);
        }
        for (int i = 0; i < flows.size(); i++) {
            double expected = vector.list("result").get(i).number("increase_pkts_per_acked_pkt");
            assertEquals(expected, growth(flows.get(i), MSS) / MSS, vector.number("tolerance"), "flow " + i);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Requirement("I10")
    void balia(Node vector) {
        List<FakeFlow> flows = new ArrayList<>();
        for (Node flow : vector.list("flows")) {
            flows.add(group.add(new Balia.Factory(), flow.number("cwnd_pkts") * MSS, MSS, nanos(flow)));
        }
        FakeFlow flow = flows.get((int) vector.number("subflow"));
        double tolerance = vector.number("tolerance");
        assertEquals(vector.number("increase_pkts_per_acked_pkt"), growth(flow, MSS) / MSS, tolerance);
        long before = flow.window();
        flow.signal(Signal.LOSS);
        assertEquals(vector.number("decrease_pkts_on_loss"), (before - flow.window()) / (double) MSS, tolerance);
    }
}
