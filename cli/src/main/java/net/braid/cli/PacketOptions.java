package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.braid.link.Link;
import net.braid.linux.InterfaceAddress;
import net.braid.linux.PacketSocketLink;
import net.braid.wire.IpAddress;
import picocli.CommandLine.Option;

/** Addresses of our own on Ethernet interfaces, beside those of the kernel, through packet sockets. */
final class PacketOptions {
    @Option(names = "--interface", paramLabel = "NAME", split = ",",
            description = "Instead of a device, addresses of our own on Ethernet interfaces, which the kernel must not "
                    + "have: one interface for all, or one for each --local. Needs CAP_NET_RAW.")
    private List<String> interfaces = new ArrayList<>();

    @Option(names = "--gateway", paramLabel = "ADDRESS", split = ",",
            description = "With --interface, routers to other networks: each for the addresses of its own subnet.")
    private List<String> gateways = new ArrayList<>();

    boolean isWanted() {
        return !interfaces.isEmpty();
    }

    /** The interface of one of our addresses. */
    String name(int index) {
        return interfaces.get(interfaces.size() == 1 ? 0 : Math.min(index, interfaces.size() - 1));
    }

    /** @throws UserError when an address lacks the length of its subnet, with one line that says so */
    static IpPrefix prefix(String text) {
        if (text.indexOf('/') < 0) {
            throw new UserError("--local " + text + ": with --interface, say how long the prefix of its subnet is, "
                    + "as in 192.0.2.9/24");
        }
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new UserError("--local " + text + ": not an address and the length of a prefix");
        }
    }

    /**
     * Opens a packet socket for each interface.
     *
     * @param locals addresses of ours
     * @return the link of each address; the same one for all on one interface
     * @throws UserError when the options make no sense
     */
    List<Link> open(List<String> locals) throws IOException {
        if (interfaces.size() != 1 && interfaces.size() != locals.size()) {
            throw new UserError("--interface and --local: " + interfaces.size() + " interfaces, but " + locals.size()
                    + " addresses; name one interface, or one for each address");
        }
        Map<String, List<InterfaceAddress>> addresses = new LinkedHashMap<>();
        List<IpAddress> routers = gateways.stream().map(text -> WireOptions.address("--gateway", text)).toList();
        List<IpPrefix> prefixes = locals.stream().map(PacketOptions::prefix).toList();
        for (IpAddress router : routers) {
            if (prefixes.stream().noneMatch(prefix -> leads(router, prefix))) {
                throw new UserError("--gateway " + router + ": in the subnet of none of our addresses");
            }
        }
        for (int i = 0; i < prefixes.size(); i++) {
            IpPrefix prefix = prefixes.get(i);
            List<InterfaceAddress> here = addresses.computeIfAbsent(name(i), none -> new ArrayList<>());
            IpAddress router = routers.stream().filter(each -> leads(each, prefix)).findFirst().orElse(null);
            here.add(new InterfaceAddress(prefix.address(), prefix.length(), router));
        }
        Map<String, Link> links = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, List<InterfaceAddress>> one : addresses.entrySet()) {
                links.put(one.getKey(), PacketSocketLink.open(one.getKey(), links.size(), one.getValue()));
            }
        } catch (IOException | RuntimeException problem) {
            links.values().forEach(Link::close);
            throw problem;
        }
        return IntStream.range(0, prefixes.size()).mapToObj(i -> links.get(name(i))).toList();
    }

    private static boolean leads(IpAddress router, IpPrefix prefix) {
        return router.isV4() == prefix.isV4() && (prefix.contains(router) || router.isLinkLocal() && !router.isV4());
    }
}
