package net.braid.conformance;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.braid.mptcp.Connection;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.ConnectionListener;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathManager.Event;
import net.braid.sim.Cable;
import net.braid.sim.Host;
import net.braid.sim.Middlebox;
import net.braid.sim.PipeProperties;
import net.braid.sim.SegmentRules;
import net.braid.sim.Simulation;
import net.braid.sim.Tap;
import net.braid.sim.Topology;
import net.braid.tcp.CloseReason;
import net.braid.tcp.SubflowConfig;
import net.braid.testkit.ScriptedPathManager;
import net.braid.testkit.ScriptedPathManager.Script;
import net.braid.wire.IpAddress;

/**
 * The situation of one trace of the Linux kernel in the simulator: two cables of 3 and 4 ms (so that the
 * scheduler prefers the first), our stack at both ends, two
 * applications that take turns, and what happens on the way.
 */
final class PcapScenario {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1000 * MILLIS;
    static final int PORT = 8765;
    private static final PipeProperties[] PATHS = {
        PipeProperties.of(100_000_000, 3 * MILLIS), PipeProperties.of(100_000_000, 4 * MILLIS)
    };

    /** An application says so many bytes. */
    private record Turn(boolean client, int bytes, long pauseNanos) {
    }

    private final List<Turn> turns = new ArrayList<>();
    private final List<Consumer<PcapScenario>> onTheWay = new ArrayList<>();
    private boolean ipv6;
    private MultipathConfig clientConfig = MultipathConfig.builder().pathManager("scripted").build();
    private MultipathConfig serverConfig = clientConfig;
    private boolean timestamps = true;
    private Script clientScript = Script.NOTHING;
    private Script serverScript = Script.NOTHING;
    private boolean abort;

    final SegmentRules[] fromClient = {new SegmentRules(), new SegmentRules()};
    final SegmentRules[] fromServer = {new SegmentRules(), new SegmentRules()};
    Cable[] cables;
    private CloseReason clientEnd;
    private CloseReason serverEnd;

    /** The client says so much, when the server's last word has arrived, and after a pause. */
    PcapScenario client(int bytes, long pauseNanos) {
        turns.add(new Turn(true, bytes, pauseNanos));
        return this;
    }

    PcapScenario client(int bytes) {
        return client(bytes, 0);
    }

    PcapScenario server(int bytes) {
        turns.add(new Turn(false, bytes, 0));
        return this;
    }

    PcapScenario ipv6() {
        ipv6 = true;
        return this;
    }

    PcapScenario withoutTimestamps() {
        timestamps = false;
        return this;
    }

    PcapScenario version0() {
        return configure(c -> c.version(0), c -> c.version(0));
    }

    PcapScenario configure(Consumer<MultipathConfig.Builder> client, Consumer<MultipathConfig.Builder> server) {
        MultipathConfig.Builder c = clientConfig.toBuilder();
        client.accept(c);
        clientConfig = c.build();
        MultipathConfig.Builder s = serverConfig.toBuilder();
        server.accept(s);
        serverConfig = s.build();
        return this;
    }

    PcapScenario checksum() {
        return configure(c -> c.checksum(true), s -> s.checksum(true));
    }

    /** The client joins from its second address to where the server was first. */
    PcapScenario join(boolean backup) {
        return clientDoes((manager, event, commands, now) -> {
            if (event instanceof Event.FullyEstablished) {
                commands.openSubflow(clientAddress(1), 0, serverAddress(0), PORT, backup);
            }
        });
    }

    PcapScenario clientDoes(Script script) {
        clientScript = script;
        return this;
    }

    PcapScenario serverDoes(Script script) {
        serverScript = script;
        return this;
    }

    /** The client joins every address that is announced, from its second one. */
    PcapScenario joinAnnounced() {
        return clientDoes((manager, event, commands, now) -> {
            if (event instanceof Event.AddressAnnounced a) {
                commands.openSubflow(clientAddress(1), 0, a.address(), a.port(), false);
            }
        });
    }

    PcapScenario announce(int port) {
        return serverDoes((manager, event, commands, now) -> {
            if (event instanceof Event.FullyEstablished) {
                commands.announce(serverAddress(1), port);
            }
        });
    }

    PcapScenario onTheWay(Consumer<PcapScenario> what) {
        onTheWay.add(what);
        return this;
    }

    PcapScenario box(String text) {
        return onTheWay(s -> s.cables[0].add(Middlebox.parse(text)));
    }

    /** The client ends with a reset instead of a close. */
    PcapScenario abort() {
        abort = true;
        return this;
    }

    IpAddress clientAddress(int path) {
        return IpAddress.parse(ipv6 ? "fd71:" + (path + 1) + "::1" : "10.71." + (path + 1) + ".1");
    }

    IpAddress serverAddress(int path) {
        return IpAddress.parse(ipv6 ? "fd71:" + (path + 1) + "::2" : "10.71." + (path + 1) + ".2");
    }

