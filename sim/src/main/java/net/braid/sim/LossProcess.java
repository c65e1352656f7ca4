package net.braid.sim;

import net.braid.base.RandomSource;

/** Draws, frame by frame, whether the wire loses it. */
final class LossProcess {
    private final double toBad;
    private final double toGood;
    private final double lossInGood;
    private final double lossInBad;
    private final boolean never;
    private boolean bad;

    LossProcess(LossProperties properties) {
        switch (properties) {
            case LossProperties.Random(double probability) -> {
                toBad = 0;
                toGood = 1;
                lossInGood = probability;
                lossInBad = probability;
            }
            case LossProperties.Bursts bursts -> {
                toBad = bursts.toBad();
                toGood = bursts.toGood();
                lossInGood = bursts.lossInGood();
                lossInBad = bursts.lossInBad();
            }
        }
        never = lossInGood == 0 && (toBad == 0 || lossInBad == 0);
    }

    boolean losesNext(RandomSource random) {
        if (never) {
            return false;
        }
        if (toBad > 0 && random.nextDouble() < (bad ? toGood : toBad)) {
            bad = !bad;
        }
        double loss = bad ? lossInBad : lossInGood;
        return loss > 0 && random.nextDouble() < loss;
    }
}
