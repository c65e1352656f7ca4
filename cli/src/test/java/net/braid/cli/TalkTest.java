package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.channels.ClosedChannelException;
import java.util.List;
import net.braid.runtime.StreamInfo;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** What a user hears of a connection that has been opened. */
class TalkTest {
    private static final StreamInfo INFO = new StreamInfo(IpAddress.parse("10.0.0.1"), 4000,
            IpAddress.parse("10.0.0.2"), 80, true, 0x0c269489, false, 0, 0, List.of(), List.of());

    @Test
    void openingIsASentenceForPeople() {
        assertEquals("connected: 10.0.0.1 port 4000 to 10.0.0.2 port 80, Multipath TCP", Talk.opening(INFO, false));
    }

    @Test
    void endThatWeMadeIsSaidInWords() {
        assertEquals("the connection was closed at this end", Reason.of(new ClosedChannelException()));
    }

    @Test
    void openingIsAnObjectForPrograms() {
        Json json = Json.parse(Talk.opening(INFO, true));
        assertEquals("10.0.0.2", json.at("remote").text(""));
        assertEquals("0c269489", json.at("token").text(""));
    }
}
