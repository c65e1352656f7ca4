package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code braid up}, {@code down} and {@code status} on a kernel, in network namespaces. */
@Timeout(120)
class UplinksTest {
    private static final String STACK_1 = "198.19.86.1";
    private static final String STACK_2 = "198.19.86.2";
    private static final String STACK_V6_1 = "fd62:7261:6964::1";
    private static final String STACK_V6_2 = "fd62:7261:6964::2";

    @TempDir
    private Path folder;
    private UplinkLab lab;

    @BeforeAll
    static void checkMachine() {
        Optional<String> obstacle = UplinkLab.obstacle();
        if (Boolean.getBoolean("braid.require.kernel")) {
            assertEquals(Optional.empty(), obstacle);
        }
        assumeTrue(obstacle.isEmpty(), () -> "needs network namespaces: " + obstacle.get());
    }

    @BeforeEach
    void setUp() throws Exception {
        lab = new UplinkLab(folder);
    }

    @AfterEach
    void tearDown() throws Exception {
        lab.remove();
    }

    private void echo() throws Exception {
        lab.startEcho(UplinkLab.SERVER_V4);
        lab.startEcho(UplinkLab.SERVER_V6);
    }

    private void up() throws Exception {
        lab.braid("up", "--over", "up1,up2").must();
    }

    @Test
    void eachAddressLeavesByItsUplinkAndAnswersComeBack() throws Exception {
        echo();
        up();
        assertEquals("answer 10.1.0.2 to " + STACK_1, lab.ask(STACK_1, UplinkLab.SERVER_V4, 10));
        assertEquals("answer 10.2.0.2 to " + STACK_2, lab.ask(STACK_2, UplinkLab.SERVER_V4, 10));
        assertEquals("answer fd01:1::2 to " + STACK_V6_1, lab.ask(STACK_V6_1, UplinkLab.SERVER_V6, 10));
        assertEquals("answer fd01:2::2 to " + STACK_V6_2, lab.ask(STACK_V6_2, UplinkLab.SERVER_V6, 10));
    }

