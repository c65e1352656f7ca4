package net.braid.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.braid.wire.IpAddress;

/**
 * What there is in this network namespace, as far as {@code braid up} asks.
 *
 * @param natMark what the comment of our nftables table says, empty when there is no such table, null when this process
 *                may not look
 * @param firewall a chain of nftables that drops forwarded packets unless told otherwise, or empty
 * @param neighbours states of neighbours by "device address"
 * @param settings values by path; what the kernel does not have is absent
 */
record HostFacts(Map<String, HostFacts.Interface> interfaces, List<HostFacts.Route> routes,
        List<HostFacts.Rule> rules, Map<String, String> neighbours, String natMark, String firewall,
        Map<String, String> settings) {
    /** The routing protocol number that marks our routes and rules; nobody else's (see /etc/iproute2/rt_protos). */
    static final String PROTOCOL = "183";
    /** What the alias of our devices says. */
    static final String ALIAS = "made by braid up";

    private static final Pattern MARK = Pattern.compile("comment \"braid ([0-9a-f]+)\"");

    /**
     * @param carrier   for a TUN device: whether a program is attached
     * @param user      who may attach, or empty
     * @param addresses that may be the source of packets to the world; no link-local ones
     */
    record Interface(String name, String alias, String kind, int mtu, boolean up, boolean carrier, String user,
            List<IpPrefix> addresses) {
        boolean isOurs() {
            return kind.equals("tun") && alias.equals(ALIAS);
        }

        Optional<IpAddress> address(boolean v4) {
            return addresses.stream().filter(each -> each.isV4() == v4).map(IpPrefix::address).findFirst();
        }
    }

    /**
     * @param type        {@code unicast}, {@code unreachable} and so on
     * @param destination as {@code ip} prints it: {@code default}, an address or a prefix
     * @param gateway     empty for none; "inet6 fe80::1" for one of another family
     * @param device      empty for none
     * @param mtu         0 for that of the device
     */
    record Route(boolean v4, String table, String type, String destination, String gateway, String device,
            long metric, int mtu, String protocol) {
        boolean isDefault() {
            return destination.equals("default");
        }

        boolean isOurs() {
            return protocol.equals(PROTOCOL);
        }
    }

    /** @param table empty for a rule that does not look into one, but does {@code action} */
    record Rule(boolean v4, long priority, String source, String in, String table, String action) {
    }

    Interface device(String name) {
        return interfaces.get(name);
    }

    /** Looks around. Needs no privilege, except to see the table of nftables. */
    static HostFacts gather(HostPrograms host, String name) throws IOException {
        Map<String, Interface> interfaces = interfaces(Json.parse(host.ask("ip", "-j", "-d", "addr", "show")));
        List<Route> routes = new ArrayList<>();
        List<Rule> rules = new ArrayList<>();
        for (boolean v4 : new boolean[] {true, false}) {
            String family = v4 ? "-4" : "-6";
            // Where the kernel has no IPv6 these fail, and there is nothing to know.
            routes.addAll(routes(v4, tryToAsk(host, "ip", "-j", family, "route", "show", "table", "all")));
            rules.addAll(rules(v4, tryToAsk(host, "ip", "-j", family, "rule", "show")));
        }
        Map<String, String> neighbours = new TreeMap<>();
        for (Json item : tryToAsk(host, "ip", "-j", "neigh", "show").items()) {
            neighbours.put(item.at("dev").text("") + " " + item.at("dst").text(""),
                    item.at("state").items().stream().findFirst().map(state -> state.text("")).orElse(""));
        }
        return new HostFacts(interfaces, routes, rules, neighbours, natMark(host, name),
                firewall(host.run(List.of("nft", "list", "chains"), "").out()), settings(host, interfaces));
    }

    private static Json tryToAsk(HostPrograms host, String... command) throws HostException {
        HostPrograms.Answer answer = host.run(List.of(command), "");
        return answer.good() && !answer.out().isBlank() ? Json.parse(answer.out()) : new Json(null);
    }

    static Map<String, Interface> interfaces(Json list) {
        Map<String, Interface> interfaces = new TreeMap<>();
        for (Json item : list.items()) {
            String name = item.at("ifname").text("");
            if (name.isEmpty()) {
                continue; // ip prints an empty object for what it filtered
            }
            List<String> flags = item.at("flags").items().stream().map(flag -> flag.text("")).toList();
            Json info = item.at("linkinfo");
            String kind = info.at("info_kind").text("");
            Json data = info.at("info_data");
            if (kind.equals("tun") && !data.at("type").text("tun").equals("tun")) {
                kind = "tap";
            }
            List<IpPrefix> addresses = new ArrayList<>();
            for (Json address : item.at("addr_info").items()) {
                if (address.at("scope").text("").equals("global") && !address.has("tentative")
                        && !address.has("dadfailed") && !address.has("deprecated")) {
                    addresses.add(new IpPrefix(IpAddress.parse(address.at("local").text("")),
                            (int) address.at("prefixlen").number(0)));
                }
            }
            interfaces.put(name, new Interface(name, item.at("ifalias").text(""), kind,
                    (int) item.at("mtu").number(0), flags.contains("UP"), flags.contains("LOWER_UP"),
                    data.at("user").text(""), addresses));
        }
        return interfaces;
    }

    static List<Route> routes(boolean v4, Json list) {
        List<Route> routes = new ArrayList<>();
        for (Json item : list.items()) {
            String destination = item.at("dst").text("");
            if (!destination.equals("default") && destination.contains(":") == v4) {
                continue; // ip -4 with "table all" shows IPv6 too
            }
            if (destination.equals("default") && v6ByItself(item) == v4) {
                continue;
            }
            List<Json> hops = item.has("nexthops") ? item.at("nexthops").items() : List.of(item);
            for (Json hop : hops) {
                String type = item.at("type").text("unicast");
                Json via = hop.at("via");
                String gateway = via.isPresent() ? via.at("family").text("") + " " + via.at("host").text("")
                        : hop.at("gateway").text("");
                long mtu = item.at("metrics").items().stream().mapToLong(m -> m.at("mtu").number(0)).max().orElse(0);
                routes.add(new Route(v4, item.at("table").text("main"), type, destination, gateway,
                        type.equals("unreachable") ? "" : hop.at("dev").text(""), item.at("metric").number(0),
                        (int) mtu, item.at("protocol").text("")));
            }
        }
        return routes;
    }

    /** Of a default route in a listing of both families: IPv6 ones always have a preference. */
    private static boolean v6ByItself(Json item) {
        return item.has("pref");
    }

    static List<Rule> rules(boolean v4, Json list) {
        List<Rule> rules = new ArrayList<>();
        for (Json item : list.items()) {
            String source = item.at("src").text("all");
            rules.add(new Rule(v4, item.at("priority").number(0),
                    item.has("srclen") ? source + "/" + item.at("srclen").number(0) : source,
                    item.at("iif").text(""), item.at("table").text(""), item.at("action").text("")));
        }
        return rules;
    }

    private static String natMark(HostPrograms host, String name) throws HostException {
        HostPrograms.Answer answer = host.run(List.of("nft", "list", "table", "inet", UplinkSetup.natTable(name)), "");
        if (!answer.good()) {
            return answer.err().contains("No such file") ? "" : null;
        }
        Matcher mark = MARK.matcher(answer.out());
        return mark.find() ? mark.group(1) : "unmarked";
    }

    /** From a listing of all chains: "ip filter FORWARD". */
    static String firewall(String chains) {
        String table = "";
        String chain = "";
        for (String line : chains.lines().map(String::strip).toList()) {
            if (line.startsWith("table ")) {
                table = line.substring(6).replace(" {", "");
            } else if (line.startsWith("chain ")) {
                chain = line.substring(6).replace(" {", "");
            } else if (line.contains("hook forward") && line.contains("policy drop")) {
                return table + " " + chain;
            }
        }
        return "";
    }

    private static Map<String, String> settings(HostPrograms host, Map<String, Interface> interfaces) {
        List<String> names = new ArrayList<>(List.of(UplinkSetup.FORWARD_V4, UplinkSetup.FORWARD_V6,
                UplinkSetup.LIBERAL));
        for (String device : interfaces.keySet()) {
            names.add(UplinkSetup.forward(true, device));
            names.add(UplinkSetup.forward(false, device));
            names.add(UplinkSetup.forceForward(device));
            names.add(UplinkSetup.acceptAdvertisements(device));
        }
        Map<String, String> settings = new TreeMap<>();
        for (String each : names) {
            String value = host.setting(each);
            if (value != null) {
                settings.put(each, value);
            }
        }
        return settings;
    }
}
