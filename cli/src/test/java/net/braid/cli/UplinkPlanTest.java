package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What braid up would do on a host with Wi-Fi (IPv4 and IPv6) and a modem (IPv4, point to point). */
class UplinkPlanTest {
    private final Map<String, HostFacts.Interface> interfaces = new TreeMap<>();
    private final List<HostFacts.Route> routes = new ArrayList<>();
    private final List<HostFacts.Rule> rules = new ArrayList<>();
    private final Map<String, String> neighbours = new TreeMap<>();
    private final Map<String, String> settings = new TreeMap<>();
    private String mark = "";
    private String firewall = "";

    @BeforeEach
    void setUp() {
        device("lo", 65_536, "");
        device("wlan0", 1500, "192.168.1.5/24", "2001:db8::5/64");
        device("wwan0", 1400, "10.64.3.2/30");
        route(true, "main", "default", "192.168.1.1", "wlan0");
        route(true, "main", "192.168.1.0/24", "", "wlan0");
        route(true, "main", "10.64.3.0/30", "", "wwan0");
        route(true, "main", "default", "", "wwan0");
        route(false, "main", "default", "fe80::1", "wlan0");
        route(false, "main", "2001:db8::/64", "", "wlan0");
        route(false, "main", "fe80::/64", "", "wlan0");
        settings.put(UplinkSetup.FORWARD_V4, "0");
        settings.put(UplinkSetup.FORWARD_V6, "0");
        settings.put(UplinkSetup.LIBERAL, "0");
    }

    private void device(String name, int mtu, String... addresses) {
        interfaces.put(name, new HostFacts.Interface(name, "", "", mtu, true, true, "", List.of(addresses).stream()
                .filter(text -> !text.isEmpty()).map(IpPrefix::parse).toList()));
        settings.put(UplinkSetup.forward(true, name), "0");
        settings.put(UplinkSetup.forward(false, name), "0");
        settings.put(UplinkSetup.acceptAdvertisements(name), "1");
        settings.put(UplinkSetup.forceForward(name), "0");
    }

    private void route(boolean v4, String table, String destination, String gateway, String device) {
        routes.add(new HostFacts.Route(v4, table, "unicast", destination, gateway, device, 0, 0, "dhcp"));
    }

    private HostFacts facts() {
        return new HostFacts(interfaces, routes, rules, neighbours, mark, firewall, settings);
    }

    private static UplinkRequest request(String... uplinks) {
        return new UplinkRequest("braid0", List.of(uplinks), List.of(), List.of(), List.of(), "", List.of(), 0, true,
                true);
    }

    private UplinkSetup setup(UplinkRequest request) {
        return UplinkSetup.of(request, facts(), null, "net:[1]");
    }

    private List<String> up(UplinkRequest request) {
        return UplinkPlan.up(setup(request), facts(), null).stream().map(Step::toString).toList();
    }

    private static void assertHas(String expected, List<String> steps) {
        assertTrue(steps.stream().anyMatch(step -> step.contains(expected)), expected + " in " + steps);
    }

    private static void assertOrder(List<String> steps, String first, String second) {
        int one = steps.indexOf(steps.stream().filter(step -> step.contains(first)).findFirst().orElseThrow());
        int two = steps.indexOf(steps.stream().filter(step -> step.contains(second)).findFirst().orElseThrow());
        assertTrue(one < two, first + " before " + second + " in " + steps);
    }

    private void assertRefused(String expected, UplinkRequest request) {
        UserError wrong = assertThrows(UserError.class, () -> up(request));
        assertTrue(wrong.getMessage().contains(expected), wrong.getMessage());
    }

    @Test
    void everyFamilyOfAnUplinkGetsAnAddress() {
        UplinkState state = setup(request("wlan0", "wwan0")).state();
        assertEquals(List.of("198.19.86.1", "198.19.86.2", "fd62:7261:6964::1"),
                state.paths().stream().map(path -> path.address().toString()).toList());
        assertEquals(List.of("wlan0", "wwan0", "wlan0"),
                state.paths().stream().map(UplinkState.Path::uplink).toList());
    }

    @Test
    void deviceHasTheLargestMtuAndEachPathItsOwn() {
        UplinkState state = setup(request("wlan0", "wwan0")).state();
        assertEquals(1500, state.mtu());
        assertEquals(List.of(1500, 1400, 1500), state.paths().stream().map(UplinkState.Path::mtu).toList());
    }

