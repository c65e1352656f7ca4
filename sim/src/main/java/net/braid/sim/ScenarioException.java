package net.braid.sim;

/** Something is wrong with a scenario. The message is one line that says where, what, and what would be right. */
public final class ScenarioException extends Exception {
    private static final long serialVersionUID = 1;

    public ScenarioException(String where, String what) {
        super(where + ": " + what);
    }
}
