package net.braid.runtime;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import net.braid.mptcp.Connection;
import net.braid.mptcp.PathWatcher;
import net.braid.mptcp.PeerAddress;
import net.braid.mptcp.SubflowInfo;
import net.braid.tcp.CloseReason;

/** Tells those who monitor what happens, under the names of {@code ip mptcp monitor}. */
final class ControlEvents implements PathWatcher {
    /** Events that wait for one who is slow; what comes then is lost, and said to be. */
    private static final int MOST_WAITING = 1024;
    private static final String END = "";

    /** One who monitors. */
    private static final class Listener {
        private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING + 1);
        private boolean lost;

        /** On the shard's thread only, but for the end. */
        void offer(String event) {
            boolean room = waiting.size() < MOST_WAITING;
            if (room && lost) {
                lost = !waiting.offer("{\"event\":\"LOST\"}");
            }
            lost |= !room || !waiting.offer(event);
        }
    }

    private final Engine engine;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    ControlEvents(Engine engine) {
        this.engine = engine;
    }

    /** Tells one who asked, until nobody listens any more. */
    void tell(ControlSocket.Replies replies) throws IOException {
        Listener listener = new Listener();
        listeners.add(listener);
        try {
            watch(true);
            Thread.ofVirtual().name("control-end").start(() -> {
                replies.awaitEnd();
                listener.waiting.clear();
                listener.waiting.offer(END);
            });
            replies.send("{\"event\":\"READY\"}");
            for (String event = listener.waiting.take(); !event.equals(END); event = listener.waiting.take()) {
                replies.send(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            listeners.remove(listener);
            watch(false);
        }
    }

    /** While nobody monitors, nothing is made for it. */
    private void watch(boolean begins) throws IOException {
        engine.ask((stack, now) -> {
            stack.pathSettings().watcher(begins || !listeners.isEmpty() ? this : null);
            return null;
        });
    }

    /** The engine ends. */
    void end() {
        for (Listener listener : listeners) {
            listener.waiting.clear();
            listener.waiting.offer(END);
        }
    }

    private void tell(String event) {
        for (Listener listener : listeners) {
            listener.offer(event);
        }
    }

    @Override
    public void onCreated(Connection connection, SubflowInfo first) {
        tell(ControlJson.event("CREATED", connection, first, null));
        tell(ControlJson.event("ESTABLISHED", connection, first, null));
    }

    @Override
    public void onSubflowEstablished(Connection connection, SubflowInfo subflow) {
        tell(ControlJson.event("SF_ESTABLISHED", connection, subflow, null));
    }

    @Override
    public void onSubflowClosed(Connection connection, SubflowInfo subflow, CloseReason reason) {
        tell(ControlJson.event("SF_CLOSED", connection, subflow, reason));
    }

    @Override
    public void onPriority(Connection connection, SubflowInfo subflow) {
        tell(ControlJson.event("SF_PRIO", connection, subflow, null));
    }

    @Override
    public void onAnnounced(Connection connection, PeerAddress address) {
        tell(ControlJson.announced(connection, address));
    }

    @Override
    public void onRemoved(Connection connection, int addressId) {
        tell(ControlJson.removed(connection, addressId));
    }

    @Override
    public void onClosed(Connection connection) {
        if (connection.token() != 0) {
            tell(ControlJson.closed(connection));
        }
    }
}
