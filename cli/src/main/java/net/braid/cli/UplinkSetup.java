package net.braid.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.zip.CRC32;
import net.braid.wire.IpAddress;

/**
 * What must be there so that each address of the stack leaves through its uplink: a function of the request and of
 * what there is. {@link UplinkPlan} says what to do about the difference.
 *
 * @param nat      the nftables script that makes the table, or empty
 * @param warnings lines for the user: what will not work, and why
 */
record UplinkSetup(UplinkState state, List<HostFacts.Rule> rules, List<HostFacts.Route> routes, String nat,
        List<String> warnings) {
    static final String FORWARD_V4 = "net/ipv4/ip_forward";
    static final String FORWARD_V6 = "net/ipv6/conf/all/forwarding";
    static final String LIBERAL = "net/netfilter/nf_conntrack_tcp_be_liberal";
    static final int MOST_UPLINKS = 16;
    /** Rule priorities and route tables: a block of 32 for each name, below the kernel's own 32766. */
    static final int FIRST_BLOCK = 17_000;
    static final int BLOCK = 32;
    static final int BLOCKS = 64;
    static final int LOWEST_MTU = 1280;
    /** Behind everything else that a table could hold. */
    private static final long LAST_METRIC = 4_294_967_295L;
    private static final long DEFAULT_METRIC_V6 = 1024;

    /** 198.18.0.0/15 is for benchmarks and on nobody's network (RFC 2544); its first half is taken by some proxies. */
    private static final String CHOICE_V4 = "198.19.%d.0/24";
    private static final int FIRST_CHOICE_V4 = 86;
    /** A unique local prefix (RFC 4193) whose global id spells "braid". */
    private static final String CHOICE_V6 = "fd62:7261:6964:%x::/64";
    /** A route that covers more than this is somebody's "everything", not a network in use. */
    private static final int NETWORK_V4 = 8;
    private static final int NETWORK_V6 = 16;

    static String forward(boolean v4, String device) {
        return "net/" + (v4 ? "ipv4" : "ipv6") + "/conf/" + device + "/forwarding";
    }

    static String forceForward(String device) {
        return "net/ipv6/conf/" + device + "/force_forwarding";
    }

    static String acceptAdvertisements(String device) {
        return "net/ipv6/conf/" + device + "/accept_ra";
    }

    static String natTable(String name) {
        return "braid_" + name;
    }

    /**
     * @param previous the state that is there, or null
     * @throws UserError when the request does not fit what there is
     */
    static UplinkSetup of(UplinkRequest request, HostFacts facts, UplinkState previous, String namespace) {
        return new Design(request, facts, previous).setup(namespace);
    }

    private static final class Design {
        private final UplinkRequest request;
        private final HostFacts facts;
        private final UplinkState previous;
        private final List<UplinkState.Path> paths = new ArrayList<>();
        private final List<HostFacts.Rule> rules = new ArrayList<>();
        private final List<HostFacts.Route> routes = new ArrayList<>();
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final List<String> warnings = new ArrayList<>();
        private final int block;
        private int mtu;

        Design(UplinkRequest request, HostFacts facts, UplinkState previous) {
            this.request = request;
            this.facts = facts;
            this.previous = previous;
            checkUplinks();
            block = block();
        }

        UplinkSetup setup(String namespace) {
            mtu = request.mtu() > 0 ? request.mtu() : request.uplinks().stream()
                    .mapToInt(uplink -> device(uplink).mtu()).max().orElse(1500);
            if (request.v4()) {
                addPaths(true);
            }
            if (request.v6()) {
                addPaths(false);
            }
            if (paths.isEmpty()) {
                throw new UserError("no uplink has an address: " + String.join(", ", request.uplinks())
                        + "; connect them first");
            }
            if (mtu < LOWEST_MTU && paths.stream().anyMatch(path -> !path.address().isV4())) {
                throw new UserError("IPv6 needs an MTU of at least " + LOWEST_MTU + ", not " + mtu);
            }
            if (!request.uplinks().isEmpty() && !facts.firewall().isEmpty()) {
                warnings.add("the firewall drops what is forwarded (nftables " + facts.firewall()
                        + "): let pass iifname " + request.name() + " and oifname " + request.name());
            }
            String nat = request.translates() ? nat() : "";
            if (!nat.isEmpty()) {
                settings.put(LIBERAL, "1");
            }
            List<UplinkState.Setting> wanted = settings.entrySet().stream()
                    .map(each -> new UplinkState.Setting(each.getKey(), each.getValue(), null)).toList();
            paths.sort(Comparator.comparing(path -> !path.address().isV4()));
            return new UplinkSetup(new UplinkState(request.name(), mtu, request.translates(), request.user(),
                    request.ports(), namespace, block, false, request.uplinks(),
                    request.gateways().stream().map(Object::toString).toList(), paths, wanted), List.copyOf(rules),
                    List.copyOf(routes), nat, List.copyOf(warnings));
        }

        /** One that is gone keeps its place: it may be plugged in again. */
        private HostFacts.Interface device(String uplink) {
            HostFacts.Interface there = facts.device(uplink);
            return there != null ? there
                    : new HostFacts.Interface(uplink, "", "", previous.mtu(), false, false, "", List.of());
        }

        private void checkUplinks() {
            for (String uplink : request.uplinks()) {
                HostFacts.Interface device = facts.device(uplink);
                boolean known = previous != null && previous.uplinks().contains(uplink);
                if (device == null && !known) {
                    throw new UserError("--over " + uplink + ": there is no such interface; there are "
                            + String.join(", ", facts.interfaces().keySet()));
                }
                if (uplink.equals("lo") || uplink.equals(request.name())) {
                    throw new UserError("--over " + uplink + ": not an interface to the outside");
                }
            }
            for (UplinkRequest.Gateway gateway : request.gateways()) {
                if (!request.uplinks().contains(gateway.uplink())) {
                    throw new UserError("--gateway " + gateway + ": " + gateway.uplink()
                            + " is not among the interfaces of --over");
                }
            }
        }

        /** The one in use by this name, or the first that nobody uses. */
        private int block() {
            if (previous != null && previous.block() >= FIRST_BLOCK) {
                return previous.block();
            }
            Optional<HostFacts.Rule> left = facts.rules().stream().filter(rule -> rule.in().equals(request.name()))
                    .filter(rule -> rule.priority() >= FIRST_BLOCK && rule.priority() < FIRST_BLOCK + BLOCK * BLOCKS)
                    .findFirst();
            if (left.isPresent()) {
                return FIRST_BLOCK + (int) (left.get().priority() - FIRST_BLOCK) / BLOCK * BLOCK;
            }
            for (int i = 0; i < BLOCKS; i++) {
                int from = FIRST_BLOCK + i * BLOCK;
                boolean free = facts.rules().stream().noneMatch(rule -> within(from, Long.toString(rule.priority()))
                        || within(from, rule.table()))
                        && facts.routes().stream().noneMatch(route -> within(from, route.table()));
                if (free) {
                    return from;
                }
            }
            throw new UserError("no rule priorities are free between " + FIRST_BLOCK + " and "
                    + (FIRST_BLOCK + BLOCK * BLOCKS));
        }

        private void addPaths(boolean v4) {
            List<IpAddress> given = request.addresses().stream().filter(each -> each.isV4() == v4).toList();
            List<String> usable = request.uplinks().stream()
                    .filter(uplink -> device(uplink).address(v4).isPresent() || gateway(uplink, v4) != null
                            || wasUsed(uplink, v4)).toList();
            if (request.translates() ? usable.isEmpty() : given.isEmpty()) {
                return;
            }
            if (!request.translates() && !request.uplinks().isEmpty() && given.size() != request.uplinks().size()) {
                throw new UserError("--address: " + given.size() + (v4 ? " IPv4" : " IPv6") + " addresses for "
                        + request.uplinks().size() + " uplinks; give one for each, in the order of --over");
            }
            IpPrefix prefix = request.translates() ? prefix(v4) : null;
            for (int i = 0; i < (request.translates() ? request.uplinks().size() : given.size()); i++) {
                String uplink = request.uplinks().isEmpty() ? "" : request.uplinks().get(i);
                if (request.translates() && !usable.contains(uplink)) {
                    continue;
                }
                IpAddress address = request.translates() ? prefix.host(i + 1) : given.get(i);
                checkFree(address);
                route(v4, "main", address.toString(), "", request.name());
                paths.add(path(v4, uplink, i, address));
            }
            if (!request.uplinks().isEmpty()) {
                rules.add(new HostFacts.Rule(v4, block + BLOCK - 1, "all", request.name(), "", "unreachable"));
                forwarding(v4, usable);
            }
        }

        /** So that an uplink that has lost its address keeps its place, and that of the stack's address. */
        private boolean wasUsed(String uplink, boolean v4) {
            return previous != null && previous.paths().stream()
                    .anyMatch(path -> path.uplink().equals(uplink) && path.address().isV4() == v4);
        }

        private UplinkState.Path path(boolean v4, String uplink, int index, IpAddress address) {
            if (uplink.isEmpty()) {
                return new UplinkState.Path(address, "", null, null, "unknown", mtu, true);
            }
            HostFacts.Interface device = device(uplink);
            String table = Integer.toString(block + index);
            rules.add(new HostFacts.Rule(v4, block + index, address.toString(), request.name(), table, ""));
            routes.add(new HostFacts.Route(v4, table, "unreachable", "default", "", "", LAST_METRIC, 0,
                    HostFacts.PROTOCOL));
            for (HostFacts.Route route : facts.routes()) {
                if (route.v4() == v4 && route.device().equals(uplink) && route.table().equals("main")
                        && !route.isDefault() && route.type().equals("unicast") && !route.isOurs()
                        && !route.destination().startsWith("fe80:")) {
                    route(v4, table, route.destination(), route.gateway(), uplink);
                }
            }
            HostFacts.Route out = gateway(uplink, v4);
            if (out != null) {
                route(v4, table, "default", out.gateway(), uplink);
            } else if (device.up()) {
                warnings.add(uplink + " has no default route for " + (v4 ? "IPv4" : "IPv6") + ": only its own network"
                        + " is reached; name its router with --gateway " + uplink + "=ADDRESS");
            }
            int pathMtu = Math.min(Math.min(mtu, device.mtu()), out != null && out.mtu() > 0 ? out.mtu() : mtu);
            String router = out == null ? "" : out.gateway().substring(out.gateway().indexOf(' ') + 1);
            return new UplinkState.Path(address, uplink, device.address(v4).orElse(null),
                    router.isEmpty() ? null : IpAddress.parse(router), reachable(uplink, router), pathMtu,
                    device.up() && device.carrier() && device.address(v4).isPresent());
        }

        private void route(boolean v4, String table, String destination, String gateway, String device) {
            HostFacts.Route route = new HostFacts.Route(v4, table, "unicast", destination, gateway, device,
                    v4 ? 0 : DEFAULT_METRIC_V6, 0, HostFacts.PROTOCOL);
            if (!routes.contains(route)) {
                routes.add(route);
            }
        }

        private String reachable(String uplink, String router) {
            return switch (facts.neighbours().getOrDefault(uplink + " " + router, "")) {
                case "REACHABLE", "STALE", "DELAY", "PERMANENT", "NOARP" -> "yes";
                case "FAILED" -> "no";
                default -> "unknown";
            };
        }

        /** The default route of an uplink, from the request or from the host's own routes; null when there is none. */
        private HostFacts.Route gateway(String uplink, boolean v4) {
            Optional<HostFacts.Route> named = request.gateways().stream()
                    .filter(each -> each.uplink().equals(uplink) && each.address().isV4() == v4)
                    .map(each -> new HostFacts.Route(v4, "main", "unicast", "default", each.address().toString(),
                            uplink, 0, 0, "")).findFirst();
            return named.orElseGet(() -> facts.routes().stream()
                    .filter(route -> route.v4() == v4 && route.isDefault() && route.device().equals(uplink)
                            && route.type().equals("unicast") && !route.isOurs())
                    .min(Comparator.comparing((HostFacts.Route route) -> !route.table().equals("main"))
                            .thenComparingLong(HostFacts.Route::metric)).orElse(null));
        }

        private IpPrefix prefix(boolean v4) {
            for (IpPrefix named : request.prefixes()) {
                if (named.isV4() == v4) {
                    if (named.hosts() < request.uplinks().size() + 2L) {
                        throw new UserError("--prefix " + named + " is too small for " + request.uplinks().size()
                                + " addresses");
                    }
                    collision(named).ifPresent(what -> {
                        throw new UserError("--prefix " + named + " is in use: " + what);
                    });
                    return named;
                }
            }
            Optional<IpPrefix> before = previous == null || !previous.nat() ? Optional.empty()
                    : previous.paths().stream().map(UplinkState.Path::address).filter(each -> each.isV4() == v4)
                            .map(each -> new IpPrefix(each, v4 ? 24 : 64)).findFirst();
            if (before.isPresent() && collision(before.get()).isEmpty()) {
                return before.get();
            }
            for (int i = 0; i < 256; i++) {
                IpPrefix choice = IpPrefix.parse(v4 ? String.format(Locale.ROOT, CHOICE_V4, (FIRST_CHOICE_V4 + i) & 255)
                        : String.format(Locale.ROOT, CHOICE_V6, i));
                if (collision(choice).isEmpty()) {
                    return choice;
                }
            }
            throw new UserError("no free prefix for the stack's addresses was found; name one with --prefix");
        }

        /** What is in the way of a prefix: not our own routes, and not routes to half of the world. */
        private Optional<String> collision(IpPrefix prefix) {
            for (HostFacts.Interface device : facts.interfaces().values()) {
                for (IpPrefix address : device.addresses()) {
                    if (!device.name().equals(request.name()) && address.overlaps(prefix)) {
                        return Optional.of(device.name() + " has the address " + address);
                    }
                }
            }
            for (HostFacts.Route route : facts.routes()) {
                boolean mine = route.isOurs() && (route.device().equals(request.name())
                        || within(block, route.table()));
                if (mine || route.isDefault() || route.v4() != prefix.isV4()) {
                    continue;
                }
                IpPrefix destination = IpPrefix.parse(route.destination());
                if (destination.length() >= (prefix.isV4() ? NETWORK_V4 : NETWORK_V6)
                        && destination.overlaps(prefix)) {
                    return Optional.of("there is a route to " + route.destination()
                            + (route.device().isEmpty() ? "" : " by " + route.device()));
                }
            }
            return Optional.empty();
        }

        private void checkFree(IpAddress address) {
            for (HostFacts.Interface device : facts.interfaces().values()) {
                for (IpPrefix owned : device.addresses()) {
                    if (owned.address().equals(address)) {
                        throw new UserError(address + " is the address of " + device.name()
                                + ": the kernel would answer instead of the stack; choose another");
                    }
                }
            }
            for (HostFacts.Route route : facts.routes()) {
                if (route.isOurs() && route.table().equals("main") && !route.device().equals(request.name())
                        && route.destination().equals(address.toString())) {
                    throw new UserError(address + " belongs to " + route.device() + " already");
                }
            }
        }

        /**
         * Packets must pass from the device to the uplinks and back. IPv4 has a switch for each interface, and so has
         * IPv6 from Linux 6.17. Before, IPv6 had one for all; then an interface that is told its routes by
         * advertisements must be told to go on listening, and before the switch is thrown.
         */
        private void forwarding(boolean v4, List<String> usable) {
            List<String> devices = new ArrayList<>(request.translates() ? usable : request.uplinks());
            devices.removeIf(device -> facts.device(device) == null);
            boolean each = v4 || facts.settings().containsKey(forceForward("lo"));
            devices.add(request.name());
            if (each) {
                devices.forEach(device -> settings.put(v4 ? forward(true, device) : forceForward(device), "1"));
                return;
            }
            for (String device : facts.interfaces().keySet()) {
                String accept = acceptAdvertisements(device);
                boolean wasHost = "0".equals(facts.settings().get(forward(false, device)));
                boolean before = previous != null && previous.settings().stream()
                        .anyMatch(setting -> setting.name().equals(accept));
                if (before || wasHost && "1".equals(facts.settings().get(accept)) && !device.equals(request.name())) {
                    settings.put(accept, "2");
                }
            }
            settings.put(FORWARD_V6, "1");
        }

        private String nat() {
            StringJoiner out = new StringJoiner("\n");
            StringJoiner in = new StringJoiner("\n");
            for (UplinkState.Path path : paths) {
                String ip = path.address().isV4() ? "ip" : "ip6";
                out.add("    " + ip + " saddr " + path.address() + " oifname \"" + path.uplink() + "\" masquerade");
                if (!request.ports().isEmpty()) {
                    in.add("    meta nfproto " + (path.address().isV4() ? "ipv4" : "ipv6") + " iifname \""
                            + path.uplink() + "\" fib daddr type local tcp dport { "
                            + String.join(", ", request.ports()) + " } dnat " + ip + " to " + path.address());
                }
            }
            StringJoiner chains = new StringJoiner("\n");
            chains.add("  chain out {").add("    type nat hook postrouting priority 100; policy accept;")
                    .add(out.toString()).add("  }");
            if (!request.ports().isEmpty()) {
                chains.add("  chain in {").add("    type nat hook prerouting priority -100; policy accept;")
                        .add(in.toString()).add("  }");
            }
            // What connection tracking does not know would leave with an address that nobody can answer to.
            chains.add("  chain untracked {").add("    type filter hook forward priority 0; policy accept;")
                    .add("    iifname \"" + request.name() + "\" ct state invalid counter drop").add("  }");
            CRC32 mark = new CRC32();
            mark.update(chains.toString().getBytes(StandardCharsets.UTF_8));
            String table = "table inet " + natTable(request.name());
            return table + "\ndelete " + table + "\n" + table + " {\n  comment \"braid "
                    + Long.toHexString(mark.getValue()) + "\"\n" + chains + "\n}\n";
        }
    }

    /** Whether a table or priority is within a block. */
    static boolean within(int block, String number) {
        try {
            long value = Long.parseLong(number);
            return value >= block && value < block + BLOCK;
        } catch (NumberFormatException name) {
            return false;
        }
    }
}
