package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.braid.wire.Checksum;
import net.braid.wire.IcmpWriter;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/**
 * Forwards packets by longest prefix (RFC 1812, RFC 8200). Does not fragment: a packet that is too big for its next
 * cable is dropped, and its sender is told unless the router is a black hole.
 */
public final class Router implements FrameSink {
    private final Frames frames;
    private final String name;
    private final IpAddress v4;
    private final IpAddress v6;
    private final List<RouterPort> ports = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private boolean blackHole;
    private long cachedHigh;
    private long cachedLow;
    private RouterPort cachedPort;
    private long forwarded;
    private long noRoute;
    private long expired;
    private long tooBig;
    private long malformed;
    private long errorsSent;

    private record Route(long high, long low, int prefixLength, RouterPort port) {
        boolean matches(long otherHigh, long otherLow) {
            return ((high ^ otherHigh) & mask(prefixLength)) == 0
                    && ((low ^ otherLow) & mask(prefixLength - Long.SIZE)) == 0;
        }

        private static long mask(int bits) {
            return bits <= 0 ? 0 : bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
        }
    }

    /**
     * @param v4 source address of its ICMP errors
     * @param v6 source address of its ICMPv6 errors
     */
    public Router(Simulation simulation, String name, IpAddress v4, IpAddress v6) {
        if (!v4.isV4() || v6.isV4()) {
            throw new IllegalArgumentException("router " + name + " needs an IPv4 and an IPv6 address: " + v4 + ", "
                    + v6);
        }
        this.frames = simulation.frames();
        this.name = name;
        this.v4 = v4;
        this.v6 = v6;
    }

    public String name() {
        return name;
    }

    /** A new port. */
    public RouterPort port() {
        RouterPort port = new RouterPort(this, ports.size());
        ports.add(port);
        return port;
    }

    public List<RouterPort> ports() {
        return List.copyOf(ports);
    }

    /** Packets to {@code prefix} leave by {@code port}. The longest prefix wins, then the earliest route. */
    public void route(IpAddress prefix, int prefixLength, RouterPort port) {
        if (port.router() != this) {
            throw new IllegalArgumentException("port " + port + " is not one of router " + name);
        }
        int longest = prefix.isV4() ? 32 : 128;
        if (prefixLength < 0 || prefixLength > longest) {
            throw new IllegalArgumentException("prefix length must be in 0.." + longest + ": " + prefixLength);
        }
        int bits = prefix.isV4() ? 96 + prefixLength : prefixLength;
        routes.add(new Route(prefix.high(), prefix.low(), bits, port));
        routes.sort(Comparator.comparingInt((Route r) -> -r.prefixLength));
        cachedPort = null;
    }

    /** A black hole drops packets that are too big or too old without a word. */
    public void blackHole(boolean silent) {
        blackHole = silent;
    }

    public long forwarded() {
        return forwarded;
    }

    public long noRoute() {
        return noRoute;
    }

    /** Dropped because their time to live had run out. */
    public long expired() {
        return expired;
    }

    /** Dropped because they were larger than the MTU of the next cable. */
    public long tooBig() {
        return tooBig;
    }

    public long malformed() {
        return malformed;
    }

    /** ICMP errors sent. */
    public long errorsSent() {
        return errorsSent;
    }

    @Override
    public void onBatchEnd(long now) {
        // Each frame has been forwarded at once.
    }

    @Override
    public void onFrame(int frame, long now) {
        MemorySegment memory = frames.memory(frame);
        int length = frames.length(frame);
        int version = Packets.version(memory, length);
        if (version == 0 || !isWhole(memory, length, version)) {
            malformed++;
            frames.release(frame);
            return;
        }
        boolean ipv6 = version == Ipv6Header.VERSION;
        int timeToLive = ipv6 ? Ipv6Header.hopLimit(memory, 0) : Ipv4Header.timeToLive(memory, 0);
        if (timeToLive <= 1) {
            expired++;
            complain(frame, ipv6, false, 0);
            return;
        }
        RouterPort port = ipv6
                ? lookUp(Ipv6Header.destinationHigh(memory, 0), Ipv6Header.destinationLow(memory, 0))
                : lookUp(0, IpAddress.mapped(Ipv4Header.destination(memory, 0)));
        if (port == null || port.out() == null) {
            noRoute++;
            frames.release(frame);
            return;
        }
        int mtu = port.out().properties().mtu();
        if (length > mtu) {
            tooBig++;
            complain(frame, ipv6, true, mtu);
            return;
        }
        if (ipv6) {
            Ipv6Header.decrementHopLimit(memory, 0);
        } else {
            Ipv4Header.decrementTimeToLive(memory, 0);
        }
        forwarded++;
        port.out().offer(frame);
    }

    /** The packet has the length that it says, and an IPv4 header is undamaged. */
    private static boolean isWhole(MemorySegment memory, int length, int version) {
        if (version == Ipv6Header.VERSION) {
            return Ipv6Header.payloadLength(memory, 0) + Ipv6Header.LENGTH == length;
        }
        return Ipv4Header.totalLength(memory, 0) == length
                && Checksum.sum(memory, 0, Ipv4Header.headerLength(memory, 0)) == Checksum.VALID;
    }

    private RouterPort lookUp(long high, long low) {
        if (cachedPort != null && cachedHigh == high && cachedLow == low) {
            return cachedPort;
        }
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            if (route.matches(high, low)) {
                cachedHigh = high;
                cachedLow = low;
                cachedPort = route.port();
                return cachedPort;
            }
        }
        return null;
    }

    /** Releases {@code frame} and tells its sender why, quoting it. */
    private void complain(int frame, boolean ipv6, boolean big, int mtu) {
        MemorySegment quoted = frames.memory(frame);
        int quotedLength = frames.length(frame);
        RouterPort back = ipv6 ? lookUp(Ipv6Header.sourceHigh(quoted, 0), Ipv6Header.sourceLow(quoted, 0))
                : lookUp(0, IpAddress.mapped(Ipv4Header.source(quoted, 0)));
        if (!blackHole && back != null && back.out() != null && IcmpWriter.mayAnswer(quoted, 0, quotedLength)) {
            int error = frames.allocate(IcmpWriter.V6_LIMIT);
            IpAddress sender = ipv6 ? v6 : v4;
            int length = big
                    ? IcmpWriter.packetTooBig(frames.memory(error), 0, sender, mtu, quoted, 0, quotedLength)
                    : IcmpWriter.timeExceeded(frames.memory(error), 0, sender, quoted, 0, quotedLength);
            frames.length(error, length);
            errorsSent++;
            frames.release(frame);
            back.out().offer(error);
            return;
        }
        frames.release(frame);
    }

    @Override
    public String toString() {
        return name;
    }
}
