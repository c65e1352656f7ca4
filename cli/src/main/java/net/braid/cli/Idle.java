package net.braid.cli;

import java.util.Locale;
import net.braid.runtime.IdleStrategy;

/** What an engine does when it has nothing to do, as the command line names it. */
enum Idle {
    PARK(IdleStrategy.PARK),
    HYBRID(IdleStrategy.SPIN_THEN_PARK),
    SPIN(IdleStrategy.SPIN);

    private final IdleStrategy strategy;

    Idle(IdleStrategy strategy) {
        this.strategy = strategy;
    }

    IdleStrategy strategy() {
        return strategy;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
