package net.braid.sim;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;

class SwarmTest {
    private static final long FIRST = Long.getLong("braid.swarm.from", 1);
    private static final int SEEDS = Integer.getInteger("braid.swarm.seeds", 200);

    @Test
    void everyFlowOfEverySeedComesToItsEndAndEverythingIsFreed() {
        StringBuilder failures = new StringBuilder();
        int failed = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            var failure = Swarm.run(seed);
            if (failure.isPresent() && failed++ < 20) {
                failures.append(failure.get()).append('\n');
            }
        }
        if (failed > 0) {
            fail(failed + " of " + SEEDS + " seeds have failed:\n" + failures);
        }
    }
}
