package net.braid.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.braid.base.Requirement;
import net.braid.wire.Json.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptionBudgetTest {
    private static final int TS = OptionBudget.TIMESTAMPS;

    private final OptionBudget budget = new OptionBudget();

    static List<Node> vectors() {
        return Json.resource("vectors.json").get("option_space").list();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    @Requirement({"D09", "D30"})
    void vectorFitsOrNotAsListed(Node vector) {
        List<Node> parts = vector.get("parts").list();
        int raw = parts.stream().mapToInt(Node::number).sum();
        assertEquals(vector.number("raw"), raw);
        assertEquals(vector.number("padded"), OptionBudget.padded(raw));
        // All but the last part as what is never left out, the last part as a wish.
        int last = parts.get(parts.size() - 1).number();
        budget.fixed(raw - last).signal(last).plan();
        assertEquals(vector.get("fits").value(), budget.grantsSignal());
    }

    @Test
    void wholeDssMappingFillsTheSpaceBesideTimestamps() {
        budget.fixed(TS).mapping(true, true).dataAck(true, true).sack(3).signal(3).plan();
        assertTrue(budget.grantsMapping() && budget.grantsDataAck());
        assertEquals(0, budget.grantedSackBlocks());
        assertFalse(budget.grantsSignal());
        assertEquals(40, budget.length());
    }

    @Test
    void mappingWithoutChecksumIsPaddedToTheSameLength() {
        budget.fixed(TS).mapping(true, false).dataAck(true, true).plan();
        assertEquals(40, budget.length());
    }

    @Test
    void advancingDataAckPushesSackBlocksOut() {
        budget.fixed(TS).dataAck(true, true).sack(3).plan();
        assertTrue(budget.grantsDataAck());
        assertEquals(1, budget.grantedSackBlocks());
        budget.fixed(TS).dataAck(false, true).sack(3).plan();
        assertEquals(2, budget.grantedSackBlocks());
    }

    @Test
    void dataAckThatSaysNothingNewYieldsToSackBlocks() {
        budget.fixed(TS).dataAck(true, false).sack(3).plan();
        assertFalse(budget.grantsDataAck());
        assertEquals(3, budget.grantedSackBlocks());
        budget.fixed(TS).dataAck(true, false).sack(1).plan();
        assertTrue(budget.grantsDataAck());
    }

    @Test
    void signalComesBetweenTheFirstAndTheOtherSackBlocks() {
        budget.fixed(TS).sack(3).signal(12).plan();
        assertTrue(budget.grantsSignal());
        assertEquals(1, budget.grantedSackBlocks());
        budget.fixed(TS).sack(3).signal(18).plan();
        assertFalse(budget.grantsSignal());
        assertEquals(3, budget.grantedSackBlocks());
    }

    @Test
    @Requirement("D09")
    void addressOfIpv6HasAnAckOfItsOwn() {
        budget.fixed(TS).dataAck(true, true).signal(28).plan();
        assertFalse(budget.grantsSignal());
        budget.fixed(TS).signal(28).plan();
        assertTrue(budget.grantsSignal());
        budget.fixed(TS).signal(30).plan();
        assertFalse(budget.grantsSignal());
        budget.fixed(0).signal(30).plan();
        assertTrue(budget.grantsSignal());
    }

    @Test
    void handshakeGoesBeforeFastOpen() {
        budget.fixed(20).fastOpen(10).handshake(12).plan();
        assertTrue(budget.grantsHandshake());
        assertFalse(budget.grantsFastOpen());
        assertEquals(6, OptionBudget.cookieRoom(32));
        assertEquals(14, OptionBudget.cookieRoom(24));
        assertEquals(16, OptionBudget.cookieRoom(20));
        assertEquals(0, OptionBudget.cookieRoom(36));
    }

    @Test
    @Requirement("D30")
    void noCombinationOfWishesExceedsFortyBytes() {
        for (int fixed = 0; fixed <= 40; fixed += 4) {
            for (int mapping = 0; mapping < 5; mapping++) {
                for (int ack = 0; ack < 5; ack++) {
                    for (int sack = 0; sack <= 5; sack++) {
                        for (int signal = 0; signal <= 40; signal++) {
                            budget.fixed(fixed).handshake(signal % 25).sack(sack).signal(signal);
                            if (mapping > 0) {
                                budget.mapping((mapping & 1) != 0, (mapping & 2) != 0);
                            }
                            if (ack > 0) {
                                budget.dataAck((ack & 1) != 0, (ack & 2) != 0);
                            }
                            budget.plan();
                            assertTrue(budget.length() <= 40 && budget.length() >= fixed && budget.length() % 4 == 0);
                            assertTrue(budget.grantedSackBlocks() <= Math.min(sack, 4));
                        }
                    }
                }
            }
        }
    }
}
