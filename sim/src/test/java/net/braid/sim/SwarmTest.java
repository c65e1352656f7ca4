package net.braid.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Optional;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class SwarmTest {
    private static final long FIRST = Long.getLong("braid.swarm.from", 1);
    private static final int SEEDS = Integer.getInteger("braid.swarm.seeds", 200);

    private static void check(LongFunction<Optional<Swarm.Failure>> world) {
        StringBuilder failures = new StringBuilder();
        int failed = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            var failure = world.apply(seed);
            if (failure.isPresent() && failed++ < 20) {
                failures.append(failure.get()).append('\n');
            }
        }
        if (failed > 0) {
            fail(failed + " of " + SEEDS + " seeds have failed:\n" + failures);
        }
    }

    @Test
    void everyFlowOfEverySeedComesToItsEndAndEverythingIsFreed() {
        check(Swarm::run);
    }

    @Test
    void everyMultipathConnectionOfEverySeedComesToItsEndAndEverythingIsFreed() {
        check(MultipathSwarm::run);
    }

    /** What they found is in the commits that mended it: joins without end, a buffer that stayed full, lost words. */
    @Test
    void multipathSeedsThatOnceFailedDoNotFailAgain() {
        for (long seed : new long[] {4406, 6167, 8726, 9841, 14068, 17457, 19646, 24979, 28724, 33418, 34601, 35410}) {
            MultipathSwarm.run(seed).ifPresent(failure -> fail(failure.toString()));
        }
    }
}
