package net.braid.tcp;

import net.braid.tcp.Timers.Timer;

/**
 * Path MTU of one flow: what ICMP says (RFC 1191, RFC 8201), and what probing finds where ICMP says nothing (RFC 4821).
 *
 * <p>Probing starts after a black hole is suspected, or at once, as {@link SubflowConfig#mtuProbing} says. A probe is
 * one segment of new data of the size to be tried; its loss says nothing about congestion.
 */
final class PathMtu {
    /** RFC 4821 section 7.2: where the search starts after a black hole (Linux: tcp_base_mss 1024). */
    private static final int BASE_PAYLOAD = 1024;
    private static final int BASE_MTU_V6 = 1280;
    /** The search ends when it knows the answer to so many bytes (Linux: tcp_probe_threshold). */
    private static final int THRESHOLD = 8;
    /** After so many timeouts of a full-sized head, large packets are suspected to vanish. */
    private static final int BLACK_HOLE_TIMEOUTS = 2;
    /** After so many, small packets have been tried for long enough too. */
    private static final int DARK_TIMEOUTS = 7;
    private static final int MAXIMUM_PROBE_LOSSES = 3;
    /** RFC 4821 section 7.7, RFC 1191 section 6.3: ten minutes until a larger MTU is tried again. */
    private static final long RAISE_NANOS = 600_000_000_000L;
    private static final int MINIMUM_WINDOW_SEGMENTS = 11;
    private static final int[] PLATEAUS = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};

    private final Subflow flow;
    private final SubflowConfig config;
    private final Timers timers;
    private final Counters counters;
    private final PathProperties path;
    private int mtu;
    private boolean searching;
    /** Routers may cut our packets: the path is narrower than any that we send (IPv4 only). */
    private boolean fragmentable;
    /** What the MTU was when large packets came under suspicion, until an answer shows that small ones pass; or 0. */
    private int suspectedMtu;
    private int searchHigh;
    /** The next probe is as large as what seemed to vanish: an outage looks like a black hole until one passes. */
    private boolean verifying;
    /** Packet size of the probe under way, or 0, and the offset behind it. */
    private int probeSize;
    private long probeEnd;
    private int probeLosses;
    /** What leaves next is a probe: cut by a router it would tell nothing. */
    private boolean offeringProbe;

    PathMtu(Subflow flow, SubflowConfig config, PathProperties path, Timers timers, Counters counters) {
        this.flow = flow;
        this.config = config;
        this.path = path;
        this.timers = timers;
        this.counters = counters;
        mtu = path.mtu();
        searchHigh = mtu;
    }

    /** Largest packet believed to pass, in bytes. */
    int mtu() {
        return mtu;
    }

    /**
     * The path takes less than the smallest packets that we make. As in Linux ({@code ip_rt_min_pmtu}), they are not
     * made smaller, which would serve attackers more often than anybody else, but routers may cut them.
     */
    boolean isFragmentable() {
        return fragmentable && !offeringProbe;
    }

    boolean isReduced() {
        return mtu < path.mtu();
    }

    void restore(int remembered) {
        if (remembered >= path.minimumMtu() && remembered < mtu) {
            mtu = remembered;
        }
    }

    /** The connection is established: with probing always on, the search starts from the base. */
    void start(int overhead, long now) {
        if (config.mtuProbing() == 2) {
            mtu = Math.min(mtu, Math.max(base(overhead), path.minimumMtu()));
            beginSearch();
        } else if (isReduced()) {
            timers.set(Timer.MTU_RAISE, now + RAISE_NANOS);
        }
    }

    /** ICMP that quotes an outstanding segment of ours. True: the MTU went down. */
    boolean onPacketTooBig(int reported, long now) {
        //= rfc8201#4
        //# If a node receives a Packet Too Big message reporting a next-hop MTU
        //# that is less than the IPv6 minimum link MTU, it must discard it.
        if (path.ipv6() && reported < path.minimumMtu()) {
            return false;
        }
        int value = reported;
        if (value == 0 && !path.ipv6()) {
            // A router from before RFC 1191: the next lower plateau (RFC 1191 section 7.1).
            value = nextPlateau();
        }
        if (value < path.minimumMtu()) {
            // Nobody needs less, and an attacker would like us to believe it (RFC 8201 section 4, RFC 5927 section
            // 7.2).
            value = path.minimumMtu();
            allowFragments(now);
        }
        if (value >= mtu) {
            if (probeSize > value) {
                searchHigh = Math.min(searchHigh, value);
            }
            return false;
        }
        mtu = value;
        searchHigh = Math.min(searchHigh, value);
        timers.set(Timer.MTU_RAISE, now + RAISE_NANOS);
        return true;
    }

    private void allowFragments(long now) {
        //= rfc1191#3
        //# The host may either reduce the size of the datagrams it is
        //# sending along the path, or cease setting the Don't Fragment bit in
        //# the headers of those datagrams.
        fragmentable = true;
        searching = false;
        timers.set(Timer.MTU_RAISE, now + RAISE_NANOS);
    }

    private int nextPlateau() {
        for (int plateau : PLATEAUS) {
            if (plateau < mtu) {
                return plateau;
            }
        }
        return path.minimumMtu();
    }

    /** An RTO fired. True: large packets seem to vanish, and the MTU went down (RFC 4821 section 7.7). */
    boolean onTimeout(int consecutive, boolean headIsFullSize, int overhead, long now) {
        if (consecutive >= DARK_TIMEOUTS) {
            clearSuspicion();
            return false;
        }
        if (config.mtuProbing() == 0 || consecutive < BLACK_HOLE_TIMEOUTS || !headIsFullSize) {
            return false;
        }
        int lower = Math.max(base(overhead), path.minimumMtu());
        if (consecutive > 2 * BLACK_HOLE_TIMEOUTS) {
            lower = path.minimumMtu();
        }
        // What vanished was no larger than the peer's MSS allows, however large the link's MTU is.
        int largestSent = Math.min(mtu, flow.sizes().packetLimit());
        if (lower >= largestSent) {
            if (!path.ipv6() && consecutive > 2 * BLACK_HOLE_TIMEOUTS) {
                allowFragments(now);
                verifying = suspectedMtu > 0;
                continueSearch();
            }
            return false;
        }
        counters.increment(Counter.TCP_PMTU_BLACKHOLE);
        suspectedMtu = Math.max(suspectedMtu, mtu);
        searchHigh = Math.min(suspectedMtu, flow.sizes().packetLimit());
        verifying = true;
        mtu = lower;
        probeSize = 0;
        beginSearch();
        timers.set(Timer.MTU_RAISE, now + RAISE_NANOS);
        return true;
    }

    /** Small packets are not answered either: the path is dark, not narrow. */
    private void clearSuspicion() {
        fragmentable = false;
        if (suspectedMtu > 0) {
            mtu = suspectedMtu;
            suspectedMtu = 0;
            searching = false;
            verifying = false;
            searchHigh = mtu;
            flow.sizes().update();
        }
    }

    private int base(int overhead) {
        return path.ipv6() ? BASE_MTU_V6 : BASE_PAYLOAD + overhead;
    }

    private void beginSearch() {
        continueSearch();
        probeLosses = 0;
    }

    private void continueSearch() {
        // Where routers cut, no search; but one probe shows whether it was all an outage.
        searching = (!fragmentable || verifying) && high() - mtu > THRESHOLD;
    }

    /** Largest packet worth a try: what the path may carry, and what the peer and the configuration allow. */
    private int high() {
        return Math.min(searchHigh, flow.sizes().packetLimit());
    }

    private int nextProbe() {
        return verifying ? high() : mtu + (high() - mtu + 1) / 2;
    }

    /** Time to try again whether the path has become wider. */
    void onRaiseTimer(long now) {
        searchHigh = path.mtu();
        fragmentable = false;
        if (mtu < high()) {
            timers.set(Timer.MTU_RAISE, now + RAISE_NANOS);
        }
        if (config.mtuProbing() == 0) {
            // Without probing, the only way to learn is to send a large packet and wait for ICMP (RFC 1191 section
            // 6.3).
            mtu = path.mtu();
            flow.sizes().update();
        } else {
            beginSearch();
        }
    }

    /**
     * Payload of the probe to send now, or 0. A probe needs enough data behind it to be recovered quickly when it is
     * lost: a window of eleven segments (RFC 4821 section 7.4).
     */
    int probePayload(int available, long windowRoom, Sender sender) {
        int payload = probeFor(available, windowRoom, sender);
        offeringProbe = payload > 0;
        return payload;
    }

    private int probeFor(int available, long windowRoom, Sender sender) {
        if (!searching || probeSize != 0) {
            return 0;
        }
        int payload = nextProbe() - flow.sizes().overhead();
        boolean safe = sender.recovery().state() == Recovery.State.OPEN
                && sender.congestionWindow() >= (long) MINIMUM_WINDOW_SEGMENTS * flow.maximumSegmentSize();
        if (!safe || payload > flow.sizes().payloadLimit() || available < payload || windowRoom < payload
                || sender.congestionWindow() - sender.pipe() < payload) {
            return 0;
        }
        return payload;
    }

    /** The segment that {@link #probePayload} asked for has left; it ends at {@code end}. */
    void onProbeSent(int payload, long end) {
        probeSize = payload + flow.sizes().overhead();
        probeEnd = end;
        offeringProbe = false;
    }

    /** Bytes that {@link #probePayload} would like to be offered, so that the owner gives enough. */
    int wantedPayload() {
        return searching && probeSize == 0 ? nextProbe() - flow.sizes().overhead() : 0;
    }

    void onProbeDelivered(int payload, long now) {
        if (probeSize == 0 || payload < probeSize - flow.sizes().overhead()) {
            return;
        }
        counters.increment(Counter.TCP_MTU_PROBE);
        mtu = probeSize;
        probeSize = 0;
        verifying = false;
        fragmentable = false;
        flow.sizes().update();
        beginSearch();
    }

    /** The probe's bytes are acknowledged: if not by itself, it was lost and repaired in pieces. */
    void onAcknowledged(long sndUna, long now) {
        suspectedMtu = 0;
        if (probeSize != 0 && sndUna >= probeEnd) {
            counters.increment(Counter.TCP_MTU_PROBE_FAIL);
            if (verifying || ++probeLosses >= MAXIMUM_PROBE_LOSSES || high() - probeSize > THRESHOLD) {
                searchHigh = probeSize - 1;
                probeLosses = 0;
                verifying = false;
            }
            probeSize = 0;
            continueSearch();
        }
    }
}
