package net.braid.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against a list that is searched from end to end. */
class SentSegmentsTest {
    /** One entry of the naive twin. */
    private static final class Twin {
        long start;
        long end;
        long tag;
        long sentAt;
        long sendOrder;
        byte state = SentSegments.IN_FLIGHT;
        boolean retransmitted;
        boolean fin;
    }

    private final SentSegments sent = new SentSegments();
    private final List<Twin> twins = new ArrayList<>();
    private long next;
    private long order;
    private long now;

    @Test
    void randomOperationsAgreeWithTheNaiveTwin() {
        for (long seed = 1; seed <= 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try {
                for (int i = 0; i < 1500; i++) {
                    now += random.nextInt(2);
                    step(random);
                    compare();
                }
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed, failure);
            }
        }
    }

    private void step(SplittableRandom random) {
        int choice = random.nextInt(twins.size() > 200 ? 8 : 12);
        if (choice >= 8 || twins.isEmpty()) {
            append(1 + random.nextInt(3000));
            return;
        }
        int index = random.nextInt(twins.size());
        Twin twin = twins.get(index);
        int slot = sent.find(twin.start + random.nextLong(twin.end - twin.start));
        assertEquals(twin.start, sent.start(slot));
        switch (choice) {
            case 0, 1, 2 -> {
                Twin head = twins.removeFirst();
                assertEquals(head.end, sent.end(sent.head()));
                sent.removeHead();
            }
            case 3 -> {
                if (twin.end - twin.start > 1) {
                    split(index, slot, twin.start + 1 + random.nextLong(twin.end - twin.start - 1));
                }
            }
            case 4 -> {
                if (twin.state != SentSegments.SACKED) {
                    sent.markSacked(slot);
                    twin.state = SentSegments.SACKED;
                }
            }
            case 5 -> {
                if (twin.state != SentSegments.LOST) {
                    sent.markLost(slot);
                    twin.state = SentSegments.LOST;
                }
            }
            case 6 -> {
                sent.markRetransmitted(slot, now);
                twin.state = SentSegments.IN_FLIGHT;
                twin.retransmitted = true;
                twin.sentAt = now;
                twin.sendOrder = order++;
            }
            default -> {
                if (twin.state == SentSegments.LOST) {
                    sent.markInFlightAgain(slot);
                    twin.state = SentSegments.IN_FLIGHT;
                }
            }
        }
    }

    private void append(int length) {
        Twin twin = new Twin();
        twin.start = next;
        twin.end = next + length;
        twin.tag = next * 7;
        twin.sentAt = now;
        twin.sendOrder = order++;
        twin.fin = length % 5 == 0;
        twins.add(twin);
        sent.append(twin.start, twin.end, twin.tag, twin.fin ? SentSegments.FIN : 0, now);
        next += length;
    }

    private void split(int index, int slot, long at) {
        Twin twin = twins.get(index);
        Twin rest = new Twin();
        rest.start = at;
        rest.end = twin.end;
        rest.tag = twin.tag + at - twin.start;
        rest.sentAt = twin.sentAt;
        rest.sendOrder = twin.sendOrder;
        rest.state = twin.state;
        rest.retransmitted = twin.retransmitted;
        rest.fin = twin.fin;
        twin.end = at;
        twin.fin = false;
        twins.add(index + 1, rest);
        assertEquals(at, sent.start(sent.split(slot, at)));
    }

    private void compare() {
        sent.checkInvariants();
        assertEquals(twins.size(), sent.count());
        int slot = sent.head();
        for (Twin twin : twins) {
            assertEquals(twin.start, sent.start(slot));
            assertEquals(twin.end, sent.end(slot));
            assertEquals(twin.tag, sent.tag(slot));
            assertEquals(twin.state, sent.state(slot));
            assertEquals(twin.sentAt, sent.sentAt(slot));
            assertEquals(twin.fin, sent.has(slot, SentSegments.FIN));
            assertEquals(twin.retransmitted, sent.has(slot, SentSegments.RETRANSMITTED));
            slot = sent.next(slot);
        }
        assertEquals(SentSegments.NONE, slot);
        List<Long> times = twins.stream().filter(t -> t.state == SentSegments.IN_FLIGHT)
                .sorted(Comparator.comparingLong((Twin t) -> t.sentAt)).map(t -> t.sentAt).toList();
        slot = sent.oldest();
        for (long time : times) {
            assertEquals(time, sent.sentAt(slot));
            slot = sent.later(slot);
        }
        assertEquals(SentSegments.NONE, slot);
    }

    @Test
    void arraysShrinkWhenAllIsAcknowledged() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5000; i++) {
                append(100);
            }
            while (!sent.isEmpty()) {
                sent.removeHead();
            }
            twins.clear();
            compare();
        }
        append(100);
        compare();
    }

    @Test
    void finIsNoData() {
        int slot = sent.append(0, 101, 0, SentSegments.FIN, 0);
        assertEquals(100, sent.dataLength(slot));
        int rest = sent.split(slot, 60);
        assertEquals(60, sent.dataLength(slot));
        assertEquals(40, sent.dataLength(rest));
        assertTrue(sent.has(rest, SentSegments.FIN) && !sent.has(slot, SentSegments.FIN));
    }
}
