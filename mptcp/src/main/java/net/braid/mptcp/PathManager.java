package net.braid.mptcp;

import java.util.List;
import net.braid.tcp.CloseReason;
import net.braid.wire.IpAddress;

/**
 * Decides which subflows a connection has, and which addresses it announces. Control plane: sealed events in, commands
 * out, a few a second. It may be unwise, never unsafe: the engine limits what it asks for.
 */
public interface PathManager {

    /** What happened. Ports are 0..65,535, address ids 0..255. */
    sealed interface Event {
        /** The first subflow stands; other subflows must wait for {@link FullyEstablished}. */
        record Established(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean client)
                implements Event {
        }

        /**
         * The peer has shown that it speaks Multipath TCP on this path: subflows may be opened (RFC 8684 section
         * 3.1).
         */
        record FullyEstablished() implements Event {
        }

        /**
         * The peer announced an address. {@code port} is that of the option or, without one, that of the first
         * subflow.
         */
        record AddressAnnounced(int addressId, IpAddress address, int port) implements Event {
        }

        record AddressRemoved(int addressId) implements Event {
        }

        record SubflowEstablished(int subflow, IpAddress local, int localPort, IpAddress remote, int remotePort)
                implements Event {
        }

        /**
         * A subflow is gone, or could not be established: then no {@link SubflowEstablished} came before. Its number
         * may name another one from now on.
         *
         * @param temporary the peer invites another try (MP_TCPRST with T, RFC 8684 section 3.6)
         */
        record SubflowClosed(int subflow, IpAddress local, int localPort, IpAddress remote, int remotePort,
                CloseReason reason, boolean temporary) implements Event {
        }

        /**
         * What {@link Commands#openSubflow} asked for did not even begin: no room for one more subflow, no route, no
         * port, or one like it is being opened already. Room comes with the next {@link SubflowClosed}.
         */
        record SubflowNotOpened(IpAddress local, IpAddress remote, int remotePort) implements Event {
        }

        /** An address of ours has come. Those of the beginning are in {@link Commands#localAddresses}. */
        record LocalAddressAdded(IpAddress address) implements Event {
        }

        record LocalAddressRemoved(IpAddress address) implements Event {
        }

        /** {@link Commands#endpoints} are others than before, or there may be room for more subflows. */
        record EndpointsChanged() implements Event {
        }
    }

    /** What can be asked for. Nothing happens before the event has been handled. */
    interface Commands {
        /**
         * Opens a subflow. {@code localPort} 0: any. Answered, later, by {@link Event.SubflowEstablished},
         * {@link Event.SubflowClosed} or {@link Event.SubflowNotOpened}.
         */
        void openSubflow(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean backup);

        void closeSubflow(int subflow);

        /** Announces an address of ours; {@code port} 0: that of the first subflow. */
        void announce(IpAddress address, int port);

        /**
         * Takes an announcement back, or says that an address of ours is gone (REMOVE_ADDR). Subflows from it end, but
         * the last one only when the address is really gone.
         */
        void withdraw(IpAddress address);

        /** Changes the priority of a subflow and tells the peer (MP_PRIO). */
        void setBackup(int subflow, boolean backup);

        /** Addresses of ours at present, in a fixed order. */
        List<IpAddress> localAddresses();

        /**
         * What addresses are for, where somebody has said so: of ours at present, or to come. The engine itself sees
         * to {@link Endpoint#backup}.
         */
        default List<Endpoint> endpoints() {
            return List.of();
        }

        /** How many subflows there are, handshakes included. */
        int subflowCount();

        /** Whether the peer asked not to open subflows to the address and port of the first one (C flag). */
        boolean remoteRefusesInitialAddress();
    }

    void onEvent(Event event, Commands commands, long now);

    /** When {@link #onDeadline} wants to be called, or Long.MAX_VALUE. */
    default long deadline() {
        return Long.MAX_VALUE;
    }

    default void onDeadline(Commands commands, long now) {
    }

    /** Registered with {@code provides} in module-info. */
    interface Factory {
        /** {@code default} (signal only), {@code fullmesh}, {@code ndiffports}. */
        String name();

        PathManager create();
    }
}
