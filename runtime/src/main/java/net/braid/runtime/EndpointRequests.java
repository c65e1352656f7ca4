package net.braid.runtime;

import static net.braid.runtime.WrongRequest.unless;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.braid.link.Link;
import net.braid.linux.PacketSocketLink;
import net.braid.mptcp.Endpoint;
import net.braid.stack.Route;
import net.braid.stack.Stack;
import net.braid.wire.IpAddress;

/**
 * The endpoints of an engine, and requests about them in the grammar of {@code ip mptcp endpoint}. An address of ours
 * of which nobody has said what it is for is an endpoint too, an implicit one.
 */
final class EndpointRequests {
    private static final int MOST = 255;
    private static final List<String> FLAGS = List.of("signal", "subflow", "backup", "fullmesh");
    private static final List<String> CHANGES = List.of("backup", "nobackup", "fullmesh", "nofullmesh");
    private static final String ADD = "it is: endpoint add ADDRESS [dev NAME] [id ID] [port NR] [signal] [subflow] "
            + "[backup] [fullmesh]";
    private static final String DELETE = "it is: endpoint delete id ID, or endpoint delete id 0 ADDRESS";
    private static final String CHANGE = "it is: endpoint change [id ID] [ADDRESS] backup|nobackup|fullmesh|nofullmesh";

    private final Engine engine;
    private final List<Link> links;
    /** By number. All its uses are in methods that hold this object's lock. */
    private final Map<Integer, Endpoint> endpoints = new TreeMap<>();
    /** Of all numbers since the last flush. */
    private int highest;

    /** @param links that addresses may be added behind; the first one where nothing is said */
    EndpointRequests(Engine engine, List<Link> links) {
        this.engine = engine;
        this.links = links;
    }

    /** All endpoints, or the one that was asked for, as JSON. */
    synchronized String answer(List<String> words) throws IOException, WrongRequest {
        Map<IpAddress, String> devices = refresh();
        String verb = words.isEmpty() ? "show" : words.getFirst();
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        int only = 0;
        switch (verb) {
            case "show", "list" -> only = show(rest);
            case "add" -> devices = add(rest);
            case "delete", "del" -> remove(delete(rest));
            case "change" -> change(rest);
            case "flush" -> {
                unless(rest.isEmpty(), "it is: endpoint flush");
                for (Endpoint endpoint : List.copyOf(endpoints.values())) {
                    remove(endpoint);
                }
                highest = 0;
            }
            default -> throw new WrongRequest("'" + verb + "' is none of show, add, delete, change, flush");
        }
        StringBuilder answer = new StringBuilder();
        for (Endpoint endpoint : endpoints.values()) {
            if (only == 0 || endpoint.id() == only) {
                answer.append(answer.isEmpty() ? "" : ",")
                        .append(ControlJson.endpoint(endpoint, devices.get(endpoint.address())));
            }
        }
        return "[" + answer + "]";
    }

    private int show(List<String> rest) throws WrongRequest {
        if (rest.isEmpty()) {
            return 0;
        }
        unless(rest.size() == 2 && rest.getFirst().equals("id"), "it is: endpoint show [id ID]");
        return find(number(rest.getLast())).id();
    }

    /** The program itself may have changed its addresses. Answers with the device of each. */
    private Map<IpAddress, String> refresh() throws IOException {
        List<Route> routes = engine.ask((stack, now) -> stack.routes().all());
        Map<IpAddress, String> devices = new TreeMap<>();
        for (Route route : routes) {
            devices.put(route.local(), route.link().properties().name());
        }
        endpoints.values().removeIf(endpoint -> endpoint.implicit() && !devices.containsKey(endpoint.address()));
        for (Route route : routes) {
            if (find(route.local()) == null && endpoints.size() < MOST) {
                put(Endpoint.implicit(free(), route.local()));
            }
        }
        return devices;
    }

    /** As Linux gives them: after the highest that there was, until there is none. */
    private int free() {
        int id = highest;
        while (id == 0 || endpoints.containsKey(id)) {
            id = id % MOST + 1;
        }
        return id;
    }

    private void put(Endpoint endpoint) {
        endpoints.put(endpoint.id(), endpoint);
        highest = Math.max(highest, endpoint.id());
    }

    private Endpoint find(IpAddress address) {
        return endpoints.values().stream().filter(endpoint -> endpoint.address().equals(address)).findFirst()
                .orElse(null);
    }

    private Endpoint find(int id) throws WrongRequest {
        unless(endpoints.containsKey(id), "there is no endpoint with id " + id);
        return endpoints.get(id);
    }

