package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import net.braid.runtime.ControlSocket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that asks a running engine. The engine knows the grammar; this knows how to show the answer. */
@Command(mixinStandardHelpOptions = true)
abstract class ControlCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "braid0",
            description = "The TUN device that the program runs on (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    @Parameters(arity = "0..*", paramLabel = "WORD", description = "What to do; see below.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        try (ControlClient client = new ControlClient(socket(), request())) {
            answer(client, spec.commandLine().getOut());
            return Braid.SUCCESS;
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }

    private Path socket() {
        try {
            return ControlSocket.path(device);
        } catch (IllegalArgumentException wrong) {
            throw new UserError("--device: " + wrong.getMessage());
        }
    }

    private String request() {
        for (String word : words) {
            if (word.isBlank() || word.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
                throw new UserError("a word of a request has no spaces and no line breaks");
            }
        }
        return spec.name() + (words.isEmpty() ? "" : " " + String.join(" ", words));
    }

    void answer(ControlClient client, PrintWriter out) throws IOException {
        String result = client.result();
        String text = json ? result : text(Json.parse(result), words);
        if (!text.isEmpty()) {
            out.println(text);
            out.flush();
        }
    }

    final boolean json() {
        return json;
    }

    /** The answer for people; empty when there is nothing to say. */
    abstract String text(Json result, List<String> said);

    /** {@code braid endpoint}. */
    @Command(name = "endpoint",
            description = "Show and change the addresses of a running program, as 'ip mptcp endpoint'.",
            footer = {"",
                "show [id ID]",
                "add ADDRESS [dev NAME] [id ID] [port NR] [signal] [subflow] [backup] [fullmesh]",
                "delete id ID [ADDRESS]",
                "change [id ID] [ADDRESS] backup|nobackup|fullmesh|nofullmesh",
                "flush",
                "The address must lead to the device already ('ip route', or 'braid up')."})
    static final class Endpoint extends ControlCommand {
        @Override
        String text(Json result, List<String> said) {
            return said.isEmpty() || said.getFirst().equals("show") || said.getFirst().equals("list")
                    ? ControlText.endpoints(result) : "";
        }
    }

    /** {@code braid limits}. */
    @Command(name = "limits",
            description = "Show and change the limits of a running program, as 'ip mptcp limits'.",
            footer = {"",
                "show",
                "set [subflows N] [add_addr_accepted N]"})
    static final class Limits extends ControlCommand {
        @Override
        String text(Json result, List<String> said) {
            return said.isEmpty() || said.getFirst().equals("show") ? ControlText.limits(result) : "";
        }
    }

    /** {@code braid connections}. */
    @Command(name = "connections",
            description = "Show the connections of a running program and their subflows, as 'ss -Mi'.")
    static final class Connections extends ControlCommand {
        @Override
        String text(Json result, List<String> said) {
            return ControlText.connections(result);
        }
    }

    /** {@code braid counters}. */
    @Command(name = "counters",
            description = "Show what a running program has counted, under the names of 'nstat'; text leaves out zeros.")
    static final class CounterList extends ControlCommand {
        @Override
        String text(Json result, List<String> said) {
            return ControlText.counters(result);
        }
    }

    /** {@code braid monitor}. */
    @Command(name = "monitor",
            description = "Show connections and subflows of a running program that come and go, as 'ip mptcp monitor'.")
    static final class Monitor extends ControlCommand {
        @Override
        void answer(ControlClient client, PrintWriter out) throws IOException {
            for (String line = client.line(); line != null; line = client.line()) {
                Json event = Json.parse(line);
                if (event.has("error")) {
                    throw new UserError(event.at("error").text(""));
                }
                String text = json() ? line : text(event, List.of());
                if (!event.at("event").text("").equals("READY")) {
                    out.println(text);
                    out.flush();
                }
            }
        }

        @Override
        String text(Json event, List<String> said) {
            return ControlText.event(event);
        }
    }
}
