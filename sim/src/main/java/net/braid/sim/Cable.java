package net.braid.sim;

import java.util.ArrayList;
import java.util.List;

/** Two pipes, one in each direction, between two ends. Forward is from the first end to the second. */
public final class Cable {
    private final Simulation simulation;
    private final String name;
    private final Pipe forward;
    private final Pipe backward;
    private final List<Middlebox> boxes = new ArrayList<>();

    public Cable(Simulation simulation, String name, CableEnd first, CableEnd second, PipeProperties forward,
            PipeProperties backward) {
        this.simulation = simulation;
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

    /** Puts a box on the cable, behind those that are there already as seen from the first end. */
    public void add(Middlebox box) {
        boxes.add(box);
        box.attach(this, boxes.size() - 1);
        forward.entrance((frame, now) -> enter(Middlebox.Direction.FORWARD, frame, now));
        backward.entrance((frame, now) -> enter(Middlebox.Direction.BACKWARD, frame, now));
    }

    /** In order from the first end. */
    List<Middlebox> boxes() {
        return List.copyOf(boxes);
    }

    Simulation simulation() {
        return simulation;
    }

    private void enter(Middlebox.Direction direction, int frame, long now) {
        Middlebox box = direction == Middlebox.Direction.FORWARD ? boxes.getFirst() : boxes.getLast();
        box.onFrame(direction, frame, now);
    }

    /** A frame leaves the box at {@code place}: to the next one, or onto the wire. */
    void onward(Middlebox.Direction direction, int place, int frame) {
        boolean ahead = direction == Middlebox.Direction.FORWARD;
        int next = ahead ? place + 1 : place - 1;
        if (next >= 0 && next < boxes.size()) {
            boxes.get(next).onFrame(direction, frame, simulation.now());
        } else {
            (ahead ? forward : backward).admit(frame);
        }
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
