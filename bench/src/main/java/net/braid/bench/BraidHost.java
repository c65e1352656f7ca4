package net.braid.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.braid.link.Link;
import net.braid.linux.Encapsulation;
import net.braid.linux.TunLink;
import net.braid.linux.UdpLink;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Engine;
import net.braid.runtime.Stream;
import net.braid.wire.IpAddress;

/** Braid through its public interface, as the command opens it: all settings are the usual ones. */
final class BraidHost implements Host {
    private static final int BACKLOG = 256;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Engine engine;
    private final ConnectionConfig[] configs = {config(1), config(2)};
    private final IpAddress address;
    private final int port;
    private final Acceptance acceptance;

    /**
     * @param server whether to listen at the address, not to connect to it
     * @param links {@code tun:NAME}, {@code udp:ADDRESS:PORT} or {@code udp-listen:ADDRESS:PORT}; commas between them
     * @param locals addresses of ours, one for each path; commas between them
     */
    BraidHost(boolean server, String links, String locals, IpAddress address, int port) throws IOException {
        this.address = address;
        this.port = port;
        List<IpAddress> own = new ArrayList<>();
        for (String local : locals.split(",")) {
            own.add(IpAddress.parse(local));
        }
        engine = open(links.split(","), own);
        acceptance = server ? engine.listen(List.of(IpAddress.ANY_V4), port, BACKLOG, configs[1]) : null;
    }

    private static ConnectionConfig config(int subflows) {
        return ConnectionConfig.builder().noDelay(true).multipath(MultipathConfig.builder().enabled(true)
                .scheduler("default").pathManager("fullmesh").subflows(subflows - 1).build()).build();
    }

    private static Engine open(String[] names, List<IpAddress> own) throws IOException {
        Engine.Builder builder = Engine.builder();
        List<Link> links = new ArrayList<>();
        for (String name : names) {
            Link link = link(name.split(":"), links.size());
            links.add(link);
            builder.link(link);
        }
        for (int i = 0; i < own.size(); i++) {
            Link link = links.get(Math.min(i, links.size() - 1));
            builder.route(own.get(i), IpAddress.ANY_V4, 0, link, link.properties().mtu());
        }
        return builder.open();
    }

    private static Link link(String[] words, int index) throws IOException {
        return switch (words[0]) {
            case "tun" -> TunLink.open(words[1], index);
            case "udp" -> UdpLink.open("udp" + index, index,
                    Encapsulation.to(IpAddress.parse(words[1]), Integer.parseInt(words[2])));
            case "udp-listen" -> UdpLink.open("udp" + index, index,
                    Encapsulation.listening(IpAddress.parse(words[1]), Integer.parseInt(words[2])));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    @Override
    public Line connect(int subflows) throws IOException {
        return new StreamLine(engine.connect(null, 0, address, port, configs[subflows - 1], PATIENCE_NANOS));
    }

    @Override
    public Line accept() throws IOException {
        return new StreamLine(acceptance.accept());
    }

    @Override
    public void close() {
        engine.close();
    }

    private record StreamLine(Stream stream) implements Line {
        @Override
        public int read(MemorySegment target, long offset, int length) throws IOException {
            return stream.read(target, offset, length);
        }

        @Override
        public void write(MemorySegment source, long offset, int length) throws IOException {
            stream.write(source, offset, length);
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
