package net.braid.cli;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file or a connection could not be used, in words. */
final class Reason {
    private Reason() {
    }

    static String of(IOException problem) {
        return switch (problem) {
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException absent -> "no such file";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case ClosedChannelException closed -> "the connection was closed at this end";
            case IOException nameless when nameless.getMessage() == null -> nameless.getClass().getSimpleName();
            default -> problem.getMessage();
        };
    }
}
