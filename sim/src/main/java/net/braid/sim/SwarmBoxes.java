package net.braid.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The middleboxes of one world of the swarm, of every kind there is, and what each may do to a connection. The reviewed
 * table of the conformance tests says what becomes of a connection behind each box alone; here they meet all other
 * faults, and each other.
 */
final class SwarmBoxes {
    /** The worst that a box may do. */
    enum Effect {
        /** Nothing: every byte arrives, over Multipath TCP or plain TCP. */
        NONE,
        /** No subflow joins here: a connection may end with an error when it has lost an address. */
        NO_JOINS,
        /**
         * It ends flows. A connection may end with an error if it is plain TCP, or an end does not know yet that
         * options pass, or its C flag lets no other subflow take over, or an address was lost.
         */
        FLOW_ENDS,
        /**
         * It forgets flows without a word. Besides, an end that waits for a DATA_ACK, while nothing is outstanding on
         * the subflow, may time out: it does not ask whether the only subflow still lives, nor does TCP.
         */
        FORGETS,
        /**
         * The connection may end with an error, for the box acknowledges what does not arrive, or lets options pass
         * first and not later. What was read until then is right.
         */
        FAILURE,
        /** Besides, bytes come changed where no DSS checksum protects them. */
        CHANGE
    }

    /** One box, as {@link Middlebox#parse} reads it. */
    record Box(String text, Effect effect) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static final String[] STRIPPED = {"all", "mptcp", "mptcp", "capable", "join", "dss", "dss", "add-addr"};
    private static final String[] PLACES = {"any", "any", "syn", "syn-ack", "no-syn", "data", "ack"};
    private static final String[] WAYS = {"forward", "backward"};
    private static final int[] SPARED = {0, 0, 1, 3, 10, 40};

    private final SwarmDice dice;
    private final int mtu;
    private final List<List<Box>> client = new ArrayList<>();
    private final List<List<Box>> server = new ArrayList<>();

    SwarmBoxes(SwarmDice dice, int clientCables, int serverCables, int mtu) {
        this.dice = dice;
        this.mtu = mtu;
        draw(client, clientCables, dice.chance(0.5), true);
        draw(server, serverCables, dice.chance(0.1), false);
    }

    private void draw(List<List<Box>> cables, int count, boolean any, boolean atClient) {
        boolean same = dice.chance(0.3);
        for (int i = 0; i < count; i++) {
            List<Box> boxes = new ArrayList<>();
            if (any && same && i > 0) {
                boxes.addAll(cables.getFirst());
            } else if (any && dice.chance(i == 0 ? 0.8 : 0.4)) {
                boxes.add(box(atClient));
                if (dice.chance(0.2)) {
                    boxes.add(box(atClient));
                }
            }
            cables.add(boxes);
        }
    }

    /** For each cable of the client, seen from there. */
    List<List<Box>> client() {
        return client;
    }

    List<List<Box>> server() {
        return server;
    }

    /** The worst of all. */
    Effect worst() {
        Effect worst = Effect.NONE;
        for (Effect effect : Effect.values()) {
            worst = has(effect) ? effect : worst;
        }
        return worst;
    }

    /** Whether any box may do just this. */
    boolean has(Effect effect) {
        return Stream.of(client, server).flatMap(List::stream).flatMap(List::stream)
                .anyMatch(box -> box.effect == effect);
    }

    private Box box(boolean atClient) {
        return switch (dice.random.nextInt(atClient ? 13 : 12)) {
            case 0 -> harmless("rewrite-isn");
            case 1 -> stripper(atClient);
            case 2 -> harmless("split size=" + dice.logUniform(100, 1400) + "B");
            case 3 -> coalescer();
            case 4 -> new Box("change-payload direction=" + way() + " at=" + dice.logUniform(1, 100_000) + "B every="
                    + (dice.chance(0.5) ? 0 : dice.logUniform(1_000, 100_000)) + "B", Effect.CHANGE);
            case 5 -> new Box("drop-syn with=" + (dice.chance(0.5) ? "mptcp" : "join"), Effect.NO_JOINS);
            case 6 -> new Box("ack-early direction=" + way() + " lose="
                    + (dice.chance(0.5) ? 0 : dice.logUniform(20, 200)), Effect.FAILURE);
            case 7 -> harmless("hold-holes most=" + dice.logUniform(1, 1000));
            case 8 -> harmless("clamp-window size=" + dice.logUniform(2_000, 60_000) + "B");
            case 9 -> harmless("check-sequence");
            case 10 -> new Box("idle-firewall timeout=" + dice.logUniform(500, 100_000) + "ms", Effect.FORGETS);
            case 11 -> new Box("reset direction=" + (dice.chance(0.5) ? "both" : way()) + " after="
                    + dice.logUniform(1, 100) + " times=" + (1 + dice.random.nextInt(5)), Effect.FLOW_ENDS);
            default -> dice.chance(0.5) ? harmless("nat")
                    : new Box("nat timeout=" + dice.logUniform(500, 100_000) + "ms", Effect.FORGETS);
        };
    }

    private static Box harmless(String text) {
        return new Box(text, Effect.NONE);
    }

    private Box coalescer() {
        boolean same = dice.chance(0.5);
        // What it joins must fit the wire behind it: else no two segments that it gets together ever arrive, and plain
        // TCP crawls from one retransmission timeout to the next (one segment in two minutes).
        long size = Math.min(mtu - 120, dice.logUniform(300, 9_000));
        String text = "coalesce size=" + size + "B hold=" + dice.logUniform(10, 10_000) + "us same-options="
                + (same ? "yes" : "no");
        // Small segments in large ones: hardly a mapping survives.
        return new Box(text, same ? Effect.NONE : Effect.FAILURE);
    }

    private Box stripper(boolean atClient) {
        String what = STRIPPED[dice.random.nextInt(STRIPPED.length)];
        String where = PLACES[dice.random.nextInt(PLACES.length)];
        boolean both = dice.chance(0.5);
        int spared = dice.chance(0.7) ? 0 : dice.pick(SPARED);
        String direction = both ? "both" : way();
        return new Box("strip what=" + what + " on=" + where + " direction=" + direction + " after=" + spared,
                effectOfStripping(what, where, direction.equals(atClient ? "backward" : "forward"), spared));
    }

    /** @param answers only what comes from the server */
    private static Effect effectOfStripping(String what, String where, boolean answers, int spared) {
        return switch (what) {
            // TCP itself ends when options vanish that both ends, or one of them, believe to be agreed: segments
            // without timestamps are dropped (RFC 7323 section 3.2), windows are read with the wrong scale. It does not
            // when the SYN has lost them already.
            case "all" -> spared == 0 && (where.equals("syn") || where.equals("any") && !answers)
                    ? Effect.NO_JOINS : Effect.FAILURE;
            case "add-addr" -> Effect.NONE;
            case "join" -> Effect.NO_JOINS;
            // A server that misses the keys in the third packet takes the connection for plain TCP. A client without
            // data has nothing that tells him, for DATA_FIN alone draws no answer: it is given up after 100 s.
            case "capable" -> where.startsWith("syn") ? Effect.NO_JOINS : Effect.FAILURE;
            // Options that pass at first, or on some segments, or so little data that nothing shows that they do not.
            default -> where.startsWith("syn") ? Effect.NO_JOINS : Effect.FAILURE;
        };
    }

    private String way() {
        return WAYS[dice.random.nextInt(WAYS.length)];
    }
}
