package net.braid.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The steps from what there is to what must be there. Everything that {@code braid up} makes can be told from what
 * others have made: the device by its alias, rules by the device they are for, routes by their protocol number, the
 * nftables table by its name. So a run that was killed leaves nothing that the next one does not see.
 *
 * <p>What would let a packet out comes last: a packet never leaves by the wrong uplink or with the wrong address while
 * this is at work.
 */
final class UplinkPlan {
    private static final String TRANSMIT_QUEUE = "1000";

    private final String name;
    private final HostFacts facts;
    private final List<Step> steps = new ArrayList<>();

    private UplinkPlan(String name, HostFacts facts) {
        this.name = name;
        this.facts = facts;
    }

    /** A device is given its name when it has its mark; until then it has this one. */
    static String unfinished(String name) {
        return name + ".up";
    }

    /**
     * What is left to do; nothing when all is there.
     *
     * @throws UserError when the name is taken by a device that is not ours
     */
    static List<Step> up(UplinkSetup setup, HostFacts facts, UplinkState previous) {
        UplinkPlan plan = new UplinkPlan(setup.state().name(), facts);
        HostFacts.Interface device = facts.device(plan.name);
        if (device != null && !device.isOurs()) {
            throw new UserError(plan.name + " exists and was not made by braid up; choose another with --name, or "
                    + "remove it with: ip link delete " + plan.name);
        }
        boolean fresh = device == null || !sameUser(device.user(), setup.state().user());
        plan.removeUnfinished();
        if (fresh && device != null) {
            plan.steps.add(Step.run("ip", "link", "delete", plan.name));
        }
        if (fresh) {
            plan.makeDevice(setup);
        } else if (device.mtu() != setup.state().mtu()) {
            plan.steps.add(Step.run("ip", "link", "set", "dev", plan.name, "mtu",
                    Integer.toString(setup.state().mtu())));
        }
        plan.rules(setup.rules());
        plan.routes(setup.routes(), setup.state().block(), fresh, false);
        plan.nat(setup.nat());
        plan.settings(setup.state().settings(), previous);
        if (fresh || !device.up()) {
            plan.steps.add(Step.run("ip", "link", "set", "dev", plan.name, "up"));
        }
        plan.routes(setup.routes(), setup.state().block(), fresh || !device.up(), true);
        return plan.steps;
    }

    /**
     * Removes all there is.
     *
     * @param state  that was found, or null
     * @param shared settings that another set of uplinks needs; they stay as they are
     */
    static List<Step> down(String name, HostFacts facts, UplinkState state, List<String> shared) {
        UplinkPlan plan = new UplinkPlan(name, facts);
        int block = state != null ? state.block() : blockOf(name, facts);
        plan.nat("");
        plan.routes(List.of(), block, true, false);
        plan.rules(List.of());
        plan.removeUnfinished();
        HostFacts.Interface device = facts.device(name);
        if (device != null && device.isOurs()) {
            plan.steps.add(Step.run("ip", "link", "delete", name));
        }
        if (state != null) {
            state.settings().stream().filter(each -> !shared.contains(each.name())).toList().reversed()
                    .forEach(plan::restore);
        }
        return plan.steps;
    }

    private static int blockOf(String name, HostFacts facts) {
        return facts.rules().stream().filter(rule -> rule.in().equals(name))
                .mapToInt(rule -> (int) (rule.priority() - UplinkSetup.FIRST_BLOCK) / UplinkSetup.BLOCK
                        * UplinkSetup.BLOCK + UplinkSetup.FIRST_BLOCK).min().orElse(0);
    }

    private static boolean sameUser(String one, String other) {
        return Objects.equals(one, other);
    }

    private void removeUnfinished() {
        HostFacts.Interface half = facts.device(unfinished(name));
        if (half != null && half.kind().equals("tun")) {
            steps.add(Step.run("ip", "link", "delete", half.name()));
        }
    }

    private void makeDevice(UplinkSetup setup) {
        String half = unfinished(name);
        List<String> add = new ArrayList<>(List.of("ip", "tuntap", "add", "dev", half, "mode", "tun"));
        if (!setup.state().user().isEmpty()) {
            add.addAll(List.of("user", setup.state().user()));
        }
        steps.add(Step.run(add));
        List<String> set = new ArrayList<>(List.of("ip", "link", "set", "dev", half, "alias", HostFacts.ALIAS, "mtu",
                Integer.toString(setup.state().mtu()), "txqueuelen", TRANSMIT_QUEUE));
        if (facts.settings().containsKey(UplinkSetup.FORWARD_V6)) {
            // The stack does not want the kernel's own IPv6 chatter.
            set.addAll(List.of("addrgenmode", "none"));
        }
        steps.add(Step.run(set));
        steps.add(Step.run("ip", "link", "set", "dev", half, "name", name));
    }