    @Test
    void mtuOfTheDefaultRouteLimitsThePath() {
        routes.removeIf(route -> route.isDefault() && route.v4() && route.device().equals("wlan0"));
        routes.add(new HostFacts.Route(true, "main", "unicast", "default", "192.168.1.1", "wlan0", 0, 1420, "dhcp"));
        assertEquals(1420, setup(request("wlan0")).state().paths().getFirst().mtu());
    }

    @Test
    void routesOfTheUplinkAreCopiedIntoItsTable() {
        List<String> steps = up(request("wlan0", "wwan0"));
        assertHas("ip -4 route add default via 192.168.1.1 dev wlan0 onlink table 17000 proto 183", steps);
        assertHas("ip -4 route add 192.168.1.0/24 dev wlan0 table 17000 proto 183", steps);
        assertHas("ip -4 route add default dev wwan0 table 17001 proto 183", steps);
        assertHas("ip -6 route add default via fe80::1 dev wlan0 table 17000 metric 1024 proto 183", steps);
        assertFalse(steps.stream().anyMatch(step -> step.contains("add fe80::/64")), steps.toString());
    }

    @Test
    void nothingCanLeaveBeforeItIsRuled() {
        List<String> steps = up(request("wlan0", "wwan0"));
        assertOrder(steps, "rule add priority 17031 iif braid0 unreachable", "rule add priority 17000");
        assertOrder(steps, "route add unreachable default table 17000", "default via 192.168.1.1");
        assertOrder(steps, "nft -f -", "sysctl -w");
        assertOrder(steps, "sysctl -w", "ip link set dev braid0 up");
        assertOrder(steps, "ip link set dev braid0 up", "ip -4 route add 198.19.86.1 dev braid0");
        assertOrder(steps, "alias 'made by braid up'", "name braid0");
    }

    @Test
    void whatIsThereIsNotMadeAgain() {
        UplinkSetup setup = setup(request("wlan0", "wwan0"));
        interfaces.put("braid0", new HostFacts.Interface("braid0", HostFacts.ALIAS, "tun", 1500, true, false, "",
                List.of()));
        rules.addAll(setup.rules());
        routes.addAll(setup.routes());
        setup.state().settings().forEach(each -> settings.put(each.name(), each.want()));
        mark = setup.nat().replaceAll("(?s).*\"braid (\\p{XDigit}+)\".*", "$1");
        UplinkSetup again = UplinkSetup.of(request("wlan0", "wwan0"), facts(), setup.state(), "net:[1]");
        assertEquals(List.of(), UplinkPlan.up(again, facts(), setup.state()));
    }

    @Test
    void newGatewayReplacesTheOldOne() {
        UplinkSetup old = setup(request("wlan0"));
        routes.addAll(old.routes());
        rules.addAll(old.rules());
        routes.removeIf(route -> route.v4() && route.isDefault() && route.table().equals("main"));
        route(true, "main", "default", "192.168.1.254", "wlan0");
        List<String> steps = UplinkPlan.up(UplinkSetup.of(request("wlan0"), facts(), old.state(), "net:[1]"), facts(),
                old.state()).stream().map(Step::toString).filter(step -> step.contains("route")).toList();
        assertOrder(steps, "route del default via 192.168.1.1", "route add default via 192.168.1.254");
    }

    @Test
    void olderKernelKeepsListeningToAdvertisementsBeforeItForwards() {
        settings.keySet().removeIf(name -> name.endsWith("force_forwarding"));
        List<String> steps = up(request("wlan0"));
        assertOrder(steps, "net/ipv6/conf/wlan0/accept_ra=2", "net/ipv6/conf/all/forwarding=1");
    }

    @Test
    void whatWasChangedIsRestoredInReverse() {
        UplinkState state = setup(request("wlan0")).state();
        state = state.with(List.of(new UplinkState.Setting("net/ipv6/conf/wlan0/accept_ra", "2", "1"),
                new UplinkState.Setting(UplinkSetup.FORWARD_V6, "1", "0"),
                new UplinkState.Setting(UplinkSetup.LIBERAL, "1", null)));
        settings.put("net/ipv6/conf/wlan0/accept_ra", "2");
        settings.put(UplinkSetup.FORWARD_V6, "1");
        settings.put(UplinkSetup.LIBERAL, "1");
        assertEquals(List.of("sysctl -w net/ipv6/conf/all/forwarding=0", "sysctl -w net/ipv6/conf/wlan0/accept_ra=1"),
                UplinkPlan.down("braid0", facts(), state, List.of()).stream().map(Step::toString).toList());
    }

