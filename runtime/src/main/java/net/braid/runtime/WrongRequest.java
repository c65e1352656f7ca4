package net.braid.runtime;

/** What was asked for is wrong, with a sentence that says what would be right. */
final class WrongRequest extends Exception {
    private static final long serialVersionUID = 1;

    WrongRequest(String message) {
        super(message);
    }

    static void unless(boolean condition, String otherwise) throws WrongRequest {
        if (!condition) {
            throw new WrongRequest(otherwise);
        }
    }
}
