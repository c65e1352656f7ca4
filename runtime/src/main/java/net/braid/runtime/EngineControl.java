package net.braid.runtime;

import static net.braid.runtime.WrongRequest.unless;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.braid.link.Link;
import net.braid.mptcp.MultipathConfig;
import net.braid.mptcp.PathLimits;
import net.braid.tcp.Counter;

/**
 * Answers what is asked of an engine through its {@link ControlSocket}. The grammar is that of {@code ip mptcp}:
 *
 * <pre>
 *   endpoint show [id ID] | endpoint add ADDRESS [dev NAME] [id ID] [port NR] [FLAG ...] | endpoint delete id ID
 *   endpoint change [id ID] [ADDRESS] CHANGE | endpoint flush
 *   limits show | limits set [subflows N] [add_addr_accepted N] | monitor | connections | counters
 * </pre>
 *
 * Every answer is one line {@code {"result": ...}} or {@code {"error": "a sentence"}}; that of {@code monitor} is a
 * line for each event, without end.
 */
final class EngineControl implements ControlSocket.Handler {
    private static final String SET = "limits set [subflows N] [add_addr_accepted N]";

    private final Engine engine;
    private final MultipathConfig connections;
    private final EndpointRequests endpoints;
    private final ControlEvents events;

    /**
     * @param links that addresses may be added behind
     * @param connections settings of the program's connections
     */
    EngineControl(Engine engine, List<Link> links, MultipathConfig connections) {
        this.engine = engine;
        this.connections = connections;
        this.endpoints = new EndpointRequests(engine, links);
        this.events = new ControlEvents(engine);
    }

    @Override
    public void onRequest(String line, ControlSocket.Replies replies) throws IOException {
        try {
            List<String> words = List.of(line.strip().split("\\s+"));
            if (words.getFirst().equals("monitor") && words.size() == 1) {
                events.tell(replies);
            } else {
                replies.send("{\"result\":" + answer(words) + "}");
            }
        } catch (WrongRequest wrong) {
            replies.send("{\"error\":" + ControlJson.string(wrong.getMessage()) + "}");
        }
    }

    /** The engine ends. */
    void end() {
        events.end();
    }

    private String answer(List<String> words) throws IOException, WrongRequest {
        List<String> rest = words.subList(1, words.size());
        return switch (words.getFirst()) {
            case "endpoint" -> endpoints.answer(rest);
            case "limits" -> limits(rest);
            case "connections" -> {
                unless(rest.isEmpty(), "'connections' takes no words");
                yield looks().values().stream().map(ControlJson::connection).collect(Collectors.joining(",", "[", "]"));
            }
            case "counters" -> {
                unless(rest.isEmpty(), "'counters' takes no words");
                yield counters();
            }
            default -> throw new WrongRequest("'" + words.getFirst()
                    + "' is none of endpoint, limits, monitor, connections, counters");
        };
    }

    private String limits(List<String> words) throws IOException, WrongRequest {
        String verb = words.isEmpty() ? "show" : words.getFirst();
        PathLimits limits = engine.ask((stack, now) -> stack.pathSettings().limits(connections));
        if (verb.equals("set")) {
            PathLimits wanted = limits(words.subList(1, words.size()), limits);
            engine.ask((stack, now) -> {
                stack.pathSettings().limits(wanted, now);
                return null;
            });
            limits = wanted;
        } else {
            unless(verb.equals("show") && words.size() <= 1, "it is: limits show, or " + SET);
        }
        return "{\"add_addr_accepted\":" + limits.addAddressAccepted() + ",\"subflows\":" + limits.subflows() + "}";
    }

    private static PathLimits limits(List<String> words, PathLimits before) throws WrongRequest {
        unless(!words.isEmpty() && words.size() % 2 == 0, "it is: " + SET);
        PathLimits limits = before;
        for (int i = 0; i < words.size(); i += 2) {
            String value = words.get(i + 1);
            unless(value.matches("[0-9]{1,4}"), "'" + words.get(i) + "' needs a number, not '" + value + "'");
            int number = Integer.parseInt(value);
            try {
                limits = switch (words.get(i)) {
                    case "subflow", "subflows" -> new PathLimits(number, limits.addAddressAccepted());
                    case "add_addr_accepted" -> new PathLimits(limits.subflows(), number);
                    default -> throw new WrongRequest("'" + words.get(i) + "' is none of subflows, add_addr_accepted");
                };
            } catch (IllegalArgumentException wrong) {
                throw new WrongRequest(wrong.getMessage());
            }
        }
        return limits;
    }

    private String counters() throws IOException {
        return engine.ask((stack, now) -> {
            List<String> values = new ArrayList<>();
            for (Counter counter : Counter.values()) {
                values.add("\"" + counter.linuxName() + "\":" + stack.counters().get(counter));
            }
            return values.stream().collect(Collectors.joining(",", "{", "}"));
        });
    }

    /** All connections at one instant, in the order in which they were opened. */
    private Map<Stream, StreamInfo> looks() throws IOException {
        List<Stream> streams = new ArrayList<>(engine.streams());
        streams.sort((one, other) -> Long.compare(one.serial(), other.serial()));
        return engine.ask((stack, now) -> {
            Map<Stream, StreamInfo> looks = new LinkedHashMap<>();
            for (Stream stream : streams) {
                if (stream.pump().connection() != null && stream.closeReason() == null) {
                    looks.put(stream, stream.look(now));
                }
            }
            return looks;
        });
    }
}
