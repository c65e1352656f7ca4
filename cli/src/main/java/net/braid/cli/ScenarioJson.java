package net.braid.cli;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Function;
import net.braid.sim.ScenarioResult;
import net.braid.sim.ScenarioResult.FlowResult;
import net.braid.sim.ScenarioResult.LinkResult;
import net.braid.sim.Simulation;

/** The result of a scenario as one JSON object. Times in nanoseconds, null for what has not happened. */
final class ScenarioJson {
    private ScenarioJson() {
    }

    static String of(ScenarioResult result) {
        return new StringJoiner(", ", "{", "}")
                .add("\"good\": " + result.isGood())
                .add("\"endNanos\": " + result.endNanos())
                .add("\"digest\": \"" + String.format(Locale.ROOT, "%016x", result.digest()) + "\"")
                .add("\"flows\": " + array(result.flows(), ScenarioJson::flow))
                .add("\"links\": " + array(result.links(), ScenarioJson::link))
                .add("\"violations\": " + array(result.violations(), ScenarioJson::string))
                .add("\"leaks\": " + array(result.leaks(), ScenarioJson::string))
                .add("\"unmet\": " + array(result.unmet(), ScenarioJson::string))
                .toString();
    }

    private static String flow(FlowResult flow) {
        return new StringJoiner(", ", "{", "}")
                .add("\"name\": " + string(flow.name()))
                .add("\"end\": " + string(flow.end()))
                .add("\"completed\": " + flow.completed())
                .add("\"forwardBytes\": " + flow.forwardBytes())
                .add("\"backwardBytes\": " + flow.backwardBytes())
                .add("\"openedNanos\": " + time(flow.openedNanos()))
                .add("\"establishedNanos\": " + time(flow.establishedNanos()))
                .add("\"completedNanos\": " + time(flow.completedNanos()))
                .add("\"forwardBitsPerSecond\": " + Math.round(flow.forwardBits()))
                .add("\"backwardBitsPerSecond\": " + Math.round(flow.backwardBits()))
                .add("\"retransmissions\": " + flow.retransmissions())
                .add("\"dataSegments\": " + flow.dataSegments())
                .add("\"requests\": " + flow.requests())
                .add("\"medianLatencyNanos\": " + flow.medianLatencyNanos())
                .toString();
    }

    private static String link(LinkResult link) {
        return new StringJoiner(", ", "{", "}")
                .add("\"name\": " + string(link.name()))
                .add("\"offered\": " + link.offered())
                .add("\"delivered\": " + link.delivered())
                .add("\"deliveredBytes\": " + link.deliveredBytes())
                .add("\"droppedByQueue\": " + link.droppedByQueue())
                .add("\"droppedEarly\": " + link.droppedEarly())
                .add("\"lost\": " + link.lost())
                .add("\"tooBig\": " + link.tooBig())
                .add("\"droppedWhileDown\": " + link.droppedWhileDown())
                .add("\"marked\": " + link.marked())
                .add("\"mostWaiting\": " + link.mostWaiting())
                .toString();
    }

    private static String time(long nanos) {
        return nanos == Simulation.NEVER ? "null" : Long.toString(nanos);
    }

    private static <T> String array(List<T> items, Function<T, String> each) {
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        items.forEach(item -> joiner.add(each.apply(item)));
        return joiner.toString();
    }

    static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c < 0x20 ? String.format(Locale.ROOT, "\\u%04x", (int) c) : c);
            }
        }
        return quoted.append('"').toString();
    }
}
