package net.braid.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.braid.link.Link;
import net.braid.linux.AddressWatcher;
import net.braid.linux.EventWaiter;
import net.braid.wire.IpAddress;

/**
 * Keeps the addresses of an engine in step with the interfaces that they leave by. An address whose interface goes down
 * or loses its addresses is gone: its subflows end, and peers are told (REMOVE_ADDR). When the interface is back the
 * address has come: path managers may use it. One thread of its own; Linux only.
 */
public final class AddressFollower implements AutoCloseable {
    /** What is not an event of an interface, as a change of {@link Source}, is seen this often. */
    private static final long ROUND_NANOS = 500_000_000L;

    /**
     * An address of ours and its way.
     *
     * @param uplink name of the interface that packets from it leave by; empty: not known, it is there always
     * @param outsideV4 family of the interface's own address that stands for it outside
     * @param needsAddress it is there only while the interface has an address of that family
     * @param ready what else must be is there; false: as if the interface were down
     * @param mtu largest packet on the way, in bytes
     */
    public record Path(IpAddress address, String uplink, boolean outsideV4, boolean needsAddress, boolean ready,
            Link link, int mtu) {
    }

    /** Says which paths there should be. Asked on the follower's thread, twice a second and after each change. */
    @FunctionalInterface
    public interface Source {
        /** Null: at present nothing can be said, and nothing changes. */
        List<Path> paths();
    }

    /**
     * A path that the engine has been given.
     *
     * @param outside addresses of the interface at that time; null when it was not there even then
     */
    private record Held(Path path, Set<IpAddress> outside) {
    }

    private final Source source;
    private final AddressWatcher watcher;
    private final EventWaiter waiter;
    private final InterfaceView interfaces = new InterfaceView();
    private final Map<IpAddress, Held> held = new LinkedHashMap<>();
    private Engine engine;
    private Thread thread;
    private volatile boolean closed;

    private AddressFollower(Source source, AddressWatcher watcher, EventWaiter waiter) {
        this.source = source;
        this.watcher = watcher;
        this.waiter = waiter;
    }

    /** @throws IOException when this host does not tell about its interfaces */
    public static AddressFollower open(Source source) throws IOException {
        AddressWatcher watcher = AddressWatcher.open();
        try {
            EventWaiter waiter = new EventWaiter();
            try {
                waiter.add(watcher);
            } catch (IOException problem) {
                waiter.close();
                throw problem;
            }
            AddressFollower follower = new AddressFollower(source, watcher, waiter);
            follower.begin();
            return follower;
        } catch (IOException problem) {
            watcher.close();
            throw problem;
        }
    }

    /** What is there to begin with; where nothing is, everything, for we may be mistaken. */
    private void begin() {
        watcher.poll(interfaces::accept);
        List<Path> paths = source.paths();
        for (Path path : paths == null ? List.<Path>of() : paths) {
            Set<IpAddress> outside = outside(path);
            if (outside != null) {
                held.put(path.address, new Held(path, outside));
            }
        }
        if (held.isEmpty() && paths != null) {
            paths.forEach(path -> held.put(path.address, new Held(path, null)));
        }
    }

    /** The paths that the engine begins with. */
    List<Path> paths() {
        return held.values().stream().map(Held::path).toList();
    }

    /** Follows from now on. The engine has {@link #paths} already. */
    void start(Engine target) {
        engine = target;
        thread = Thread.ofPlatform().daemon().name("addresses").start(this::follow);
    }

    /** Addresses of a path's interface; empty where they do not matter; null when the path is not there. */
    private Set<IpAddress> outside(Path path) {
        if (!path.ready) {
            return null;
        }
        if (path.uplink.isEmpty()) {
            return Set.of();
        }
        Set<IpAddress> there = interfaces.addresses(path.uplink, path.outsideV4);
        return there == null || path.needsAddress && there.isEmpty() ? null : there;
    }

    private void follow() {
        try {
            while (!closed) {
                reconcile();
                waiter.await(ROUND_NANOS);
                watcher.poll(interfaces::accept);
            }
        } catch (IOException ended) {
            // With the engine, nobody is left to be told.
        }
    }

    private void reconcile() throws IOException {
        List<Path> paths = source.paths();
        if (paths == null) {
            return;
        }
        for (Held one : new ArrayList<>(held.values())) {
            if (paths.stream().noneMatch(path -> path.address.equals(one.path.address))) {
                remove(one.path.address);
            }
        }
        for (Path path : paths) {
            Set<IpAddress> outside = outside(path);
            Held before = held.get(path.address);
            boolean lost = before != null && before.outside != null && (outside == null
                    || !before.outside.isEmpty() && Collections.disjoint(before.outside, outside));
            if (lost) {
                remove(path.address);
            }
            boolean there = before != null && !lost;
            if (outside != null && (there || add(path))) {
                held.put(path.address, new Held(path, outside));
            }
        }
    }

    /** False: the engine does not take it, as one whose way is too narrow for IPv6. Others are followed still. */
    private boolean add(Path path) throws IOException {
        try {
            engine.addAddress(path.address, path.address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, path.link,
                    path.mtu);
            return true;
        } catch (IOException problem) {
            if (problem.getCause() instanceof IllegalArgumentException) {
                return false;
            }
            throw problem;
        }
    }

    private void remove(IpAddress address) throws IOException {
        held.remove(address);
        engine.removeAddress(address);
    }

    @Override
    public void close() {
        closed = true;
        waiter.wake();
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                // Its memory must not go before it.
                interrupted = true;
            }
        }
        waiter.close();
        watcher.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
