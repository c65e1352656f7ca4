package net.braid.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.braid.runtime.StreamInfo;
import net.braid.wire.IpAddress;

/**
 * Looks at a connection again and again, and says what came to pass in between, on each of its paths. A subflow that
 * came and went between two looks is not seen; the bytes of the connection itself are counted exactly. Any thread may
 * look.
 */
final class PerfMeter {
    private record Place(IpAddress local, int localPort, IpAddress remote, int remotePort) {
    }

    /** What one subflow has carried. */
    private static final class Tally {
        final Place place;
        StreamInfo.Path latest;
        long sentAtCut;
        long receivedAtCut;
        long againAtCut;
        boolean live;

        Tally(Place place) {
            this.place = place;
        }

        PerfSpan.Path sinceCut() {
            PerfSpan.Path path = path(sentAtCut, receivedAtCut, againAtCut);
            sentAtCut = latest.bytesSent();
            receivedAtCut = latest.bytesReceived();
            againAtCut = latest.bytesRetransmitted();
            return path;
        }

        PerfSpan.Path path(long sentBefore, long receivedBefore, long againBefore) {
            return new PerfSpan.Path(place.local.toString(), place.localPort, place.remote.toString(),
                    place.remotePort, live, latest.bytesSent() - sentBefore, latest.bytesReceived() - receivedBefore,
                    latest.bytesRetransmitted() - againBefore, latest.rttNanos(), latest.congestionWindow());
        }
    }

    private final PerfFlow flow;
    private final long began;
    private final Map<Place, Tally> tallies = new LinkedHashMap<>();
    private long cutAt;
    private long sentAtCut;
    private long receivedAtCut;

    PerfMeter(PerfFlow flow, long now) {
        this.flow = flow;
        this.began = now;
        this.cutAt = now;
    }

    /** Looks now. */
    void look() {
        look(flow.paths());
    }

    synchronized void look(List<StreamInfo.Path> paths) {
        for (Tally tally : tallies.values()) {
            tally.live = false;
        }
        for (StreamInfo.Path path : paths) {
            Tally tally = tallies.computeIfAbsent(
                    new Place(path.local(), path.localPort(), path.remote(), path.remotePort()), Tally::new);
            tally.latest = path;
            tally.live = true;
        }
    }

    /** What has been since the last cut. Subflows that were gone before do not appear. */
    synchronized PerfSpan cut(long now) {
        List<PerfSpan.Path> paths = new ArrayList<>();
        for (Tally tally : tallies.values()) {
            PerfSpan.Path path = tally.sinceCut();
            if (path.live() || path.sent() + path.received() + path.sentAgain() > 0) {
                paths.add(path);
            }
        }
        long sent = flow.sent();
        long received = flow.received();
        PerfSpan span = new PerfSpan(flow.number(), cutAt - began, now - began, sent - sentAtCut,
                received - receivedAtCut, List.copyOf(paths));
        cutAt = now;
        sentAtCut = sent;
        receivedAtCut = received;
        return span;
    }

    /** What has been from the beginning. */
    synchronized PerfSpan total(long now) {
        return new PerfSpan(flow.number(), 0, now - began, flow.sent(), flow.received(),
                tallies.values().stream().map(tally -> tally.path(0, 0, 0)).toList());
    }
}
