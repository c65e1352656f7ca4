package net.braid.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import net.braid.base.Xoshiro256;
import net.braid.link.Link;
import net.braid.linux.DatagramLink;
import net.braid.linux.Encapsulation;
import net.braid.linux.InterfaceAddress;
import net.braid.linux.PacketSocketLink;
import net.braid.linux.Pollable;
import net.braid.linux.TunLink;
import net.braid.linux.UdpLink;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Engines over links of module linux: two engines over UDP encapsulation, and one engine with the sockets of this
 * machine's kernel at the other end. The latter are skipped without the right to make interfaces, and fail instead
 * when the system property {@code braid.require.kernel} is true.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try")
class WireTest {
    private static final long PATIENCE = 10_000_000_000L;
    private static final int BYTES = 24 << 20;
    private static final long PID = ProcessHandle.current().pid();

    private final ConnectionConfig config =
            ConnectionConfig.builder().multipath(MultipathConfig.DEFAULT).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private String device;

    @AfterEach
    void cleanUp() throws IOException {
        threads.shutdownNow();
        if (device != null) {
            command(false, "ip link del " + device);
        }
    }

    private static Engine engine(Link link, IpAddress... locals) throws IOException {
        Engine.Builder builder = Engine.builder().link(link);
        for (IpAddress local : locals) {
            builder.route(local, local.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, link, link.properties().mtu());
        }
        return builder.open();
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void twoEnginesSpeakOverUdp(boolean clientSocket, boolean serverSocket) throws Exception {
        IpAddress loopback = IpAddress.parse("127.0.0.1");
        IpAddress clientAddress = IpAddress.parse("10.0.0.1");
        IpAddress serverAddress = IpAddress.parse("10.0.0.2");
        Encapsulation here = Encapsulation.listening(loopback, 0).withOuterMtu(1500);
        Link serverLink = serverSocket ? UdpLink.open("udp", 0, here) : DatagramLink.open("udp", 0, here);
        int port = serverLink instanceof UdpLink udp ? udp.localPort() : ((DatagramLink) serverLink).localPort();
        Encapsulation there = Encapsulation.to(loopback, port).withOuterMtu(1500);
        Link clientLink = clientSocket ? UdpLink.open("udp", 0, there) : DatagramLink.open("udp", 0, there);
        try (Engine server = engine(serverLink, serverAddress); Engine client = engine(clientLink, clientAddress);
                Acceptance acceptance = server.listen(List.of(IpAddress.ANY_V4), 80, 4, config);
                Stream mine = client.connect(null, 0, serverAddress, 80, config, PATIENCE);
                Stream theirs = acceptance.accept()) {
            exchange(mine.inputStream(), mine.outputStream(), theirs.inputStream(), theirs.outputStream());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEngineBehindTunSpeaksWithTheKernel(boolean ipv6) throws Exception {
        requireKernel();
        device = "bwr" + PID;
        String prefix = ipv6 ? "2001:db8:51::" : "10.253.51.";
        TunLink link = TunLink.open(device, 0);
        try {
            command(true, "ip addr add " + prefix + "1" + (ipv6 ? "/64 nodad" : "/24") + " dev " + device);
            command(true, "ip link set " + device + " up");
        } catch (IOException | RuntimeException problem) {
            link.close();
            throw problem;
        }
        speakWithKernel(link, IpAddress.parse(prefix + "2"), prefix + "1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEngineOnAPacketSocketSpeaksWithTheKernel(boolean ipv6) throws Exception {
        requireKernel();
        device = "bwa" + PID;
        String peer = "bwb" + PID;
        String prefix = ipv6 ? "2001:db8:52::" : "10.253.52.";
        command(true, "ip link add " + device + " type veth peer name " + peer);
        command(true, "sysctl -qw net.ipv4.conf." + device + ".forwarding=0 net.ipv6.conf." + device
                + ".disable_ipv6=1");
        command(true, "ip addr add " + prefix + "1" + (ipv6 ? "/64 nodad" : "/24") + " dev " + peer);
        command(true, "ip link set " + device + " up");
        command(true, "ip link set " + peer + " up");
        IpAddress local = IpAddress.parse(prefix + "2");
        PacketSocketLink link = PacketSocketLink.open(device, 0,
                List.of(new InterfaceAddress(local, ipv6 ? 64 : 24, null)));
        speakWithKernel(link, local, prefix + "1");
        assertEquals(0, link.noRoute() + link.unresolved() + link.sendErrors());
    }

    /** In both roles; the link must have been given, and must have handed over, more than the MTU in one piece. */
    private <L extends Link & Pollable> void speakWithKernel(L device, IpAddress local, String kernel)
            throws Exception {
        ObservedLink link = new ObservedLink(device, device);
        try (Engine engine = engine(link, local)) {
            try (ServerSocket kernelServer = new ServerSocket(0, 4, InetAddress.getByName(kernel));
                    Stream mine = engine.connect(null, 0, IpAddress.parse(kernel), kernelServer.getLocalPort(),
                            config, PATIENCE);
                    Socket theirs = kernelServer.accept()) {
                exchange(mine.inputStream(), mine.outputStream(), theirs.getInputStream(), theirs.getOutputStream());
            }
            try (Acceptance acceptance = engine.listen(List.of(local), 8080, 4, config);
                    Socket theirs = new Socket()) {
                theirs.connect(new InetSocketAddress(local.toString(), 8080), 10_000);
                try (Stream mine = acceptance.accept()) {
                    exchange(theirs.getInputStream(), theirs.getOutputStream(), mine.inputStream(),
                            mine.outputStream());
                }
            }
            assertNull(engine.failure());
        }
        assertTrue(link.largestSent() > 3000, "no super-segment was sent: " + link.largestSent());
        assertTrue(link.largestReceived() > 3000, "nothing was coalesced: " + link.largestReceived());
    }

    private void exchange(InputStream oneIn, OutputStream oneOut, InputStream otherIn, OutputStream otherOut)
            throws Exception {
        Future<Long> there = threads.submit(() -> sum(otherIn));
        Future<Long> sent = threads.submit(() -> send(oneOut, BYTES, 1));
        assertEquals(sent.get(), there.get());
        Future<Long> back = threads.submit(() -> sum(oneIn));
        assertEquals(send(otherOut, BYTES, 2), back.get());
    }

    private static long send(OutputStream out, int length, long seed) throws IOException {
        Xoshiro256 random = new Xoshiro256(seed);
        CRC32 sum = new CRC32();
        byte[] chunk = new byte[100_000];
        for (int done = 0; done < length;) {
            int part = Math.min(length - done, 1 + random.nextInt(chunk.length));
            for (int i = 0; i < part; i += 97) {
                chunk[i] = (byte) random.nextInt();
            }
            out.write(chunk, 0, part);
            sum.update(chunk, 0, part);
            done += part;
        }
        return sum.getValue();
    }

    private static long sum(InputStream in) throws IOException {
        CRC32 sum = new CRC32();
        byte[] chunk = new byte[100_000];
        int total = 0;
        while (total < BYTES) {
            int count = in.read(chunk);
            assertTrue(count > 0, "the stream ends early");
            sum.update(chunk, 0, count);
            total += count;
        }
        return sum.getValue();
    }

    private static void requireKernel() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(text -> text.startsWith("CapEff:")).findFirst().orElse("CapEff: 0");
        boolean mayMakeInterfaces = (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 1 << 12) != 0;
        if (!mayMakeInterfaces || !Files.isWritable(Path.of("/dev/net/tun"))) {
            String missing = "this process may not make interfaces (CAP_NET_ADMIN, /dev/net/tun)";
            if (Boolean.getBoolean("braid.require.kernel")) {
                fail(missing);
            }
            abort(missing);
        }
    }

    private static void command(boolean must, String words) throws IOException {
        Process process = new ProcessBuilder(words.split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0 && must) {
                throw new IOException(words + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
