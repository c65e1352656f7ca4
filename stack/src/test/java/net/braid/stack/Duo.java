package net.braid.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.braid.base.Xoshiro256;
import net.braid.link.LinkProperties;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/** Two stacks joined by a link without delay; the clock moves by 1 ms per turn, or jumps to the next deadline. */
final class Duo {
    static final IpAddress CLIENT = IpAddress.parse("10.0.0.1");
    static final IpAddress SERVER = IpAddress.parse("10.0.0.2");
    static final IpAddress CLIENT_V6 = IpAddress.parse("fd00::1");
    static final IpAddress SERVER_V6 = IpAddress.parse("fd00::2");
    static final int PORT = 80;
    static final long MS = 1_000_000L;

    final Stack client;
    final Stack server;
    final FakeLink clientLink;
    final FakeLink serverLink;
    final List<Application> accepted = new ArrayList<>();
    long now = 1_000 * MS;

    Duo() {
        this(StackConfig.DEFAULT, LinkProperties.plain("fake", 0, 1500));
    }

    Duo(StackConfig config, LinkProperties link) {
        client = new Stack(config, new Xoshiro256(1));
        server = new Stack(config, new Xoshiro256(2));
        clientLink = new FakeLink(link);
        serverLink = new FakeLink(link);
        clientLink.peer = serverLink;
        serverLink.peer = clientLink;
        client.addLink(clientLink);
        server.addLink(serverLink);
        client.routes().add(CLIENT, IpAddress.ANY_V4, 0, clientLink);
        client.routes().add(CLIENT_V6, IpAddress.ANY_V6, 0, clientLink);
        server.routes().add(SERVER, IpAddress.ANY_V4, 0, serverLink);
        server.routes().add(SERVER_V6, IpAddress.ANY_V6, 0, serverLink);
    }

    Listener listen(ConnectionConfig config) {
        return server.listen(IpAddress.ANY_V4, PORT, 16, config, (connection, at) -> accept(connection));
    }

    Application accept(Connection connection) {
        Application application = new Application();
        application.connection = connection;
        accepted.add(application);
        return application;
    }

    Application connect(ConnectionConfig config) {
        Application application = new Application();
        application.connection = client.connect(null, 0, SERVER, PORT, config, application, now);
        return application;
    }

    /** Connects and runs until both ends are established. */
    Application established(ConnectionConfig config) {
        listen(config);
        Application application = connect(config);
        run(5);
        return application;
    }

    /** Lets both stacks work until nothing moves at this instant, then one millisecond passes; so many times. */
    void run(int millis) {
        for (int i = 0; i < millis; i++) {
            settle();
            now += MS;
        }
    }

    void settle() {
        int turns = 0;
        do {
            turn(client, clientLink);
            turn(server, serverLink);
            assert ++turns < 100_000 : "never comes to rest";
        } while (clientLink.hasIncoming() || serverLink.hasIncoming());
    }

    void turn(Stack stack, FakeLink link) {
        stack.receive(64, now);
        if (stack.deadline() <= now) {
            stack.onDeadline(now);
        }
        int turns = 0;
        while (stack.transmit(256, now)) {
            assert ++turns < 100_000 : "transmit never ends";
        }
    }

    /** Jumps from deadline to deadline until {@code until}. */
    void sleep(long nanos) {
        long until = now + nanos;
        settle();
        while (now < until) {
            now = Math.min(until, Math.max(now + 1, Math.min(client.deadline(), server.deadline())));
            settle();
        }
    }

    /** Notes what it hears; reads on demand, or at once. */
    final class Application implements ConnectionListener {
        Connection connection;
        boolean established;
        boolean endOfStream;
        boolean reads = true;
        /** Whether bytes must be those of the stream; not so when packets are forged. */
        boolean checks = true;
        CloseReason reason;
        int readable;
        int writable;
        /** What {@link #onTrouble} was told. */
        final List<Integer> troubles = new ArrayList<>();
        long received;
        private final MemorySegment buffer = Arena.ofAuto().allocate(4096);

        @Override
        public void onEstablished(Connection c, long at) {
            connection = c;
            established = true;
        }

        @Override
        public void onReadable(Connection c, long at) {
            readable++;
            if (reads) {
                readAll();
            }
        }

        @Override
        public void onWritable(Connection c, long at) {
            writable++;
        }

        @Override
        public void onTrouble(Connection c, int retransmissions, long at) {
            troubles.add(retransmissions);
        }

        @Override
        public void onClosed(Connection c, CloseReason why, long at) {
            assert reason == null : "closed twice";
            reason = why;
        }

        void readAll() {
            while (true) {
                int bytes = connection.read(buffer, 0, (int) buffer.byteSize(), now);
                if (bytes <= 0) {
                    endOfStream |= bytes < 0;
                    return;
                }
                for (int i = 0; checks && i < bytes; i++) {
                    byte expected = (byte) ((received + i) * 31);
                    assert buffer.get(ValueLayout.JAVA_BYTE, i) == expected : "byte " + (received + i);
                }
                received += bytes;
            }
        }

        /** Writes stream bytes [from, from + length); the byte at p is 31 p. */
        int write(long from, int length) {
            MemorySegment data = Arena.ofAuto().allocate(length);
            for (int i = 0; i < length; i++) {
                data.set(ValueLayout.JAVA_BYTE, i, (byte) ((from + i) * 31));
            }
            return connection.write(data, 0, length, now);
        }
    }
}
