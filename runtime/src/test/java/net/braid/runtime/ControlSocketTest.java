package net.braid.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running engine answers, over a real socket; the network is in memory. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try")
class ControlSocketTest {
    private static final IpAddress CLIENT = IpAddress.parse("10.0.0.1");
    private static final IpAddress SERVER = IpAddress.parse("10.0.0.2");
    private static final ConnectionConfig CONFIG = ConnectionConfig.builder()
            .multipath(MultipathConfig.builder().pathManager("fullmesh").subflows(5).build()).build();

    @TempDir
    Path folder;

    private final QueueLink[] links = QueueLink.pair();
    private Engine client;
    private Engine server;

    private Path socket() {
        return folder.resolve("braid0.sock");
    }

    private void start() throws IOException {
        client = Engine.builder().link(links[0]).route(CLIENT, IpAddress.ANY_V4, 0, links[0], 1500)
                .control(socket(), CONFIG.multipath()).open();
        server = Engine.builder().link(links[1]).route(SERVER, IpAddress.ANY_V4, 0, links[1], 1500).open();
    }

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
            server.close();
        }
    }

    private SocketChannel say(String request) throws IOException {
        return say(socket(), request);
    }

    private static SocketChannel say(Path socket, String request) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
        return channel;
    }

    private String ask(String request) throws IOException {
        return ask(socket(), request);
    }

    private static String ask(Path socket, String request) throws IOException {
        try (SocketChannel channel = say(socket, request + "\n")) {
            return reader(channel).readLine();
        }
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    @Test
    void onlyTheOwnerMayOpenIt() throws IOException {
        start();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())));
    }

    @Test
    void endOfTheEngineRemovesIt() throws IOException {
        start();
        client.close();
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void socketOfAProcessThatIsGoneIsReplaced() throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertTrue(Files.exists(socket()));
        start();
        assertEquals("{\"result\":[]}", ask("connections"));
    }

    @Test
    void socketOfALivingProcessIsLeftAlone() throws IOException {
        start();
        assertThrows(IOException.class, () -> ControlSocket.open(socket(), (line, replies) -> { }));
        assertEquals("{\"result\":[]}", ask("connections"));
    }

    @Test
    void engineRunsWithoutASocketThatCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (Engine engine = Engine.builder().link(links[0])
                .control(file.resolve("braid0.sock"), CONFIG.multipath()).open()) {
            assertTrue(engine.controlProblem() != null);
        }
    }

    @Test
    void endpointsComeAndGo() throws IOException {
        start();
        String first = "{\"address\":\"10.0.0.1\",\"id\":1,\"implicit\":true,\"dev\":\"queue0\"}";
        assertEquals("{\"result\":[" + first + "]}", ask("endpoint show"));
        String both = "{\"result\":[" + first + ",{\"address\":\"10.0.0.7\",\"port\":81,\"id\":42,"
                + "\"signal\":true,\"backup\":true,\"dev\":\"queue0\"}]}";
        assertEquals(both, ask("endpoint add 10.0.0.7 dev queue0 signal id 42 backup port 81"));
        assertEquals(both.replace("\"backup\":true,", ""), ask("endpoint change id 42 nobackup"));
        assertEquals("{\"result\":[" + first + "]}", ask("endpoint delete id 42"));
        assertEquals("{\"result\":[]}", ask("endpoint flush"));
    }

    @Test
    void addedEndpointGetsASubflowAndLosesIt() throws Exception {
        start();
        try (Acceptance acceptance = server.listen(List.of(SERVER), 80, 4, CONFIG);
                Stream mine = client.connect(null, 0, SERVER, 80, CONFIG, 10_000_000_000L);
                Stream theirs = acceptance.accept();
                SocketChannel monitor = say("monitor\n")) {
            BufferedReader events = reader(monitor);
            assertEquals("{\"event\":\"READY\"}", events.readLine());
            theirs.write(ByteBuffer.wrap(new byte[10]));
            mine.read(ByteBuffer.allocate(10));
            ask("endpoint add 10.0.0.7 subflow id 9");
            assertTrue(events.readLine().matches("\\{\"event\":\"SF_ESTABLISHED\",\"token\":\"[0-9a-f]{8}\","
                    + "\"remote_id\":0,\"local_id\":9,\"local\":\"10.0.0.7\",.*\"remote_port\":80,\"backup\":false}"));
            assertTrue(ask("connections").contains("\"local\":\"10.0.0.7\""));
            ask("endpoint change id 9 backup");
            String priority = events.readLine();
            assertTrue(priority.startsWith("{\"event\":\"SF_PRIO\"") && priority.contains("\"backup\":true"), priority);
            ask("endpoint delete id 9");
            String closed = events.readLine();
            assertTrue(closed.startsWith("{\"event\":\"SF_CLOSED\"") && closed.contains("10.0.0.7"), closed);
            mine.abort();
            String end = events.readLine();
            assertTrue(end.startsWith("{\"event\":\"") && end.contains("CLOSED"), end);
        }
    }

    @Test
    void limitsAreThoseOfTheProgram() throws IOException {
        start();
        assertEquals("{\"result\":{\"add_addr_accepted\":" + CONFIG.multipath().addAddressAccepted()
                + ",\"subflows\":5}}", ask("limits show"));
    }

    @Test
    void limitsThatAreSetHoldForConnectionsThatRun() throws Exception {
        start();
        try (Acceptance acceptance = server.listen(List.of(SERVER), 80, 4, CONFIG);
                Stream mine = client.connect(null, 0, SERVER, 80, CONFIG, 10_000_000_000L);
                Stream theirs = acceptance.accept()) {
            assertEquals("{\"result\":{\"add_addr_accepted\":3,\"subflows\":0}}",
                    ask("limits set subflow 0 add_addr_accepted 3"));
            theirs.write(ByteBuffer.wrap(new byte[10]));
            mine.read(ByteBuffer.allocate(10));
            ask("endpoint add 10.0.0.7 subflow");
            assertEquals(1, mine.info().paths().size());
            ask("limits set subflows 1");
            while (mine.info().paths().size() < 2) {
                Thread.sleep(5);
            }
        }
    }

    @Test
    void announcementsOfThePeerAreEvents() throws Exception {
        start();
        Path other = folder.resolve("other.sock");
        server.close();
        server = Engine.builder().link(links[1]).route(SERVER, IpAddress.ANY_V4, 0, links[1], 1500)
                .control(other, CONFIG.multipath()).open();
        try (Acceptance acceptance = server.listen(List.of(SERVER), 80, 4, CONFIG);
                Stream mine = client.connect(null, 0, SERVER, 80, CONFIG, 10_000_000_000L);
                Stream theirs = acceptance.accept();
                SocketChannel monitor = say("monitor\n")) {
            BufferedReader events = reader(monitor);
            events.readLine();
            theirs.write(ByteBuffer.wrap(new byte[10]));
            mine.read(ByteBuffer.allocate(10));
            ask(other, "endpoint add 10.0.0.9 signal port 8080 id 7");
            assertTrue(events.readLine().matches("\\{\"event\":\"ANNOUNCED\",\"token\":\"[0-9a-f]{8}\","
                    + "\"remote_id\":7,\"remote\":\"10.0.0.9\",\"remote_port\":8080}"));
            ask(other, "endpoint delete id 7");
            String line = events.readLine();
            while (!line.contains("REMOVED")) {
                line = events.readLine();
            }
            assertTrue(line.endsWith(",\"remote_id\":7}"), line);
        }
    }

    @Test
    void connectionThatLivesForAnInstantIsTold() throws Exception {
        start();
        try (Acceptance acceptance = server.listen(List.of(SERVER), 80, 4, CONFIG); SocketChannel monitor =
                say("monitor\n")) {
            BufferedReader events = reader(monitor);
            events.readLine();
            client.connect(null, 0, SERVER, 80, CONFIG, 10_000_000_000L).abort();
            List<String> told = new ArrayList<>();
            while (!told.contains("CLOSED")) {
                told.add(events.readLine().split("\"")[3]);
            }
            assertEquals(List.of("CREATED", "ESTABLISHED", "CLOSED"), told.stream()
                    .filter(name -> !name.equals("SF_CLOSED")).toList());
        }
    }

    @Test
    void whoMonitoredAndWentMakesRoomForOthers() throws Exception {
        start();
        for (int i = 0; i < 40; i++) {
            SocketChannel monitor = say("monitor\n");
            assertEquals("{\"event\":\"READY\"}", reader(monitor).readLine());
            monitor.close();
            while (client.ask((stack, now) -> stack.pathSettings().watcher()) != null) {
                Thread.sleep(1);
            }
        }
        assertEquals("{\"result\":[]}", ask("connections"));
    }

    @Test
    void endOfTheEngineEndsMonitoring() throws Exception {
        start();
        try (SocketChannel monitor = say("monitor\n")) {
            BufferedReader events = reader(monitor);
            events.readLine();
            client.close();
            assertNull(events.readLine());
        }
    }

    @Test
    void countersHaveTheNamesOfLinux() throws IOException {
        start();
        assertTrue(ask("counters").contains("\"TcpActiveOpens\":0"));
    }

    @Test
    void whatIsWrongIsAnsweredWithASentence() throws IOException {
        start();
        for (String wrong : List.of("", "frobnicate", "endpoint fly", "endpoint add", "endpoint add nowhere",
                "endpoint add 0.0.0.0", "endpoint add 10.0.0.7 dev eth9",
                "endpoint add 10.0.0.7 id 0", "endpoint add 10.0.0.7 id 256", "endpoint add 10.0.0.7 id 1",
                "endpoint add 10.0.0.7 port 80", "endpoint add 10.0.0.7 signal fullmesh",
                "endpoint add 10.0.0.7 laminar",
                "endpoint add 10.0.0.7 dev", "endpoint add 10.0.0.7 signal port 65536", "endpoint delete id 9",
                "endpoint delete 10.0.0.1", "endpoint delete id 0", "endpoint change id 1", "endpoint change backup",
                "endpoint change id 1 signal", "limits set", "limits set subflows", "limits set subflows 8",
                "limits set subflows x", "limits set paths 1", "endpoint show id 9",
                "connections all")) {
            assertTrue(ask(wrong).startsWith("{\"error\":\""), wrong);
        }
        assertTrue(ask("endpoint show").contains("10.0.0.1"));
    }

    @Test
    void endlessRequestIsNotAnswered() throws IOException {
        start();
        try (SocketChannel channel = say("x".repeat(5000))) {
            assertThrowsOrEnds(channel);
        }
        assertEquals("{\"result\":[]}", ask("connections"));
    }

    private static void assertThrowsOrEnds(SocketChannel channel) {
        try {
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        } catch (IOException reset) {
            assertFalse(reset.getMessage().isEmpty());
        }
    }

    @Test
    void nameThatLeadsElsewhereIsRefused() {
        for (String name : List.of("", "../x", "a/b", "sixteen-letters-x", ".", "..")) {
            assertThrows(IllegalArgumentException.class, () -> ControlSocket.path(name), name);
        }
    }
}