    @Test
    void strictReversePathFilterDoesNotMind() throws Exception {
        echo();
        for (String device : new String[] {"all", "default", "up1", "up2"}) {
            lab.in(lab.host, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/" + device + "/rp_filter").must();
        }
        up();
        assertEquals("answer 10.1.0.2 to " + STACK_1, lab.ask(STACK_1, UplinkLab.SERVER_V4, 10));
        assertEquals("answer 10.2.0.2 to " + STACK_2, lab.ask(STACK_2, UplinkLab.SERVER_V4, 10));
    }

    @Test
    void addressThatIsNotTheStacksDoesNotLeave() throws Exception {
        echo();
        up();
        // Not even "unreachable": there is no way to it.
        assertEquals("silence", lab.ask("198.19.86.77", UplinkLab.SERVER_V4, 10));
    }

    @Test
    void noPacketLeavesByTheOtherUplinkWhenItsOwnIsDown() throws Exception {
        echo();
        up();
        lab.in(lab.host, "ip", "link", "set", "up2", "down").must();
        assertEquals("unreachable", lab.ask(STACK_2, UplinkLab.SERVER_V4, 10));
        assertEquals("answer 10.1.0.2 to " + STACK_1, lab.ask(STACK_1, UplinkLab.SERVER_V4, 10));
    }

    @Test
    void smallerMtuOfAnUplinkIsKnownAndEnforced() throws Exception {
        echo();
        lab.in(lab.host, "ip", "link", "set", "up2", "mtu", "1300").must();
        up();
        String state = Files.readString(lab.state.resolve("braid0.json"));
        assertTrue(state.contains("\"mtu\": 1500, \"nat\""), state);
        assertTrue(state.contains("\"uplink\": \"up2\", \"outside\": \"10.2.0.2\", \"gateway\": \"10.2.0.1\", "
                + "\"reachable\": \"unknown\", \"mtu\": 1300, \"up\": true"), state);
        assertEquals("too big 1300", lab.ask(STACK_2, UplinkLab.SERVER_V4, 1400));
        assertEquals("too big 1300", lab.ask(STACK_V6_2, UplinkLab.SERVER_V6, 1400));
        assertEquals("answer 10.1.0.2 to " + STACK_1, lab.ask(STACK_1, UplinkLab.SERVER_V4, 1400));
    }

    @Test
    void connectionsToForwardedPortsReachTheStack() throws Exception {
        lab.braid("up", "--over", "up1,up2", "--ports", "5201,8000-8010").must();
        try (BufferedReader heard = lab.startProbe(lab.host, "hear", "braid0")) {
            lab.in(lab.router, "python3", folder.resolve("probe.py").toString(), "knock", "10.2.0.2", "8005");
            assertEquals("segment to " + STACK_2 + " port 8005", heard.readLine());
        }
        try (BufferedReader heard = lab.startProbe(lab.host, "hear", "braid0")) {
            lab.in(lab.router, "python3", folder.resolve("probe.py").toString(), "knock", "fd01:1::2", "5201");
            assertEquals("segment to " + STACK_V6_1 + " port 5201", heard.readLine());
        }
    }

    @Test
    void givenAddressesAreRoutedWithoutTranslation() throws Exception {
        echo();
        lab.in(lab.router, "ip", "route", "add", "10.9.0.2/32", "via", "10.1.0.2").must();
        lab.in(lab.router, "ip", "route", "add", "10.9.1.2/32", "via", "10.2.0.2").must();
        lab.braid("up", "--over", "up1,up2", "--address", "10.9.0.2,10.9.1.2").must();
        assertEquals("answer 10.9.0.2 to 10.9.0.2", lab.ask("10.9.0.2", UplinkLab.SERVER_V4, 10));
        assertEquals("answer 10.9.1.2 to 10.9.1.2", lab.ask("10.9.1.2", UplinkLab.SERVER_V4, 10));
        assertEquals("", lab.in(lab.host, "nft", "list", "ruleset").must().out());
    }

    @Test
    void secondUpFindsNothingToDo() throws Exception {
        up();
        String once = lab.snapshot();
        UplinkLab.Said again = lab.braid("up", "--over", "up1,up2").must();
        assertTrue(again.out().contains("was up already"), again.out());
        assertEquals(once, lab.snapshot());
        assertEquals("", lab.braid("up", "--over", "up1,up2", "--dry-run").must().out());
    }

    @Test
    void downLeavesTheHostAsItWas() throws Exception {
        String before = lab.snapshot();
        lab.braid("up", "--over", "up1,up2", "--ports", "5201", "--user", "nobody").must();
        assertFalse(before.equals(lab.snapshot()));
        lab.braid("down").must();
        assertEquals(before, lab.snapshot());
        assertTrue(lab.braid("down").must().out().contains("was not up"));
    }

    @Test
    void otherUplinksReplaceTheOldOnes() throws Exception {
        up();
        lab.braid("up", "--over", "up2").must();
        String changed = lab.snapshot();
        lab.braid("down").must();
        lab.braid("up", "--over", "up2").must();
        assertEquals(changed,
                lab.snapshot());
    }

    @Test
    void missingPiecesAreNamedAndMadeAgain() throws Exception {
        up();
        String whole = lab.snapshot();
        assertEquals(0, lab.braid("status").code());
        lab.in(lab.host, "ip", "rule", "del", "priority", "17001").must();
        lab.in(lab.host, "nft", "delete", "table", "inet", "braid_braid0").must();
        UplinkLab.Said status = lab.braid("status");
        assertEquals(1, status.code());
        assertTrue(status.out().contains("ip -4 rule add priority 17001"), status.out());
        assertTrue(status.out().contains("nft -f -"), status.out());
        up();
        assertEquals(whole, lab.snapshot());
    }

    @Test
    void killedAtAnyMomentNothingStaysBehind() throws Exception {
        String before = lab.snapshot();
        long began = System.nanoTime();
        up();
        long whole = System.nanoTime() - began;
        lab.braid("down").must();
        Random random = new Random(4);
        for (int i = 0; i < 6; i++) {
            Process process = lab.startBraid("up", "--over", "up1,up2", "--ports", "5201");
            TimeUnit.NANOSECONDS.sleep(whole / 4 + (long) (whole * random.nextDouble()));
            process.destroyForcibly().waitFor();
            if (i % 2 == 0) {
                Process down = lab.startBraid("down");
                TimeUnit.NANOSECONDS.sleep((long) (whole * random.nextDouble()));
                down.destroyForcibly().waitFor();
            }
            lab.braid("down").must();
            assertEquals(before, lab.snapshot(), "after round " + i);
        }
    }

    @Test
    void evenWithoutItsStateEverythingButSettingsIsFound() throws Exception {
        lab.braid("up", "--over", "up1,up2").must();
        Files.delete(lab.state.resolve("braid0.json"));
        lab.braid("down").must();
        String left = lab.snapshot();
        assertFalse(left.contains("braid"), left);
        assertFalse(left.contains("17000"), left);
        assertFalse(left.contains("proto 183"), left);
    }

    @Test
    void twoNamesStandSideBySideAndTheLastOneRestores() throws Exception {
        String before = lab.snapshot();
        lab.braid("up", "--over", "up1,up2").must();
        lab.braid("up", "--name", "braid1", "--over", "up1,up2").must();
        lab.braid("down").must();
        assertEquals("1", lab.in(lab.host, "cat", "/proc/sys/net/ipv4/conf/up1/forwarding").out().strip());
        assertEquals(0, lab.braid("status", "--name", "braid1").code());
        lab.braid("down", "--name", "braid1").must();
        assertEquals(before, lab.snapshot());
    }

    @Test
    void watchFollowsAnUplinkToANewAddress() throws Exception {
        echo();
        up();
        Process watch = lab.startBraid("up", "--over", "up1,up2", "--watch");
        assertEquals("answer 10.2.0.2 to " + STACK_2, lab.ask(STACK_2, UplinkLab.SERVER_V4, 10));
        // As a new lease: the kernel drops all routes with the last address.
        lab.in(lab.router, "ip", "addr", "add", "10.7.0.1/24", "dev", "rt2").must();
        lab.in(lab.host, "ip", "addr", "flush", "dev", "up2").must();
        lab.in(lab.host, "ip", "addr", "add", "10.7.0.9/24", "dev", "up2").must();
        lab.in(lab.host, "ip", "route", "add", "default", "via", "10.7.0.1", "dev", "up2", "metric", "200").must();
        String answer = "";
        for (int i = 0; i < 40 && !answer.startsWith("answer"); i++) {
            TimeUnit.MILLISECONDS.sleep(250);
            answer = lab.ask(STACK_2, UplinkLab.SERVER_V4, 10);
        }
        assertEquals("answer 10.7.0.9 to " + STACK_2, answer);
        lab.braid("down").must();
        assertTrue(watch.waitFor(20, TimeUnit.SECONDS), "it ends when there is nothing to follow");
        assertEquals(0, watch.exitValue());
    }

    @Test
    void userOfTheDeviceNeedsNoPrivilege() throws Exception {
        echo();
        lab.braid("up", "--over", "up1,up2", "--user", "nobody").must();
        assertEquals("answer 10.2.0.2 to " + STACK_2, lab.probeAsNobody("ask", "braid0", STACK_2,
                UplinkLab.SERVER_V4, "" + UplinkLab.ECHO_PORT, "10"));
    }

    @Test
    void missingPrivilegeIsOneLine() throws Exception {
        UplinkLab.Said said = lab.braidWithoutPrivilege("up", "--over", "up1,up2");
        assertEquals(2, said.code());
        assertEquals("braid: braid up changes the network and needs CAP_NET_ADMIN: run it as root\n", said.err());
        assertEquals("", said.out());
    }

    @Test
    void deviceOfSomebodyElseIsNotTouched() throws Exception {
        lab.in(lab.host, "ip", "tuntap", "add", "dev", "braid0", "mode", "tun").must();
        String before = lab.snapshot();
        UplinkLab.Said said = lab.braid("up", "--over", "up1,up2");
        assertEquals(2, said.code());
        assertTrue(said.err().contains("was not made by braid up"), said.err());
        lab.braid("down").must();
        assertEquals(before, lab.snapshot());
    }

    @Test
    void prefixInUseIsAvoidedAndRefused() throws Exception {
        lab.in(lab.host, "ip", "route", "add", "198.19.86.0/25", "dev", "up1").must();
        UplinkLab.Said said = lab.braid("up", "--over", "up1,up2", "--prefix", "198.19.86.0/24");
        assertEquals(2, said.code());
        assertTrue(said.err().contains("there is a route to 198.19.86.0/25 by up1"), said.err());
        assertTrue(lab.braid("up", "--over", "up1,up2").must().out().contains("198.19.87.1"));
    }
}
