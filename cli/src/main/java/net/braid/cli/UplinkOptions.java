package net.braid.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which set of uplinks a command is about. */
final class UplinkOptions {
    private static final int LONGEST_NAME = 12;

    @Option(names = {"-n", "--name", "--device"}, paramLabel = "NAME", defaultValue = "braid0",
            description = "Its name, and that of its TUN device (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(names = "--state", paramLabel = "FOLDER",
            description = "Where its state is kept (default: $BRAID_STATE, or /run/braid; in a namespace of "
                    + "ip netns /run/braid/NAMESPACE).")
    private Path state;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    /** @throws UserError when it cannot be the name of a device and of a table */
    String name() {
        if (!name.matches("[A-Za-z][A-Za-z0-9_-]*") || name.length() > LONGEST_NAME) {
            throw new UserError("--name " + name + ": up to " + LONGEST_NAME + " letters, digits, '-' and '_', and a "
                    + "letter first");
        }
        return name;
    }

    Path folder() {
        return state != null ? state : UplinkState.folder();
    }
}
