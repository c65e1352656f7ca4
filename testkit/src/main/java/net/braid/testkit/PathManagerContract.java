package net.braid.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.base.Requirement;
import net.braid.mptcp.PathManager;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PathManager} owes the engine, whatever happens to addresses and subflows. An implementation is
 * tested by
 *
 * <pre>
 * class FullMeshContractTest extends PathManagerContract {
 *     FullMeshContractTest() {
 *         super(Policies.pathManager("fullmesh"));
 *     }
 * }
 * </pre>
 */
public abstract class PathManagerContract {
    private static final int SEEDS = 500;
    private static final int STEPS = 500;

    private final PathManager.Factory factory;

    protected PathManagerContract(PathManager.Factory factory) {
        this.factory = factory;
    }

    /** Both roles; addresses that come and go on both sides; joins of both sides that succeed, fail or find no room. */
    @Test
    @Requirement({"A20", "A23", "B13"})
    public void rulesHoldWhateverHappens() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new PathModel(factory, seed).run(STEPS);
        }
    }

    @Test
    public void sameSeedGivesTheSameCommands() {
        for (long seed = 1000; seed < 1050; seed++) {
            PathModel first = new PathModel(factory, seed);
            PathModel second = new PathModel(factory, seed);
            first.run(STEPS);
            second.run(STEPS);
            assertEquals(first.digest(), second.digest(), "seed " + seed);
        }
    }

    @Test
    public void managersOfOneFactoryShareNoState() {
        for (long seed = 2000; seed < 2050; seed++) {
            PathModel alone = new PathModel(factory, seed);
            alone.run(STEPS);
            PathModel mixed = new PathModel(factory, seed);
            PathModel other = new PathModel(factory, seed + 1_000_000);
            for (int i = 0; i < STEPS; i++) {
                mixed.step();
                other.step();
            }
            assertEquals(alone.digest(), mixed.digest(), "seed " + seed);
        }
    }
}
