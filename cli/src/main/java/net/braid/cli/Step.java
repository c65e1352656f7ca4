package net.braid.cli;

import java.util.List;
import java.util.stream.Collectors;

/** One change of the host. As text it is what one would type in a shell. */
sealed interface Step {
    /**
     * A program to run.
     *
     * @param input what it reads from its standard input, or empty
     */
    record Run(List<String> command, String input) implements Step {
        @Override
        public String toString() {
            String line = command.stream().map(Run::quoted).collect(Collectors.joining(" "));
            return input.isEmpty() ? line : line + " <<'END'\n" + input + "END";
        }

        private static String quoted(String word) {
            return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
        }
    }

    /**
     * A setting of the kernel.
     *
     * @param saved whether what it was is to be remembered
     */
    record Set(String name, String value, boolean saved) implements Step {
        @Override
        public String toString() {
            return "sysctl -w " + name + "=" + value;
        }
    }

    static Step run(String... command) {
        return new Run(List.of(command), "");
    }

    static Step run(List<String> command) {
        return new Run(List.copyOf(command), "");
    }
}
