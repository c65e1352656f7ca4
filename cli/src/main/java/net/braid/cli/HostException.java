package net.braid.cli;

import java.io.IOException;

/** A program of this host, or the host itself, did not do what it was asked for. The message is one line. */
final class HostException extends IOException {
    private static final long serialVersionUID = 1;

    HostException(String message) {
        super(message.lines().findFirst().orElse(""));
    }
}
