package net.braid.sim;

import java.lang.foreign.MemorySegment;

/**
 * Two pipes, one in each direction, between things outside the simulation, such as network interfaces. A driver lets
 * time pass ({@link Simulation#advanceTo}) and puts frames in; they come out when the pipes let them. A frame may be
 * anything: its bytes are not looked at, unless a fault changes them.
 */
public final class Bridge {
    /** Where frames come out. */
    @FunctionalInterface
    public interface Exit {
        /** The memory is used again when this returns. */
        void onFrame(MemorySegment memory, int length);
    }

    private final Frames frames;
    private final Pipe forward;
    private final Pipe backward;

    /**
     * @param first exit of the backward pipe
     * @param second exit of the forward pipe
     */
    public Bridge(Simulation simulation, String name, PipeProperties forward, PipeProperties backward, Exit first,
            Exit second) {
        frames = simulation.frames();
        this.forward = new Pipe(simulation, name + " forward", forward, new Outlet(second));
        this.backward = new Pipe(simulation, name + " backward", backward, new Outlet(first));
    }

    public Pipe forward() {
        return forward;
    }

    public Pipe backward() {
        return backward;
    }

    /**
     * A frame enters at the first end ({@code ahead}) or at the second, now. It is copied.
     *
     * @param length in bytes, 1 to 65,535
     */
    public void enter(boolean ahead, MemorySegment memory, long offset, int length) {
        int frame = frames.allocate(length);
        MemorySegment.copy(memory, offset, frames.memory(frame), 0, length);
        (ahead ? forward : backward).offer(frame);
    }

    private final class Outlet implements FrameSink {
        private final Exit exit;

        Outlet(Exit exit) {
            this.exit = exit;
        }

        @Override
        public void onFrame(int frame, long now) {
            exit.onFrame(frames.memory(frame), frames.length(frame));
            frames.release(frame);
        }

        @Override
        public void onBatchEnd(long now) {
            // Each frame has left already.
        }
    }
}
