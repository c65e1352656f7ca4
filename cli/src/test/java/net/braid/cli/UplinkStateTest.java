package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UplinkStateTest {
    private static final UplinkState STATE = new UplinkState("braid0", 1500, true, "alice", List.of("5201", "80-90"),
            "net:[1]", 17_032, true, List.of("wlan0", "wwan0"), List.of("wwan0=10.0.0.1"),
            List.of(new UplinkState.Path(IpAddress.parse("198.19.86.1"), "wlan0", IpAddress.parse("192.168.1.5"),
                    IpAddress.parse("192.168.1.1"), "yes", 1500, true),
                    new UplinkState.Path(IpAddress.parse("fd62:7261:6964::2"), "wwan0", null, null, "unknown", 1400,
                            false)),
            List.of(new UplinkState.Setting("net/ipv4/ip_forward", "1", "0"),
                    new UplinkState.Setting("net/ipv6/conf/all/forwarding", "1", null)));

    @TempDir
    private Path folder;

    @Test
    void whatIsSavedIsLoaded() throws IOException {
        STATE.save(folder.resolve("new"));
        assertEquals(Optional.of(STATE), UplinkState.load(folder.resolve("new"), "braid0"));
    }

    @Test
    void nothingButTheFileStays() throws IOException {
        STATE.save(folder);
        try (var files = Files.list(folder)) {
            assertEquals(List.of("braid0.json"), files.map(file -> file.getFileName().toString()).toList());
        }
        UplinkState.delete(folder, "braid0");
        assertTrue(UplinkState.load(folder, "braid0").isEmpty());
    }

    @Test
    void brokenFileIsNamed() throws IOException {
        Files.writeString(folder.resolve("braid0.json"), "{\"name\":");
        IOException wrong = assertThrows(IOException.class, () -> UplinkState.load(folder, "braid0"));
        assertTrue(wrong.getMessage().contains("braid0.json is not a state of braid up"), wrong.getMessage());
    }

    @Test
    void addressIsFoundInItsPrefixAndNotBeside() {
        IpPrefix prefix = IpPrefix.parse("198.19.86.0/25");
        assertTrue(prefix.contains(IpAddress.parse("198.19.86.127")));
        assertFalse(prefix.contains(IpAddress.parse("198.19.86.128")));
        assertTrue(prefix.overlaps(IpPrefix.parse("198.19.0.0/16")));
        assertFalse(prefix.overlaps(IpPrefix.parse("198.19.86.128/25")));
        assertFalse(prefix.overlaps(IpPrefix.parse("::/0")));
        assertEquals("198.19.86.3", prefix.host(3).toString());
        assertEquals("fd01:2::3", IpPrefix.parse("fd01:2::9/64").host(3).toString());
        assertEquals(128, prefix.hosts());
        assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse("10.0.0.0/33"));
    }
}