    private Map<IpAddress, String> add(List<String> words) throws IOException, WrongRequest {
        unless(!words.isEmpty(), ADD);
        IpAddress address = address(words.getFirst());
        Set<String> flags = new HashSet<>();
        Link link = links.getFirst();
        int id = 0;
        int port = 0;
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (FLAGS.contains(word)) {
                flags.add(word);
                continue;
            }
            unless(List.of("dev", "id", "port").contains(word), "'" + word + "' is none of dev, id, port, "
                    + String.join(", ", FLAGS));
            unless(++i < words.size(), "'" + word + "' needs a value");
            String value = words.get(i);
            switch (word) {
                case "dev" -> link = link(value);
                case "id" -> id = number(value);
                default -> port = port(value);
            }
        }
        Endpoint before = find(address);
        unless(before == null || before.implicit(), address + " is an endpoint already");
        unless(id == 0 || !endpoints.containsKey(id) || endpoints.get(id) == before, "id " + id + " is taken");
        unless(before != null || endpoints.size() < MOST, "there are " + MOST + " endpoints already");
        unless(before != null || !(link instanceof PacketSocketLink),
                "addresses on an interface are named when a program starts (--local)");
        id = id != 0 ? id : before != null ? before.id() : free();
        Endpoint endpoint = endpoint(id, address, port, flags);
        if (before != null) {
            endpoints.remove(before.id());
        }
        put(endpoint);
        Link behind = link;
        tell((stack, now) -> {
            if (!stack.routes().locals().contains(address)) {
                stack.routes().add(address, address.isV4() ? IpAddress.ANY_V4 : IpAddress.ANY_V6, 0, behind);
                stack.onLocalAddress(address, true, now);
            }
        });
        return refresh();
    }

    private static Endpoint endpoint(int id, IpAddress address, int port, Set<String> flags) throws WrongRequest {
        try {
            return new Endpoint(id, address, port, flags.contains("signal"), flags.contains("subflow"),
                    flags.contains("backup"), flags.contains("fullmesh"), false);
        } catch (IllegalArgumentException wrong) {
            throw new WrongRequest(wrong.getMessage());
        }
    }

    private Link link(String name) throws WrongRequest {
        for (Link link : links) {
            if (link.properties().name().equals(name)) {
                return link;
            }
        }
        throw new WrongRequest("there is no device '" + name + "' here; there is "
                + links.stream().map(link -> link.properties().name()).collect(Collectors.joining(", ")));
    }

    /** Which one to delete. */
    private Endpoint delete(List<String> words) throws WrongRequest {
        unless(words.size() >= 2 && words.size() <= 3 && words.getFirst().equals("id"), DELETE);
        if (words.get(1).equals("0")) {
            unless(words.size() == 3, "id 0 is the address that a connection began with: name the address");
            Endpoint endpoint = find(address(words.get(2)));
            unless(endpoint != null, words.get(2) + " is no endpoint");
            return endpoint;
        }
        unless(words.size() == 2, "an address is named with id 0 only");
        return find(number(words.get(1)));
    }

    private void remove(Endpoint endpoint) throws IOException {
        endpoints.remove(endpoint.id());
        engine.removeAddress(endpoint.address());
        tell((stack, now) -> { });
    }

    private void change(List<String> words) throws IOException, WrongRequest {
        Endpoint endpoint = null;
        Set<String> changes = new HashSet<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (CHANGES.contains(word)) {
                changes.add(word);
            } else if (word.equals("id") && i + 1 < words.size()) {
                endpoint = find(number(words.get(++i)));
            } else {
                unless(word.indexOf('.') >= 0 || word.indexOf(':') >= 0, "'" + word + "' is none of "
                        + String.join(", ", CHANGES));
                endpoint = find(address(word));
                unless(endpoint != null, word + " is no endpoint");
            }
        }
        unless(endpoint != null && !changes.isEmpty(), CHANGE);
        for (String change : changes) {
            try {
                boolean value = !change.startsWith("no");
                endpoint = change.endsWith("backup") ? endpoint.withBackup(value) : endpoint.withFullmesh(value);
            } catch (IllegalArgumentException wrong) {
                throw new WrongRequest(wrong.getMessage());
            }
        }
        put(endpoint);
        tell((stack, now) -> { });
    }

    /** Tells the engine what endpoints there are, and does what goes with it. */
    private void tell(ShardTask more) throws IOException {
        List<Endpoint> all = List.copyOf(endpoints.values());
        engine.ask((Stack stack, long now) -> {
            stack.pathSettings().endpoints(all, now);
            more.run(stack, now);
            return null;
        });
    }

    private static IpAddress address(String text) throws WrongRequest {
        try {
            IpAddress address = IpAddress.parse(text);
            unless(IpAddress.isUnicast(address.high(), address.low()), text + " is no address of one host");
            return address;
        } catch (IllegalArgumentException wrong) {
            throw new WrongRequest("'" + text + "' is no address");
        }
    }

    private static int number(String text) throws WrongRequest {
        unless(text.matches("[0-9]{1,3}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MOST,
                "an id is a number, 1 to " + MOST + ", not '" + text + "'");
        return Integer.parseInt(text);
    }

    private static int port(String text) throws WrongRequest {
        unless(text.matches("[0-9]{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65_535,
                "a port is a number, 1 to 65535, not '" + text + "'");
        return Integer.parseInt(text);
    }
}
