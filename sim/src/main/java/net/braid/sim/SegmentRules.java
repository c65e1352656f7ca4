package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.braid.wire.DropReason;
import net.braid.wire.SegmentDecoder;
import net.braid.wire.SegmentView;

/**
 * A filter for protocol tests: drops or changes the nth segment, or the nth to mth, that fits a description.
 */
public final class SegmentRules implements FrameFilter {
    /** Which segments a rule is about. */
    @FunctionalInterface
    public interface Matcher {
        boolean matches(SegmentView segment);
    }

    /** Changes a packet in place. Checksums are mended afterwards. */
    @FunctionalInterface
    public interface Change {
        void apply(MemorySegment packet, int length, SegmentView segment);
    }

    private static final class Rule {
        final Matcher matcher;
        final int first;
        final int last;
        /** Null: drop. */
        final Change change;
        int seen;

        Rule(Matcher matcher, int first, int last, Change change) {
            this.matcher = matcher;
            this.first = first;
            this.last = last;
            this.change = change;
        }
    }

    private final SegmentView view = new SegmentView();
    private final List<Rule> rules = new ArrayList<>();
    private int applied;

    /** Any segment with payload. */
    public static Matcher data() {
        return segment -> segment.payloadLength > 0;
    }

    /** Any segment without payload, SYN, FIN or RST. */
    public static Matcher pureAck() {
        return segment -> segment.payloadLength == 0 && (segment.flags & 0x07) == 0;
    }

    /** Any segment with all of these flags. */
    public static Matcher flags(int flags) {
        return segment -> (segment.flags & flags) == flags;
    }

    /** Drops segments {@code first} to {@code last} of those that match, counted from 0. */
    public SegmentRules drop(Matcher matcher, int first, int last) {
        rules.add(new Rule(matcher, first, last, null));
        return this;
    }

    /** Drops the nth segment that matches, counted from 0. */
    public SegmentRules drop(Matcher matcher, int nth) {
        return drop(matcher, nth, nth);
    }

    /** Drops all that match. */
    public SegmentRules dropAll(Matcher matcher) {
        return drop(matcher, 0, Integer.MAX_VALUE);
    }

    /** Changes the nth segment that matches, counted from 0. */
    public SegmentRules change(Matcher matcher, int nth, Change change) {
        rules.add(new Rule(matcher, nth, nth, change));
        return this;
    }

    /** Changes all that match. */
    public SegmentRules changeAll(Matcher matcher, Change change) {
        rules.add(new Rule(matcher, 0, Integer.MAX_VALUE, change));
        return this;
    }

    /** Takes all rules away. */
    public void clear() {
        rules.clear();
    }

    /** How often a rule has been applied. */
    public int applied() {
        return applied;
    }

    @Override
    public boolean pass(MemorySegment memory, int length, long index, long now) {
        if (rules.isEmpty() || SegmentDecoder.decode(memory, 0, length, false, view) != DropReason.NONE) {
            return true;
        }
        boolean pass = true;
        for (Rule rule : rules) {
            if (!rule.matcher.matches(view)) {
                continue;
            }
            int number = rule.seen++;
            if (number < rule.first || number > rule.last) {
                continue;
            }
            applied++;
            if (rule.change == null) {
                pass = false;
            } else {
                rule.change.apply(memory, length, view);
                TcpChecksums.complete(memory, length);
            }
        }
        return pass;
    }
}
