package net.braid.sim;

import java.lang.foreign.MemorySegment;
import net.braid.base.RandomSource;
import net.braid.wire.DropReason;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;

/**
 * A box in the middle of a cable that does more than forward: it may drop, change, delay and invent TCP packets, in
 * both directions. What it sends has correct checksums.
 *
 * <pre>
 *   first end --- offer, filter --- box --- box --- queue, wire --- second end      forward
 *   first end --- wire, queue   --- box --- box --- filter, offer --- second end    backward
 * </pre>
 *
 * <p>Packets that are not TCP, or whose checksum is wrong, pass untouched. Put one on a cable with
 * {@link Cable#add}; make one with {@link #parse} or with {@link MiddleboxSettings}.
 */
public abstract class Middlebox {
    /** Forward is from the first end of the cable to the second. */
    enum Direction {
        FORWARD, BACKWARD;

        Direction other() {
            return this == FORWARD ? BACKWARD : FORWARD;
        }
    }

    private final SegmentView view = new SegmentView();
    private Cable cable;
    private int place;
    private long applied;

    /**
     * A box from one line of text: its kind, then its settings, as in a scenario file.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static Middlebox parse(String text) {
        String[] words = text.strip().split("\\s+");
        return MiddleboxSettings.create(words[0], new Settings(words, 1));
    }

    /** How often this box has done what it is there for. */
    public final long applied() {
        return applied;
    }

    /** A TCP segment has reached the box, which owns its frame now and must pass it on, keep it, or drop it. */
    abstract void onSegment(Direction direction, int frame, SegmentView segment, long now);

    /** Frames that the box keeps until something happens that may never happen. */
    int held() {
        return 0;
    }

    /** The box has been put on its cable. */
    void onAttached() {
    }

    final void attach(Cable onto, int placeOnCable) {
        if (cable != null) {
            throw new IllegalStateException("a middlebox sits on one cable");
        }
        cable = onto;
        place = placeOnCable;
        onAttached();
    }

    final void onFrame(Direction direction, int frame, long now) {
        MemorySegment memory = frames().memory(frame);
        if (SegmentDecoder.decode(memory, 0, frames().length(frame), true, view) != DropReason.NONE) {
            pass(direction, frame);
        } else {
            onSegment(direction, frame, view, now);
        }
    }

    // ---- for the boxes

    final void count() {
        applied++;
    }

    final Simulation simulation() {
        return cable.simulation();
    }

    final Frames frames() {
        return cable.simulation().frames();
    }

    final RandomSource random() {
        return cable.simulation().random("middlebox " + cable.name() + " " + place);
    }

    final void pass(Direction direction, int frame) {
        cable.onward(direction, place, frame);
    }

    /** The packet was changed: mends its checksums, and passes it on. */
    final void passChanged(Direction direction, int frame) {
        MemorySegment memory = frames().memory(frame);
        int length = frames().length(frame);
        SegmentEdit.mend(memory, length);
        pass(direction, frame);
    }

    final void drop(int frame) {
        frames().release(frame);
    }
}
