package net.braid.sim;

/** Two pipes, one in each direction, between two ends. Forward is from the first end to the second. */
public final class Cable {
    private final String name;
    private final Pipe forward;
    private final Pipe backward;

    public Cable(Simulation simulation, String name, CableEnd first, CableEnd second, PipeProperties forward,
            PipeProperties backward) {
        this.name = name;
        this.forward = new Pipe(simulation, name + " forward", forward, sink(second));
        this.backward = new Pipe(simulation, name + " backward", backward, sink(first));
        connect(first, this.forward);
        connect(second, this.backward);
    }

    public String name() {
        return name;
    }

    public Pipe forward() {
        return forward;
    }

    public Pipe backward() {
        return backward;
    }

    /** Both directions at once. */
    public void up(boolean nowUp) {
        forward.up(nowUp);
        backward.up(nowUp);
    }

    public void tap(Tap tap) {
        forward.tap(tap);
        backward.tap(tap);
    }

    /** Takes all faults away: up, and no loss, reordering, duplication or corruption any more. */
    public void heal() {
        up(true);
        forward.properties(forward.properties().toBuilder().healed().build());
        backward.properties(backward.properties().toBuilder().healed().build());
    }

    private static FrameSink sink(CableEnd end) {
        return switch (end) {
            case SimLink link -> link;
            case RouterPort port -> port.router();
        };
    }

    private static void connect(CableEnd end, Pipe out) {
        switch (end) {
            case SimLink link -> link.connect(out);
            case RouterPort port -> port.connect(out);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
