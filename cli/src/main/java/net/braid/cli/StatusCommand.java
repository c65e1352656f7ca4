package net.braid.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What is there of what {@link UpCommand} makes, and what is missing. */
@Command(name = "status",
        description = "Show the stack's addresses, their uplinks, and what is missing.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 0 when everything is there, 1 when not. Needs no privilege, except to see nftables."})
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private UplinkOptions options;

    @Override
    public Integer call() {
        String name = options.name();
        UplinkWork work = UplinkWork.look(name, options.folder());
        try {
            Optional<UplinkState> state = work.state();
            HostFacts facts = work.facts();
            return state.isPresent() ? report(state.get(), facts) : absent(name, facts);
        } catch (IOException problem) {
            return Talk.failed(spec, problem);
        }
    }

    private int absent(String name, HostFacts facts) {
        int left = UplinkPlan.down(name, facts, null, List.of()).size();
        PrintWriter out = spec.commandLine().getOut();
        if (options.json) {
            out.println("{\"name\": " + UplinkState.quote(name) + ", \"complete\": false, \"left\": " + left + "}");
        } else {
            out.println(name + " is not up" + (left > 0 ? ", but some of it is left: 'braid down' removes it" : ""));
        }
        out.flush();
        return Braid.FAILED;
    }

    private int report(UplinkState saved, HostFacts facts) {
        PrintWriter out = spec.commandLine().getOut();
        UplinkState now = saved;
        List<String> missing;
        try {
            UplinkSetup setup = UplinkSetup.of(UplinkRequest.of(saved), facts, saved, saved.namespace());
            now = setup.state().with(saved.settings());
            missing = UplinkPlan.up(setup, facts, saved).stream()
                    .filter(step -> facts.natMark() != null || !step.toString().startsWith("nft"))
                    .map(step -> step.toString().lines().findFirst().orElse("")).toList();
        } catch (UserError wrong) {
            missing = List.of(wrong.getMessage());
        }
        boolean whole = missing.isEmpty() && saved.complete();
        HostFacts.Interface device = facts.device(saved.device());
        boolean attached = device != null && device.carrier();
        if (options.json) {
            out.println("{" + (whole ? now.completed() : now).members() + ", \"attached\": " + attached
                    + ", \"missing\": " + UplinkState.array(missing, UplinkState::quote) + "}");
        } else {
            out.println(saved.name() + (whole ? " is up" : " is not whole") + ", MTU " + now.mtu()
                    + (now.user().isEmpty() ? "" : ", for " + now.user())
                    + (now.nat() ? ", translated" : ", routed")
                    + (now.ports().isEmpty() ? "" : ", ports " + String.join(",", now.ports()))
                    + (attached ? ", in use" : ", nobody attached"));
            UplinkText.paths(now).forEach(out::println);
            if (!whole) {
                out.println("'braid up' was interrupted, or something has changed since; to do:");
                missing.forEach(step -> out.println("  " + step));
            }
            if (facts.natMark() == null && saved.nat()) {
                out.println("  (only root can see whether the addresses are translated)");
            }
        }
        out.flush();
        return whole ? Braid.SUCCESS : Braid.FAILED;
    }
}
