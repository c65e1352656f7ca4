package net.braid.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private final Simulation simulation = new Simulation(1);
    private final List<String> happened = new ArrayList<>();

    @AfterEach
    void close() {
        simulation.close();
    }

    private void note(String what) {
        happened.add(what + "@" + simulation.now());
    }

    @Test
    void theClockJumpsFromEventToEvent() {
        simulation.at(50, () -> note("b"));
        simulation.at(10, () -> note("a"));
        assertTrue(simulation.step(100));
        assertEquals(10, simulation.now());
        assertTrue(simulation.step(100));
        assertFalse(simulation.step(100));
        assertEquals(List.of("a@10", "b@50"), happened);
    }

    @Test
    void actionsOfOneInstantHappenInTheOrderOfTheirCalls() {
        for (int i = 0; i < 20; i++) {
            int number = i;
            simulation.at(5, () -> note("" + number));
        }
        simulation.runUntil(5);
        for (int i = 0; i < 20; i++) {
            assertEquals(i + "@5", happened.get(i));
        }
    }

    @Test
    void anActionMayAskForAnotherAtTheSameInstant() {
        simulation.at(5, () -> simulation.at(5, () -> note("second")));
        simulation.runUntil(9);
        assertEquals(List.of("second@5"), happened);
        assertEquals(9, simulation.now());
    }

    @Test
    void thePastCannotBeChanged() {
        simulation.runUntil(10);
        assertThrows(IllegalArgumentException.class, () -> simulation.at(9, () -> note("never")));
        simulation.advanceTo(3);
        assertEquals(10, simulation.now());
    }

    @Test
    void actorsOfOneInstantActInTheOrderOfTheirRegistration() {
        int first = simulation.register(now -> note("first"));
        int second = simulation.register(now -> note("second"));
        simulation.schedule(second, 7);
        simulation.schedule(first, 7);
        simulation.runUntil(7);
        assertEquals(List.of("first@7", "second@7"), happened);
    }

    @Test
    void eachComponentHasItsOwnRandomNumbers() {
        long pipe = simulation.random("pipe a").nextLong();
        simulation.random("pipe b").nextLong();
        assertEquals(pipe, simulation.random("pipe a").nextLong());
        assertNotEquals(pipe, simulation.random("pipe b").nextLong());
    }
}
