package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import net.braid.base.Requirement;
import org.junit.jupiter.api.Test;

/** A peer that says anything at all: nothing throws, no assertion fails, sums stay right, windows are obeyed. */
class FuzzTest {
    private static final String[] FLAGS = {"A", "A", "A", "A", "A", "AP", "AF", "R", "RA", "S", "SA", "SF", "AU", "AE",
        "AC", "P", "F", "SRAPFUEC", "AEC"};

    @Test
    @Requirement({"F27", "H01", "H02", "H03", "G09"})
    void anythingFromThePeerIsSurvived() {
        int seeds = Integer.getInteger("braid.tcp.seeds", 1500);
        long first = Long.getLong("braid.tcp.seed", 1);
        for (long seed = first; seed < first + seeds; seed++) {
            StringBuilder story = new StringBuilder();
            try {
                run(new SplittableRandom(seed), story);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("-Dbraid.tcp.seed=" + seed + " -Dbraid.tcp.seeds=1\n" + story, failure);
            }
        }
    }

    private static void run(SplittableRandom random, StringBuilder story) {
        boolean sack = random.nextInt(4) != 0;
        boolean timestamps = random.nextInt(3) == 0;
        SubflowConfig config = Script.PLAIN.toBuilder().sack(sack).timestamps(timestamps)
                .pacing(random.nextInt(3) == 0).ecn(random.nextBoolean()).mtuProbing(random.nextInt(3))
                .receiveHoles(1 + random.nextInt(10)).keepAliveIdleNanos(random.nextInt(2) * 5 * Script.SECONDS)
                .challengeAcksPerSecond(1000).windowScale(random.nextInt(3)).build();
        PathProperties path = new PathProperties(1500, false, random.nextInt(3) == 0 ? 65_535 : 1500);
        Script script = new Script(config, path);
        String offer = " win 30000 mss " + (200 + random.nextInt(1200)) + (sack ? " sackok" : "")
                + (timestamps ? " ts 1000:" + 1000 : "") + (random.nextBoolean() ? " ws 1" : "");
        open(script, random, offer, story);
        for (int step = 0; step < 120 && script.flow.state() != TcpState.CLOSED; step++) {
            int choice = random.nextInt(20);
            if (choice < 13) {
                peer(script, segment(script, random, timestamps), story);
            } else if (choice < 16) {
                script.owner.pushAll = random.nextInt(3) == 0;
                if (!script.owner.shut) {
                    say(story, "write");
                    script.write(1 + random.nextInt(20_000));
                }
            } else if (choice == 16) {
                say(story, "after");
                script.after(random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(500));
            } else if (choice == 17) {
                script.jump(random.nextInt(1000));
            } else if (choice == 18) {
                script.sink.full = random.nextBoolean();
                script.owner.refusesPayload = random.nextInt(4) == 0;
                script.owner.readsAtOnce = random.nextBoolean();
                script.read(random.nextInt(30_000));
            } else {
                disturb(script, random, story);
            }
            check(script);
        }
    }

    private static void open(Script script, SplittableRandom random, String offer, StringBuilder story) {
        if (random.nextInt(3) == 0) {
            script.accept("S -1" + offer);
            peer(script, "A 0 ack 0", story);
        } else {
            script.connect();
            peer(script, "SA -1 ack 0" + offer, story);
        }
    }

    private static void disturb(Script script, SplittableRandom random, StringBuilder story) {
        int sequence = script.wire((int) script.flow.sendUnacknowledged() + random.nextInt(2000) - 200);
        switch (random.nextInt(20)) {
            case 0 -> script.shutdown();
            case 1 -> script.flow.abort(new CloseReason.Aborted("fuzz"), script.now);
            case 2 -> script.flow.orphan(script.now);
            case 3, 4, 5 -> script.flow.onUnreachable(3, random.nextInt(16), sequence, script.now);
            default -> script.flow.onPacketTooBig(random.nextInt(1600), sequence, script.now);
        }
        say(story, "disturb");
        script.pump();
    }

    private static String segment(Script script, SplittableRandom random, boolean timestamps) {
        long una = script.flow.sendUnacknowledged();
        long nxt = script.flow.sendNext();
        long seq = switch (random.nextInt(6)) {
            case 0 -> script.owner.receiveNext + random.nextInt(3) - 1;
            case 1 -> script.owner.receiveNext + random.nextInt(66_000) - 500;
            case 2 -> random.nextInt(100_000) - 1000;
            default -> script.owner.receiveNext + random.nextInt(10) * 500;
        };
        long ack = switch (random.nextInt(8)) {
            case 0 -> nxt + random.nextInt(3);
            case 1 -> una - random.nextInt(70_000);
            case 2, 3 -> una;
            default -> una + random.nextLong(Math.max(1, nxt - una + 1));
        };
        StringBuilder text = new StringBuilder(FLAGS[random.nextInt(FLAGS.length)]);
        text.append(' ').append(Math.max(-1, seq));
        if (random.nextInt(3) != 0) {
            text.append(':').append(Math.max(0, seq) + 1 + random.nextInt(3000));
        }
        text.append(" ack ").append(ack);
        text.append(" win ").append(random.nextInt(4) == 0 ? random.nextInt(1500) : random.nextInt(65_536));
        if (timestamps && random.nextInt(20) != 0) {
            text.append(" ts ").append(1000 + random.nextInt(50)).append(':').append(random.nextInt(3000));
        }
        if (random.nextInt(2) == 0) {
            text.append(" sack");
            int blocks = 1 + random.nextInt(timestamps ? 3 : 4);
            for (int i = 0; i < blocks; i++) {
                long left = una + random.nextLong(Math.max(1, nxt - una + 1)) - (random.nextInt(6) == 0 ? 3000 : 0);
                text.append(' ').append(left).append(':').append(left + random.nextInt(4000) - 100);
            }
        }
        if (random.nextInt(5) == 0) {
            text.append(" ce");
        }
        if (random.nextInt(5) == 0) {
            text.append(" coalesced ").append(1 + random.nextInt(1500));
        }
        return text.toString();
    }

    private static void peer(Script script, String segment, StringBuilder story) {
        say(story, segment);
        script.peer(segment);
    }

    private static void say(StringBuilder story, String line) {
        story.append(line).append('\n');
    }

    private static void check(Script script) {
        script.flow.sender().checkInvariants();
        List<Segment> sent = script.all();
        for (Segment s : sent) {
            assertTrue(s.headerLength() <= 60);
            assertTrue(s.length() == 0 || s.end() <= script.flow.sendNext());
        }
        assertTrue(script.flow.bytesInFlight() >= 0);
        assertTrue(script.flow.sendUnacknowledged() <= script.flow.sendNext());
        assertTrue(script.flow.congestionWindow() >= 0 || script.flow.state() == TcpState.CLOSED);
    }
}
