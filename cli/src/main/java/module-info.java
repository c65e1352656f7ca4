/** The {@code braid} command. */
module net.braid.cli {
    requires net.braid.sim;


}
