package net.braid.cli;

import java.io.IOException;
import java.util.List;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.wire.IpAddress;

/** A client and a server with two paths between them, in memory: what commands do, without a device. */
final class TwoEngines implements AutoCloseable {
    static final IpAddress CLIENT_ONE = IpAddress.parse("10.1.0.1");
    static final IpAddress CLIENT_TWO = IpAddress.parse("10.2.0.1");
    static final IpAddress SERVER = IpAddress.parse("10.9.0.1");
    static final int PORT = 5201;
    static final long PATIENCE = 10_000_000_000L;

    final ConnectionConfig config = ConnectionConfig.builder()
            .multipath(MultipathConfig.builder().pathManager("fullmesh").subflows(7).build()).build();
    final Engine client;
    final Engine server;

    TwoEngines() throws IOException {
        MemoryLink[] one = MemoryLink.pair(0);
        MemoryLink[] two = MemoryLink.pair(1);
        client = Engine.builder().name("client").link(one[0]).link(two[0])
                .route(CLIENT_ONE, IpAddress.ANY_V4, 0, one[0], 1500)
                .route(CLIENT_TWO, IpAddress.ANY_V4, 0, two[0], 1500).open();
        server = Engine.builder().name("server").link(one[1]).link(two[1])
                .route(SERVER, CLIENT_ONE, 32, one[1], 1500)
                .route(SERVER, CLIENT_TWO, 32, two[1], 1500).open();
    }

    Acceptance listen() throws IOException {
        return server.listen(List.of(SERVER), PORT, 16, config);
    }

    Stream connect() throws IOException {
        return client.connect(CLIENT_ONE, 0, SERVER, PORT, config, PATIENCE);
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
