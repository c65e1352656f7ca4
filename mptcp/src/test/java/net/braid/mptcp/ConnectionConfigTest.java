package net.braid.mptcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.braid.tcp.SubflowConfig;
import org.junit.jupiter.api.Test;

class ConnectionConfigTest {
    @Test
    void windowScaleIsTheSmallestThatCanOfferTheWholeBuffer() {
        assertEquals(0, ConnectionConfig.windowScaleFor(65_535));
        assertEquals(1, ConnectionConfig.windowScaleFor(65_536));
        assertEquals(7, ConnectionConfig.windowScaleFor(6 << 20));
        assertEquals(14, ConnectionConfig.windowScaleFor(ConnectionConfig.LARGEST_BUFFER));
    }

    @Test
    void theFlowGetsTheScaleOfTheBuffer() {
        ConnectionConfig config = ConnectionConfig.builder().flow(SubflowConfig.builder().windowScale(2).build())
                .receiveBuffer(1_000, 6 << 20).build();
        assertEquals(7, config.flow().windowScale());
    }

    @Test
    void numbersOutOfRangeAreRefusedByName() {
        ConnectionConfig.Builder builder = ConnectionConfig.builder();
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> builder.dscp(64));
        assertTrue(e.getMessage().contains("dscp") && e.getMessage().contains("0..63"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> builder.timeToLive(0));
        assertThrows(IllegalArgumentException.class, () -> builder.sendBuffer(2_000, 1_000));
        assertThrows(IllegalArgumentException.class, () -> builder.receiveBuffer(10, 1_000));
        assertThrows(IllegalArgumentException.class, () -> builder.congestionControl(""));
    }

    @Test
    void aBuilderFromAConfigurationKeepsEverything() {
        ConnectionConfig config = ConnectionConfig.builder().sendBuffer(1_000, 2_000).receiveBuffer(3_000, 4_000)
                .noDelay(true).autoTuning(false).resetOnClose(true).dscp(46).timeToLive(7).congestionControl("reno")
                .build();
        assertEquals(config, config.toBuilder().build());
    }
}
