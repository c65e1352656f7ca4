package net.braid.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.braid.tcp.CongestionController;
import net.braid.tcp.CouplingGroup;
import net.braid.tcp.FlowView;

/**
 * The flows of one connection, each a {@link CongestionModel} that keeps its own rules, while flows come, go, become
 * backups and are suspected to have failed.
 */
final class CongestionGroupModel implements CouplingGroup {
    private static final int MOST_FLOWS = 8;

    private final CongestionController.Factory factory;
    private final SplittableRandom random;
    private final List<CongestionModel> flows = new ArrayList<>();
    private long digest;

    CongestionGroupModel(CongestionController.Factory factory, long seed) {
        this.factory = factory;
        random = new SplittableRandom(seed);
        open();
    }

    private void open() {
        flows.add(new CongestionModel(factory, random.nextLong(), this, 1));
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    private void step() {
        CongestionModel flow = flows.get(random.nextInt(flows.size()));
        int dice = random.nextInt(1000);
        if (dice < 980) {
            flow.step();
        } else if (dice < 985 && flows.size() < MOST_FLOWS) {
            open();
        } else if (dice < 988 && flows.size() > 1) {
            flows.remove(flow);
        } else {
            flow.role(random.nextInt(4) != 0, random.nextInt(4) == 0);
        }
        digest = digest * 31 + flow.digest();
    }

    long digest() {
        return digest;
    }

    @Override
    public int size() {
        return flows.size();
    }

    @Override
    public FlowView flow(int index) {
        return flows.get(index);
    }
}