    @Test
    void settingThatSomebodyElseHasChangedSinceStays() {
        UplinkState state = setup(request("wlan0")).state()
                .with(List.of(new UplinkState.Setting(UplinkSetup.forward(true, "wlan0"), "1", "0")));
        settings.put(UplinkSetup.forward(true, "wlan0"), "1");
        settings.put(UplinkSetup.FORWARD_V4, "1");
        assertEquals(List.of(), UplinkPlan.down("braid0", facts(), state, List.of()));
    }

    @Test
    void leftoversAreFoundWithoutAState() {
        UplinkSetup setup = setup(request("wlan0"));
        rules.addAll(setup.rules());
        routes.addAll(setup.routes());
        mark = "abc";
        interfaces.put("braid0.up", new HostFacts.Interface("braid0.up", "", "tun", 1500, false, false, "", List.of()));
        List<String> steps = UplinkPlan.down("braid0", facts(), null, List.of()).stream().map(Step::toString).toList();
        assertHas("nft delete table inet braid_braid0", steps);
        assertHas("ip -4 route del unreachable default table 17000", steps);
        assertHas("ip -4 rule del priority 17031 iif braid0 unreachable", steps);
        assertHas("ip link delete braid0.up", steps);
        assertOrder(steps, "route del", "rule del");
    }

    @Test
    void blockOfAnotherNameIsLeftAlone() {
        rules.add(new HostFacts.Rule(true, 17_000, "198.19.86.1", "braid1", "17000", ""));
        routes.add(new HostFacts.Route(true, "main", "unicast", "198.19.86.1", "", "braid1", 0, 0, HostFacts.PROTOCOL));
        List<String> steps = up(request("wlan0"));
        assertHas("rule add priority 17032 iif braid0 from 198.19.87.1 lookup 17032", steps);
    }

    @Test
    void addressesAreTranslatedToTheUplinksAndPortsBack() {
        UplinkRequest request = new UplinkRequest("braid0", List.of("wlan0", "wwan0"), List.of(), List.of(), List.of(),
                "", List.of("5201", "8000-8010"), 0, true, true);
        String nat = setup(request).nat();
        assertTrue(nat.contains("ip saddr 198.19.86.2 oifname \"wwan0\" masquerade"), nat);
        assertTrue(nat.contains("ip6 saddr fd62:7261:6964::1 oifname \"wlan0\" masquerade"), nat);
        assertTrue(nat.contains("meta nfproto ipv4 iifname \"wwan0\" fib daddr type local tcp dport "
                + "{ 5201, 8000-8010 } dnat ip to 198.19.86.2"), nat);
    }

    @Test
    void givenAddressesAreNotTranslated() {
        UplinkRequest request = new UplinkRequest("braid0", List.of("wlan0", "wwan0"), List.of(),
                List.of(IpAddress.parse("10.1.0.2"), IpAddress.parse("10.2.0.2")), List.of(), "", List.of(), 0, true,
                true);
        List<String> steps = up(request);
        assertHas("rule add priority 17001 iif braid0 from 10.2.0.2 lookup 17001", steps);
        assertFalse(steps.stream().anyMatch(step -> step.contains("nft") || step.contains("liberal")));
    }

    @Test
    void givenAddressesWithoutUplinksOnlyLeadToTheDevice() {
        UplinkRequest request = new UplinkRequest("braid0", List.of(), List.of(), List.of(IpAddress.parse("10.1.0.2")),
                List.of(), "", List.of(), 0, true, true);
        assertEquals(List.of("ip tuntap add dev braid0.up mode tun",
                "ip link set dev braid0.up alias 'made by braid up' mtu 1500 txqueuelen 1000 addrgenmode none",
                "ip link set dev braid0.up name braid0",
                "ip link set dev braid0 up", "ip -4 route add 10.1.0.2 dev braid0 proto 183"), up(request));
    }

    @Test
    void uplinkThatHasGoneKeepsItsPlace() {
        UplinkState before = setup(request("wlan0", "wwan0")).state();
        interfaces.remove("wwan0");
        routes.removeIf(route -> route.device().equals("wwan0"));
        UplinkState now = UplinkSetup.of(request("wlan0", "wwan0"), facts(), before, "net:[1]").state();
        assertEquals("198.19.86.2", now.paths().get(1).address().toString());
        assertFalse(now.paths().get(1).up());
    }