    /** New rules come first, the one that stops strays before all: so nothing passes unruled. */
    private void rules(List<HostFacts.Rule> wanted) {
        List<HostFacts.Rule> there = facts.rules().stream().filter(rule -> rule.in().equals(name)).toList();
        wanted.reversed().stream().filter(rule -> !there.contains(rule)).forEach(rule -> steps.add(rule("add", rule)));
        there.stream().filter(rule -> !wanted.contains(rule)).forEach(rule -> steps.add(rule("del", rule)));
    }

    private static Step rule(String verb, HostFacts.Rule rule) {
        List<String> command = new ArrayList<>(List.of("ip", rule.v4() ? "-4" : "-6", "rule", verb, "priority",
                Long.toString(rule.priority()), "iif", rule.in()));
        if (!rule.source().equals("all")) {
            command.addAll(List.of("from", rule.source()));
        }
        if (rule.table().isEmpty()) {
            command.add(rule.action());
        } else {
            command.addAll(List.of("lookup", rule.table()));
        }
        if (verb.equals("add")) {
            command.addAll(List.of("protocol", HostFacts.PROTOCOL));
        }
        return Step.run(command);
    }

    /**
     * @param gone   whether routes to the device are gone with it, or will be
     * @param inward routes to the device, or those of the uplinks' tables
     */
    private void routes(List<HostFacts.Route> wanted, int block, boolean gone, boolean inward) {
        List<HostFacts.Route> there = facts.routes().stream()
                .filter(route -> route.isOurs() && (inward ? !gone && route.device().equals(name)
                        : block > 0 && UplinkSetup.within(block, route.table()))).toList();
        List<HostFacts.Route> asked = wanted.stream().filter(route -> route.device().equals(name) == inward).toList();
        there.stream().filter(route -> !asked.contains(route)).forEach(route -> steps.add(route("del", route)));
        asked.stream().filter(route -> !there.contains(route)).forEach(route -> steps.add(route("add", route)));
    }

    private static Step route(String verb, HostFacts.Route route) {
        List<String> command = new ArrayList<>(List.of("ip", route.v4() ? "-4" : "-6", "route", verb));
        if (!route.type().equals("unicast")) {
            command.add(route.type());
        }
        command.add(route.destination());
        if (!route.gateway().isEmpty()) {
            command.add("via");
            command.addAll(List.of(route.gateway().split(" ")));
        }
        if (!route.device().isEmpty()) {
            command.addAll(List.of("dev", route.device()));
        }
        if (!route.gateway().isEmpty() && route.v4()) {
            // The router need not be in one of the uplink's networks, as with a single address from a cloud.
            command.add("onlink");
        }
        if (!route.table().equals("main")) {
            command.addAll(List.of("table", route.table()));
        }
        if (route.metric() > 0) {
            command.addAll(List.of("metric", Long.toString(route.metric())));
        }
        command.addAll(List.of("proto", route.protocol()));
        return Step.run(command);
    }

    private void nat(String script) {
        String table = UplinkSetup.natTable(name);
        if (!script.isEmpty()) {
            if (facts.natMark() == null || facts.natMark().isEmpty()
                    || !script.contains("comment \"braid " + facts.natMark() + "\"")) {
                steps.add(new Step.Run(List.of("nft", "-f", "-"), script));
            }
        } else if (facts.natMark() != null && !facts.natMark().isEmpty()) {
            steps.add(Step.run("nft", "delete", "table", "inet", table));
        }
    }

    private void settings(List<UplinkState.Setting> wanted, UplinkState previous) {
        if (previous != null) {
            previous.settings().stream().filter(old -> wanted.stream().noneMatch(w -> w.name().equals(old.name())))
                    .forEach(this::restore);
        }
        for (UplinkState.Setting each : wanted) {
            if (!each.want().equals(facts.settings().get(each.name()))) {
                steps.add(new Step.Set(each.name(), each.want(), !each.name().contains("/" + name + "/")));
            }
        }
    }

    /** Only what we changed, and nobody since. */
    private void restore(UplinkState.Setting setting) {
        Map<String, String> now = facts.settings();
        boolean ours = setting.was() != null && setting.want().equals(now.get(setting.name()));
        // Whoever has made a router of this host since has thrown the switch of each interface too.
        boolean router = setting.name().startsWith("net/ipv4/conf/") && "1".equals(now.get(UplinkSetup.FORWARD_V4));
        if (ours && !router) {
            steps.add(new Step.Set(setting.name(), setting.was(), false));
        }
    }
}
