package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import net.braid.wire.OptionKind;
import net.braid.wire.SegmentView;
import net.braid.wire.TcpFlags;

/** Writes NOPs over TCP options. */
final class OptionStripper extends Middlebox {
    /** Which options go. */
    enum What {
        /** All but maximum segment size. */
        ALL,
        /** All of kind 30. */
        MPTCP, CAPABLE, JOIN, DSS, ADD_ADDR;

        boolean covers(MemorySegment memory, long at, int kind, int length) {
            if (this == ALL) {
                return kind != OptionKind.MAXIMUM_SEGMENT_SIZE;
            }
            if (kind != OptionKind.MPTCP || length < 3) {
                return false;
            }
            int subtype = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + 2)) >>> 4;
            return switch (this) {
                case CAPABLE -> subtype == OptionKind.MP_CAPABLE;
                case JOIN -> subtype == OptionKind.MP_JOIN;
                case DSS -> subtype == OptionKind.DSS;
                case ADD_ADDR -> subtype == OptionKind.ADD_ADDR;
                default -> true;
            };
        }
    }

    /** On which segments. */
    enum Where {
        ANY, SYN, SYN_ACK, NO_SYN, DATA, ACK;

        boolean covers(SegmentView s) {
            return switch (this) {
                case ANY -> true;
                case SYN -> s.has(TcpFlags.SYN) && !s.has(TcpFlags.ACK);
                case SYN_ACK -> s.has(TcpFlags.SYN) && s.has(TcpFlags.ACK);
                case NO_SYN -> !s.has(TcpFlags.SYN);
                case DATA -> s.payloadLength > 0;
                case ACK -> s.payloadLength == 0 && !s.has(TcpFlags.SYN);
            };
        }
    }

    private final What what;
    private final Where where;
    /** Null: both. */
    private final Direction only;
    private final long spared;
    private final Map<FlowKey, long[]> seen = new HashMap<>();

    /** @param spared so many of the segments in question pass first, in each flow and direction */
    OptionStripper(What what, Where where, Direction only, long spared) {
        this.what = what;
        this.where = where;
        this.only = only;
        this.spared = spared;
    }

    @Override
    void onSegment(Direction direction, int frame, SegmentView segment, long now) {
        if (only != null && direction != only || !where.covers(segment)) {
            pass(direction, frame);
            return;
        }
        if (spared > 0) {
            long[] counts = seen.computeIfAbsent(FlowKey.of(direction, segment), key -> new long[2]);
            if (counts[direction.ordinal()]++ < spared) {
                pass(direction, frame);
                return;
            }
        }
        MemorySegment memory = frames().memory(frame);
        boolean[] changed = new boolean[1];
        SegmentEdit.options(memory, segment.tcp, (at, kind, length) -> {
            if (what.covers(memory, at, kind, length)) {
                SegmentEdit.blank(memory, at, length);
                changed[0] = true;
            }
        });
        if (changed[0]) {
            count();
            passChanged(direction, frame);
        } else {
            pass(direction, frame);
        }
    }
}
