package net.braid.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import net.braid.mptcp.PacketScheduler;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PacketScheduler} owes the engine, whatever flows there are. An implementation is tested by
 *
 * <pre>
 * class RoundRobinContractTest extends PacketSchedulerContract {
 *     RoundRobinContractTest() {
 *         super(Policies.scheduler("roundrobin"));
 *     }
 * }
 * </pre>
 */
public abstract class PacketSchedulerContract {
    private static final int SEEDS = 200;
    private static final int STEPS = 2_000;

    private final PacketScheduler.Factory factory;

    protected PacketSchedulerContract(PacketScheduler.Factory factory) {
        this.factory = factory;
    }

    /** Flows that come and go, full and empty, fast and slow, without samples; new data and reinjections. */
    @Test
    public void rulesHoldWhateverIsAsked() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new SchedulerModel(factory, seed).run(STEPS);
        }
    }

    @Test
    public void sameSeedGivesTheSameAnswers() {
        for (long seed = 1000; seed < 1020; seed++) {
            SchedulerModel first = new SchedulerModel(factory, seed);
            SchedulerModel second = new SchedulerModel(factory, seed);
            first.run(STEPS);
            second.run(STEPS);
            assertEquals(first.digest(), second.digest(), "seed " + seed);
        }
    }

    @Test
    public void schedulersOfOneFactoryShareNoState() {
        for (long seed = 2000; seed < 2020; seed++) {
            SchedulerModel alone = new SchedulerModel(factory, seed);
            alone.run(STEPS);
            SchedulerModel mixed = new SchedulerModel(factory, seed);
            SchedulerModel other = new SchedulerModel(factory, seed + 1_000_000);
            for (int i = 0; i < STEPS; i++) {
                mixed.step();
                other.step();
            }
            assertEquals(alone.digest(), mixed.digest(), "seed " + seed);
        }
    }

    @Test
    public void nothingIsAllocatedPerQuestion() {
        SchedulerModel model = new SchedulerModel(factory, 42);
        model.run(100_000);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        model.run(100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(0, allocated, 1024, "bytes allocated in 100,000 questions");
    }
}