    @Test
    void missingDefaultRouteIsSaidAndCanBeGiven() {
        routes.removeIf(route -> route.isDefault() && route.device().equals("wwan0"));
        assertTrue(setup(request("wwan0")).warnings().getFirst().contains("--gateway wwan0=ADDRESS"));
        UplinkRequest named = new UplinkRequest("braid0", List.of("wwan0"),
                List.of(UplinkRequest.Gateway.parse("wwan0=10.64.3.1")), List.of(), List.of(), "", List.of(), 0, true,
                true);
        assertHas("default via 10.64.3.1 dev wwan0 onlink table 17000", up(named));
        assertEquals(List.of(), setup(named).warnings());
    }

    @Test
    void firewallInTheWayIsNamed() {
        firewall = HostFacts.firewall("table ip nat {\n\tchain OUT {\n\t}\n}\ntable ip filter {\n\tchain FORWARD {\n"
                + "\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n");
        assertTrue(setup(request("wlan0")).warnings().getFirst().contains("(nftables ip filter FORWARD)"));
        assertEquals("", HostFacts.firewall("table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward "
                + "priority filter; policy accept;\n\t}\n}\n"));
    }

    @Test
    void badRequestsAreRefused() {
        assertRefused("there is no such interface; there are lo, wlan0, wwan0", request("eth7"));
        assertRefused("not an interface to the outside", request("lo"));
        device("eth0", 1500);
        assertRefused("no uplink has an address: eth0", request("eth0"));
        assertRefused("is the address of wlan0", new UplinkRequest("braid0", List.of("wlan0"), List.of(),
                List.of(IpAddress.parse("192.168.1.5")), List.of(), "", List.of(), 0, true, true));
        assertRefused("1 IPv4 addresses for 2 uplinks", new UplinkRequest("braid0", List.of("wlan0", "wwan0"),
                List.of(), List.of(IpAddress.parse("10.1.0.2")), List.of(), "", List.of(), 0, true, true));
        assertRefused("is in use: wlan0 has the address 192.168.1.5/24", new UplinkRequest("braid0", List.of("wlan0"),
                List.of(), List.of(), List.of(IpPrefix.parse("192.168.0.0/16")), "", List.of(), 0, true, true));
        device("braid0", 1500);
        assertRefused("was not made by braid up", request("wlan0"));
    }

    @Test
    void routeToHalfOfTheWorldIsNoCollision() {
        route(true, "main", "128.0.0.0/1", "10.8.0.1", "tun0");
        assertEquals("198.19.86.1", setup(request("wlan0")).state().paths().getFirst().address().toString());
    }

    @Test
    void whatIpPrintsIsUnderstood() {
        Json list = Json.parse("""
                [{"dst":"default","gateway":"10.1.0.254","dev":"a0","protocol":"dhcp","metric":100,"flags":[],
                  "metrics":[{"mtu":1400}]},
                 {"type":"unreachable","dst":"default","dev":"lo","table":"17000","protocol":"183",
                  "metric":4294967295,"flags":[],"pref":"medium"},
                 {"dst":"10.9.0.0/16","nexthops":[{"via":{"family":"inet6","host":"fe80::1"},"dev":"b0"}]}]""");
        assertEquals(List.of(
                new HostFacts.Route(true, "main", "unicast", "default", "10.1.0.254", "a0", 100, 1400, "dhcp"),
                new HostFacts.Route(true, "main", "unicast", "10.9.0.0/16", "inet6 fe80::1", "b0", 0, 0, "")),
                HostFacts.routes(true, list));
        assertEquals(List.of(new HostFacts.Route(false, "17000", "unreachable", "default", "", "", 4_294_967_295L, 0,
                "183")), HostFacts.routes(false, list));
        HostFacts.Interface tun = HostFacts.interfaces(Json.parse("""
                [{},{"ifname":"braid0","flags":["NO-CARRIER","UP"],"mtu":1500,"ifalias":"made by braid up",
                  "linkinfo":{"info_kind":"tun","info_data":{"type":"tun","user":"alice"}},
                  "addr_info":[{"local":"fe80::1","prefixlen":64,"scope":"link"}]}]""")).get("braid0");
        assertTrue(tun.isOurs() && tun.up() && !tun.carrier() && tun.user().equals("alice"), tun.toString());
        assertEquals(List.of(), tun.addresses());
    }
}
