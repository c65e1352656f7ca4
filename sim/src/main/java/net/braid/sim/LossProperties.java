package net.braid.sim;

/** Which frames a wire loses. Probabilities in 0..1. */
public sealed interface LossProperties {
    LossProperties NONE = new Random(0);

    /** Each frame on its own. */
    record Random(double probability) implements LossProperties {
        public Random {
            PipeProperties.checkProbability("loss", probability);
        }
    }

    /**
     * Bursts: the model of Gilbert (1960) and Elliott (1963). The wire is in a good or in a bad state and may change it
     * before each frame.
     *
     * @param toBad probability of going from good to bad
     * @param toGood probability of going from bad to good; 1/toGood is the mean length of a bad spell in frames
     * @param lossInGood probability of loss in the good state
     * @param lossInBad probability of loss in the bad state
     */
    record Bursts(double toBad, double toGood, double lossInGood, double lossInBad) implements LossProperties {
        public Bursts {
            PipeProperties.checkProbability("burst", toBad);
            PipeProperties.checkProbability("recovery", toGood);
            PipeProperties.checkProbability("loss in the good state", lossInGood);
            PipeProperties.checkProbability("loss in the bad state", lossInBad);
        }

        /** The share of frames lost in the long run. */
        public double meanLoss() {
            double bad = toBad + toGood == 0 ? 0 : toBad / (toBad + toGood);
            return bad * lossInBad + (1 - bad) * lossInGood;
        }
    }
}
