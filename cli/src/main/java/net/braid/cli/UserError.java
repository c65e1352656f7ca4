package net.braid.cli;

/** What the user gave was wrong. The message is one line that says what, and what would be right. Exit code 2. */
final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    UserError(String message) {
        super(message.lines().findFirst().orElse(""));
    }
}
