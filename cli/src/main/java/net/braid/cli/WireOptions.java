package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.braid.link.Link;
import net.braid.linux.TunLink;
import net.braid.mptcp.ConnectionConfig;
import net.braid.runtime.ControlSocket;
import net.braid.runtime.Engine;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command reaches the network: over which device or over UDP, and with which addresses of its own. */
final class WireOptions {
    @Option(names = "--device", paramLabel = "NAME", defaultValue = "braid0",
            description = "The TUN device (default: ${DEFAULT-VALUE}).")
    private String device;

    @Mixin
    private UdpOptions udp = new UdpOptions();

    @Option(names = "--local", paramLabel = "ADDRESS", split = ",",
            description = "Addresses of ours behind the device, one for each path (default: those of 'braid up').")
    private List<String> locals = new ArrayList<>();

    /**
     * Starts an engine on the device, with a control socket of its name where one can be made.
     *
     * @param config of the connections to come
     * @throws UserError when an address or the device is wrong, with one line that says what
     */
    Engine open(ConnectionConfig config) {
        List<Own> own = own();
        try {
            List<Link> links = udp.isWanted() ? udp.open(own.size()) : List.of(TunLink.open(device, 0));
            try {
                Engine.Builder builder = Engine.builder();
                links.forEach(builder::link);
                for (int i = 0; i < own.size(); i++) {
                    IpAddress address = own.get(i).address;
                    IpAddress any = address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
                    Link link = links.get(links.size() == 1 ? 0 : i);
                    builder.route(address, any, 0, link, Math.min(own.get(i).mtu, link.properties().mtu()));
                }
                // The socket has the name of the device; over UDP there is none.
                return (udp.isWanted() ? builder : builder.control(ControlSocket.path(device), config.multipath()))
                        .open();
            } catch (IOException | RuntimeException problem) {
                links.forEach(Link::close);
                throw problem;
            }
        } catch (IOException | IllegalArgumentException problem) {
            throw new UserError(problem.getMessage());
        }
    }

    List<IpAddress> addresses() {
        return own().stream().map(Own::address).toList();
    }

    /** An address of ours, and the largest packet that its path takes. */
    private record Own(IpAddress address, int mtu) {
    }

    private List<Own> own() {
        if (!locals.isEmpty()) {
            return locals.stream().map(text -> new Own(address("--local", text), Integer.MAX_VALUE)).toList();
        }
        if (udp.isWanted()) {
            throw new UserError("no address to speak from: with UDP name addresses of ours with --local");
        }
        try {
            return UplinkState.load(UplinkState.folder(), device).orElseThrow(() -> new UserError("no address to speak "
                    + "from: " + device + " is not up; run 'braid up', or name addresses with --local"))
                    .paths().stream().map(path -> new Own(path.address(), path.mtu())).toList();
        } catch (IOException problem) {
            throw new UserError(problem.getMessage());
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
