package net.braid.testkit;

import java.util.SplittableRandom;
import net.braid.mptcp.PacketScheduler;
import net.braid.tcp.FlowView;

/**
 * Flows and questions drawn at random from a seed, as {@link PacketScheduler.Context} allows them. After every answer
 * the rules are checked; a broken one throws AssertionError with the seed.
 */
final class SchedulerModel implements PacketScheduler.Context {
    private static final int MOST_FLOWS = 8;
    private static final int MSS = 1420;

    private final long seed;
    private final SplittableRandom random;
    private final PacketScheduler scheduler;
    private final Flow[] flows = new Flow[MOST_FLOWS];
    private long present;
    private long usable;
    private long ready;
    private long alreadyOn;
    private boolean reinjection;
    private int length;
    private long unsent;
    private long window;
    private long now = 1;
    private long steps;
    private long digest;

    /** One flow; its numbers change from question to question. */
    private static final class Flow implements FlowView {
        private final int index;
        private long rtt;
        private long window;
        private long inFlight;
        private long rate;
        private boolean backup;
        private boolean usable;

        Flow(int index) {
            this.index = index;
        }

        void redraw(SplittableRandom random) {
            rtt = random.nextInt(20) == 0 ? 0 : random.nextLong(1, 1L << random.nextInt(1, 34));
            window = random.nextLong(MSS, 1L << random.nextInt(12, 28));
            inFlight = random.nextInt(4) == 0 ? 0 : random.nextLong(window);
            rate = random.nextInt(5) == 0 ? 0 : random.nextLong(1L << random.nextInt(1, 34));
            backup = random.nextInt(8) == 0;
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public long smoothedRttNanos() {
            return rtt;
        }

        @Override
        public long minimumRttNanos() {
            return rtt / 2;
        }

        @Override
        public long congestionWindow() {
            return window;
        }

        @Override
        public long slowStartThreshold() {
            return Long.MAX_VALUE;
        }

        @Override
        public long bytesInFlight() {
            return inFlight;
        }

        @Override
        public int maximumSegmentSize() {
            return MSS;
        }

        @Override
        public long deliveryRate() {
            return rate;
        }

        @Override
        public boolean inRecovery() {
            return false;
        }

        @Override
        public boolean isBackup() {
            return backup;
        }

        @Override
        public boolean isUsable() {
            return usable;
        }
    }

    SchedulerModel(PacketScheduler.Factory factory, long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        scheduler = factory.create();
        for (int i = 0; i < MOST_FLOWS; i++) {
            flows[i] = new Flow(i);
        }
    }

    void run(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    /** Depends on every answer so far. */
    long digest() {
        return digest;
    }

    void step() {
        steps++;
        now += random.nextLong(1L << random.nextInt(1, 40));
        drawFlows();
        drawQuestion();
        long readyBefore = ready;
        long answer = scheduler.select(this);
        check(ready == readyBefore, "a question is only read");
        check(answer == PacketScheduler.WAIT || (answer & ready) != 0,
                "an answer names a flow that can take the stretch");
        check(answer != PacketScheduler.WAIT || !everythingIsFree(),
                "when all flows are free and nothing is in flight, somebody must send");
        digest = digest * 31 + answer;
    }

    private void drawFlows() {
        if (present == 0 || random.nextInt(50) == 0) {
            present = random.nextLong(1, 1L << MOST_FLOWS);
        }
        usable = 0;
        for (int i = 0; i < MOST_FLOWS; i++) {
            flows[i].redraw(random);
            flows[i].usable = (present & 1L << i) != 0 && random.nextInt(5) != 0;
            usable |= flows[i].usable ? 1L << i : 0;
        }
        if (usable == 0) {
            usable = present;
        }
        if (random.nextInt(4) == 0) {
            for (Flow flow : flows) {
                flow.inFlight = 0;
            }
        }
    }

    private void drawQuestion() {
        reinjection = random.nextInt(4) == 0;
        alreadyOn = reinjection ? random.nextLong(1L << MOST_FLOWS) & present : 0;
        ready = usable & ~alreadyOn;
        if (random.nextBoolean()) {
            ready &= random.nextLong(1L << MOST_FLOWS);
        }
        if (ready == 0) {
            // Such a question is not asked.
            alreadyOn = 0;
            ready = Long.lowestOneBit(usable);
        }
        length = random.nextInt(1, 64 * 1024);
        window = reinjection ? random.nextLong(1L << 22) : length + random.nextLong(1L << random.nextInt(1, 30));
        unsent = reinjection ? random.nextLong(1L << 22) : length + random.nextLong(1L << 22);
    }

    private boolean everythingIsFree() {
        boolean free = ready == usable;
        for (Flow flow : flows) {
            free &= flow.inFlight == 0;
        }
        return free;
    }

    private void check(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError("broken: " + rule + "; seed " + seed + ", step " + steps + ", ready "
                    + Long.toBinaryString(ready) + ", usable " + Long.toBinaryString(usable) + ", already on "
                    + Long.toBinaryString(alreadyOn));
        }
    }

    // ---- the question

    @Override
    public long ready() {
        return ready;
    }

    @Override
    public long usable() {
        return usable;
    }

    @Override
    public FlowView flow(int index) {
        return (present & 1L << index) != 0 ? flows[index] : null;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public long unsentBytes() {
        return unsent;
    }

    @Override
    public long windowBytes() {
        return window;
    }

    @Override
    public boolean isReinjection() {
        return reinjection;
    }

    @Override
    public long alreadyOn() {
        return alreadyOn;
    }
}
