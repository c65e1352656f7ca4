package net.braid.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import net.braid.tcp.CongestionController;
import org.junit.jupiter.api.Test;

/**
 * What every {@link CongestionController} owes the engine, whatever happens to the flow. An implementation is tested by
 *
 * <pre>
 * class RenoContractTest extends CongestionControllerContract {
 *     RenoContractTest() {
 *         super(Policies.congestionController("reno"));
 *     }
 * }
 * </pre>
 */
public abstract class CongestionControllerContract {
    private static final int SEEDS = 300;
    private static final int STEPS = 3_000;

    private final CongestionController.Factory factory;

    protected CongestionControllerContract(CongestionController.Factory factory) {
        this.factory = factory;
    }

    /** Random sending, acknowledgment, loss, marks, timeouts, undo, idle time, segment sizes, leaps of the clock. */
    @Test
    public void rulesHoldWhateverHappens() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new CongestionModel(factory, seed).run(STEPS);
        }
    }

    /** The same for the flows of a connection: they may see one another, and come and go. */
    @Test
    public void rulesHoldAmongSisters() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new CongestionGroupModel(factory, seed).run(STEPS);
        }
    }

    @Test
    public void sameSeedGivesTheSameAnswersAmongSisters() {
        for (long seed = 3000; seed < 3020; seed++) {
            CongestionGroupModel first = new CongestionGroupModel(factory, seed);
            CongestionGroupModel second = new CongestionGroupModel(factory, seed);
            first.run(STEPS);
            second.run(STEPS);
            assertEquals(first.digest(), second.digest(), "seed " + seed);
        }
    }

    @Test
    public void sameSeedGivesTheSameAnswers() {
        for (long seed = 1000; seed < 1020; seed++) {
            CongestionModel first = new CongestionModel(factory, seed);
            CongestionModel second = new CongestionModel(factory, seed);
            first.run(STEPS);
            second.run(STEPS);
            assertEquals(first.digest(), second.digest(), "seed " + seed);
        }
    }

    @Test
    public void controllersOfOneFactoryShareNoState() {
        for (long seed = 2000; seed < 2020; seed++) {
            CongestionModel alone = new CongestionModel(factory, seed);
            alone.run(STEPS);
            CongestionModel mixed = new CongestionModel(factory, seed);
            CongestionModel other = new CongestionModel(factory, seed + 1_000_000);
            for (int i = 0; i < STEPS; i++) {
                mixed.step();
                other.step();
            }
            assertEquals(alone.digest(), mixed.digest(), "seed " + seed);
        }
    }

    @Test
    public void nothingIsAllocatedPerEvent() {
        CongestionModel model = new CongestionModel(factory, 42);
        model.run(200_000);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        model.run(100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(0, allocated, 1024, "bytes allocated in 100,000 events");
    }
}
