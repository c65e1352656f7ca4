package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.braid.link.Link;
import net.braid.linux.TunLink;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.AddressFollower;
import net.braid.runtime.ControlSocket;
import net.braid.runtime.Engine;
import net.braid.runtime.IdleStrategy;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command reaches the network: over a device, interfaces or UDP, and with which addresses of its own. */
final class WireOptions {
    /** All addresses of ours, those to come too. */
    static final List<IpAddress> EVERYWHERE = List.of(IpAddress.ANY_V4, IpAddress.ANY_V6);

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "braid0",
            description = "The TUN device (default: ${DEFAULT-VALUE}).")
    private String device;

    @Mixin
    private UdpOptions udp = new UdpOptions();

    @Mixin
    private PacketOptions packets = new PacketOptions();

    @Option(names = "--local", paramLabel = "ADDRESS[/BITS][%%INTERFACE]", split = ",",
            description = "Addresses of ours behind the device, one for each path (default: those of 'braid up'); "
                    + "/BITS with --interface; %%INTERFACE: it is there while that one is up and has an address.")
    private List<String> locals = new ArrayList<>();

    @Option(names = "--no-follow",
            description = "Keep all addresses, though the interfaces that they leave by go down or lose theirs.")
    private boolean still;

    @Option(names = "--idle", paramLabel = "HOW", defaultValue = "park",
            description = "With nothing to do: park (sleep), hybrid (look again for 50 us, then sleep), or spin (never "
                    + "sleep: least delay, takes a core). Default: ${DEFAULT-VALUE}.")
    private Idle idle;

    /**
     * Starts an engine on the device, with a control socket of its name where one can be made.
     *
     * @param config of the connections to come
     * @throws UserError when an address or the device is wrong, with one line that says what
     */
    Engine open(ConnectionConfig config) {
        List<Own> own = own();
        try {
            List<Link> links = packets.isWanted() ? packets.open(locals) : udp.isWanted() ? udp.open(own.size())
                    : List.of(TunLink.open(device, 0));
            AddressFollower follower = null;
            try {
                Engine.Builder builder = Engine.builder().idle(idle == null ? IdleStrategy.PARK : idle.strategy());
                links.stream().distinct().forEach(builder::link);
                follower = follower(own, links);
                if (follower != null) {
                    builder.follow(follower);
                } else {
                    paths(own, links).forEach(path -> builder.route(path.address(),
                            path.address().isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, path.link(), path.mtu()));
                }
                // The socket has the name of the device; over UDP there is none.
                return Farewell.onExit((udp.isWanted() ? builder
                        : builder.control(ControlSocket.path(name()), config.multipath())).open());
            } catch (IOException | RuntimeException problem) {
                if (follower != null) {
                    follower.close();
                }
                links.forEach(Link::close);
                throw problem;
            }
        } catch (IOException | IllegalArgumentException problem) {
            throw new UserError(problem.getMessage());
        }
    }

    private String name() {
        return packets.isWanted() ? packets.name(0) : device;
    }

    /** Null where there is nothing to follow, or nobody who would tell. */
    private AddressFollower follower(List<Own> own, List<Link> links) {
        if (still || own.stream().allMatch(one -> one.uplink.isEmpty())
                || !System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        try {
            return AddressFollower.open(() -> {
                List<Own> now = ownAtPresent();
                return now == null ? null : paths(now, links);
            });
        } catch (IOException forbidden) {
            return null;
        }
    }

    private static List<AddressFollower.Path> paths(List<Own> own, List<Link> links) {
        List<AddressFollower.Path> paths = new ArrayList<>();
        for (Own one : own) {
            Link link = links.get(links.size() == 1 ? 0 : paths.size());
            paths.add(new AddressFollower.Path(one.address, one.uplink, one.outsideV4, one.needsAddress, one.ready,
                    link, Math.min(one.mtu, link.properties().mtu())));
        }
        return paths;
    }

    /**
     * An address of ours and its way.
     *
     * @param uplink the interface that it leaves by, or empty
     * @param outsideV4 family of the interface's address that stands for it
     * @param needsAddress it is there only while the interface has one
     * @param ready what 'braid up' makes for it is there
     * @param mtu largest packet that its path takes, in bytes
     */
    private record Own(IpAddress address, String uplink, boolean outsideV4, boolean needsAddress, boolean ready,
            int mtu) {
        static Own of(UplinkState state, UplinkState.Path path) {
            return new Own(path.address(), path.uplink(), path.address().isV4(), state.nat() || path.outside() != null,
                    path.up(), path.mtu());
        }
    }

    private List<Own> own() {
        if (udp.isWanted() && packets.isWanted()) {
            throw new UserError("--udp and --interface: only one of them");
        }
        if (locals.isEmpty() && (udp.isWanted() || packets.isWanted())) {
            throw new UserError("no address to speak from: with " + (udp.isWanted() ? "UDP" : "--interface")
                    + " name addresses of ours with --local");
        }
        try {
            Optional<UplinkState> state = udp.isWanted() || packets.isWanted() ? Optional.empty()
                    : UplinkState.load(UplinkState.folder(), device);
            if (locals.isEmpty()) {
                return state.orElseThrow(() -> new UserError("no address to speak from: " + device + " is not up; run "
                        + "'braid up', or name addresses with --local"))
                        .paths().stream().map(path -> Own.of(state.get(), path)).toList();
            }
            List<Own> own = new ArrayList<>();
            for (String text : locals) {
                own.add(own(text, own.size(), state.orElse(null)));
            }
            return own;
        } catch (IOException problem) {
            throw new UserError(problem.getMessage());
        }
    }

    private Own own(String text, int index, UplinkState state) {
        if (packets.isWanted()) {
            // The kernel need not have an address there.
            IpAddress own = PacketOptions.prefix(text).address();
            return new Own(own, packets.name(index), own.isV4(), false, true, Integer.MAX_VALUE);
        }
        int percent = text.indexOf('%');
        IpAddress address = address("--local", percent < 0 ? text : text.substring(0, percent));
        if (percent >= 0) {
            return new Own(address, text.substring(percent + 1), address.isV4(), true, true, Integer.MAX_VALUE);
        }
        if (udp.isWanted()) {
            return new Own(address, udp.uplink(index), udp.isOutsideV4(index), true, true, Integer.MAX_VALUE);
        }
        for (UplinkState.Path path : state == null ? List.<UplinkState.Path>of() : state.paths()) {
            if (path.address().equals(address)) {
                return Own.of(state, path);
            }
        }
        return new Own(address, "", address.isV4(), false, true, Integer.MAX_VALUE);
    }

    /** Null while 'braid up' or 'braid down' is at work, or what they have made is gone. */
    private List<Own> ownAtPresent() {
        try {
            if (!udp.isWanted() && !packets.isWanted()) {
                Optional<UplinkState> state = UplinkState.load(UplinkState.folder(), device);
                if (state.isPresent() ? !state.get().complete() : locals.isEmpty()) {
                    return null;
                }
            }
            return own();
        } catch (IOException | UserError unreadable) {
            return null;
        }
    }

    /** @throws UserError when {@code text} is no address */
    static IpAddress address(String option, String text) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(option + " " + text + ": " + wrong.getMessage());
        }
    }

    /** @throws UserError when {@code port} is none that a connection can lead to */
    static int port(int port) {
        if (port < 1 || port > 65_535) {
            throw new UserError("PORT " + port + ": must be 1 to 65535");
        }
        return port;
    }
}
