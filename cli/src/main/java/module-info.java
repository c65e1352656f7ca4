/** The {@code braid} command. */
module net.braid.cli {
    requires net.braid.linux;
    requires net.braid.runtime;
    requires net.braid.sim;
    requires info.picocli;

    // picocli fills in annotated fields.
    opens net.braid.cli to info.picocli;
}
