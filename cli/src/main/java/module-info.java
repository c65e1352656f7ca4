/** The {@code braid} command. */
module net.braid.cli {
    requires net.braid.sim;
    requires info.picocli;

    exports net.braid.cli;

    opens net.braid.cli to info.picocli;
}
