package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.braid.link.Link;
import net.braid.linux.DatagramLink;
import net.braid.linux.Encapsulation;
import net.braid.linux.UdpLink;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Option;

/** The way to another Braid over UDP, which needs neither a device nor a privilege. */
final class UdpOptions {
    @Option(names = "--udp", paramLabel = "ADDRESS:PORT[%%INTERFACE]", split = ",",
            description = "Instead of a device, UDP to a Braid that was started with --udp-listen; one for each path, "
                    + "in the order of --local.")
    private List<String> peers = new ArrayList<>();

    @Option(names = "--udp-listen", paramLabel = "[ADDRESS:]PORT",
            description = "Instead of a device, UDP from those that were started with --udp.")
    private String listen;

    boolean isWanted() {
        return listen != null || !peers.isEmpty();
    }

    /**
     * Opens a link for each of our addresses; the same one for all where there is only one.
     *
     * @throws UserError when the options make no sense
     */
    List<Link> open(int addresses) throws IOException {
        if (listen != null && !peers.isEmpty()) {
            throw new UserError("--udp and --udp-listen: only one of them");
        }
        if (listen != null) {
            return List.of(open(0, Encapsulation.listening(listeningAddress(), port("--udp-listen", listen))));
        }
        if (peers.size() != 1 && peers.size() != addresses) {
            throw new UserError("--udp and --local: " + peers.size() + " peers, but " + addresses
                    + " of ours; name one peer, or one for each address");
        }
        List<Link> links = new ArrayList<>();
        try {
            for (String peer : peers) {
                links.add(open(links.size(), peer(peer)));
            }
        } catch (IOException | RuntimeException problem) {
            links.forEach(Link::close);
            throw problem;
        }
        return links;
    }

    private static Link open(int index, Encapsulation ends) throws IOException {
        String name = "udp" + index;
        return System.getProperty("os.name").equals("Linux") ? UdpLink.open(name, index, ends)
                : DatagramLink.open(name, index, ends);
    }

    private static Encapsulation peer(String text) {
        int percent = text.indexOf('%');
        String end = percent < 0 ? text : text.substring(0, percent);
        if (end.lastIndexOf(':') < 0) {
            throw new UserError("--udp " + text + ": a port is missing, as in 192.0.2.1:5300");
        }
        Encapsulation ends = Encapsulation.to(address("--udp", end), port("--udp", end));
        return percent < 0 ? ends : ends.over(text.substring(percent + 1));
    }

    /** The interface that the path of one of our addresses leaves by; empty: that is for the host's routes. */
    String uplink(int index) {
        String peer = peerOf(index);
        return peer.substring(peer.indexOf('%') < 0 ? peer.length() : peer.indexOf('%') + 1);
    }

    /** Whether UDP itself goes over IPv4 on the path of one of our addresses. */
    boolean isOutsideV4(int index) {
        return peerOf(index).chars().filter(c -> c == ':').count() < 2;
    }

    private String peerOf(int index) {
        int at = peers.size() == 1 ? 0 : index;
        return at < peers.size() ? peers.get(at) : "";
    }

    private IpAddress listeningAddress() {
        return listen.lastIndexOf(':') < 0 ? IpAddress.ANY_V4 : address("--udp-listen", listen);
    }

    private static IpAddress address(String option, String text) {
        String address = text.substring(0, text.lastIndexOf(':'));
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        }
        return WireOptions.address(option, address);
    }

    private static int port(String option, String text) {
        String port = text.substring(text.lastIndexOf(':') + 1);
        try {
            int number = Integer.parseInt(port);
            if (number >= 1 && number <= 65_535) {
                return number;
            }
        } catch (NumberFormatException wrong) {
            // Said below.
        }
        throw new UserError(option + " " + text + ": a port is 1 to 65535, not '" + port + "'");
    }
}
