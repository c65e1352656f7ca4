package net.braid.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import net.braid.base.Xoshiro256;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

class DemultiplexerTest {
    private static final FakeLink LINK = new FakeLink();

    private static FlowSlot slot(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        return new FlowSlot(null, local, localPort, remote, remotePort, LINK, 0);
    }

    private static FlowSlot find(Demultiplexer table, FlowSlot like) {
        return table.find(like.localHigh, like.localLow, like.remoteHigh, like.remoteLow, like.ports);
    }

    @Test
    void everyPartOfTheFourTupleCounts() {
        Demultiplexer table = new Demultiplexer(new Xoshiro256(1));
        FlowSlot slot = slot(Duo.CLIENT, 1000, Duo.SERVER, 80);
        table.add(slot);
        assertSame(slot, find(table, slot));
        assertNull(find(table, slot(Duo.SERVER, 1000, Duo.SERVER, 80)));
        assertNull(find(table, slot(Duo.CLIENT, 1001, Duo.SERVER, 80)));
        assertNull(find(table, slot(Duo.CLIENT, 1000, Duo.CLIENT, 80)));
        assertNull(find(table, slot(Duo.CLIENT, 1000, Duo.SERVER, 81)));
        assertNull(find(table, slot(Duo.CLIENT_V6, 1000, Duo.SERVER_V6, 80)));
        assertNull(find(table, slot(Duo.SERVER, 80, Duo.CLIENT, 1000)));
    }

    @Test
    void agreesWithAListUnderRandomAddsAndRemoves() {
        long seed = 0x5eed_0003L;
        Xoshiro256 random = new Xoshiro256(seed);
        Demultiplexer table = new Demultiplexer(random);
        List<FlowSlot> present = new ArrayList<>();
        List<FlowSlot> absent = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            absent.add(i % 3 == 0 ? slot(Duo.CLIENT_V6, 1000 + i, Duo.SERVER_V6, 80)
                    : slot(Duo.CLIENT, 1000 + i, Duo.SERVER, 80));
        }
        for (int step = 0; step < 20_000; step++) {
            boolean add = present.isEmpty() || !absent.isEmpty() && random.nextInt(600) > present.size();
            if (add) {
                FlowSlot slot = absent.remove(random.nextInt(absent.size()));
                table.add(slot);
                present.add(slot);
            } else {
                FlowSlot slot = present.remove(random.nextInt(present.size()));
                table.remove(slot);
                absent.add(slot);
            }
            if (step % 100 == 0) {
                for (FlowSlot slot : present) {
                    assertSame(slot, find(table, slot), "seed " + seed + " step " + step);
                }
                for (FlowSlot slot : absent) {
                    assertNull(find(table, slot), "seed " + seed + " step " + step);
                }
                assertEquals(present.size(), table.size());
            }
        }
    }
}