    CloseReason clientEnd() {
        return clientEnd;
    }

    CloseReason serverEnd() {
        return serverEnd;
    }

    /** What both sides have sent. */
    OptionTrace run() {
        OptionTrace trace = new OptionTrace(clientConfig.version());
        run((pipe, point, memory, length, now) -> {
            if (point == Tap.Point.OFFERED) {
                trace.add(memory, 0, length);
            }
        });
        return trace;
    }

    void run(Tap tap) {
        ScriptedPathManager.use(clientScript, serverScript);
        try (Simulation simulation = new Simulation(1)) {
            Topology topology = new Topology(simulation);
            Host client = topology.host("client");
            Host server = topology.host("server");
            cables = new Cable[2];
            for (int i = 0; i < 2; i++) {
                cables[i] = topology.cable("path" + i, Topology.AtHost.of(client, clientAddress(i).toString()),
                        Topology.AtHost.of(server, serverAddress(i).toString()), PATHS[i]);
                cables[i].forward().filter(fromClient[i]);
                cables[i].backward().filter(fromServer[i]);
                cables[i].tap(tap);
            }
            onTheWay.forEach(what -> what.accept(this));
            Talk talk = new Talk(simulation, client, server);
            server.stack().listen(ipv6 ? IpAddress.ANY_V6 : IpAddress.ANY_V4, PORT, 8, config(serverConfig),
                    (connection, now) -> talk.server(connection));
            talk.client(client.stack().connect(clientAddress(0), 0, serverAddress(0), PORT, config(clientConfig),
                    talk.clientListener(), 0));
            client.wake();
            simulation.runUntil(200 * SECONDS);
            clientEnd = talk.ends[0];
            serverEnd = talk.ends[1];
        }
    }

    private ConnectionConfig config(MultipathConfig multipath) {
        return ConnectionConfig.builder().multipath(multipath).noDelay(true)
                .flow(SubflowConfig.DEFAULT.toBuilder().timestamps(timestamps).build()).build();
    }

    /** Both applications. */
    private final class Talk {
        final Simulation simulation;
        final Host[] hosts;
        final Connection[] connections = new Connection[2];
        final CloseReason[] ends = new CloseReason[2];
        final MemorySegment memory;
        private int turn;
        private int heard;
        private boolean speaking;
        private boolean closed;

        Talk(Simulation simulation, Host client, Host server) {
            this.simulation = simulation;
            hosts = new Host[] {client, server};
            memory = simulation.arena().allocate(1 << 16);
            memory.fill((byte) 'b');
        }

        void client(Connection connection) {
            connections[0] = connection;
        }

        ConnectionListener clientListener() {
            return listener(0);
        }

        ConnectionListener server(Connection connection) {
            connections[1] = connection;
            if (connections[0] != null && connections[0].isEstablished()) {
                next(simulation.now());
            }
            return listener(1);
        }

        private ConnectionListener listener(int side) {
            return new ConnectionListener() {
                @Override
                public void onEstablished(Connection connection, long now) {
                    connections[side] = connection;
                    if (side == 0 && turns.getFirst().client) {
                        next(now);
                    }
                }

                @Override
                public void onReadable(Connection connection, long now) {
                    connections[side] = connection;
                    read(side, now);
                }

                @Override
                public void onClosed(Connection connection, CloseReason reason, long now) {
                    ends[side] = reason;
                }
            };
        }

        private void read(int side, long now) {
            int bytes;
            while ((bytes = connections[side].read(memory, 0, 1 << 15, now)) > 0) {
                heard += bytes;
            }
            if (turn > 0 && turns.get(turn - 1).client == (side == 1) && heard >= turns.get(turn - 1).bytes) {
                heard = 0;
                next(now);
            }
            if (bytes < 0 && side == 1) {
                connections[1].close(now);
            } else if (bytes < 0) {
                connections[0].close(now);
            }
        }

        /** The next turn is spoken, when it is somebody's and its pause is over. */
        private void next(long now) {
            if (speaking) {
                return;
            }
            if (turn == turns.size()) {
                end(now);
                return;
            }
            Turn due = turns.get(turn);
            int side = due.client ? 0 : 1;
            if (connections[side] == null || turn > 0 && turns.get(turn - 1).client == due.client) {
                return;
            }
            turn++;
            speaking = true;
            simulation.at(now + due.pauseNanos, () -> {
                speaking = false;
                long at = simulation.now();
                connections[side].write(memory, 0, due.bytes, at);
                if (turn == turns.size() && side == 0) {
                    end(at);
                }
                hosts[side].wake();
            });
        }

        private void end(long now) {
            if (closed) {
                return;
            }
            closed = true;
            simulation.at(now, () -> {
                if (abort) {
                    connections[0].abort(simulation.now());
                } else {
                    connections[0].shutdownOutput(simulation.now());
                }
                hosts[0].wake();
            });
        }
    }
}
