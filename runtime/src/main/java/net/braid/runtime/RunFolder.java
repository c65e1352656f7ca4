package net.braid.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where braid keeps what goes with the next start of the machine: {@code /run/braid}. Network namespaces that
 * {@code ip netns} has named share it, and each may have a {@code braid0}: they have a folder of that name in it.
 */
public final class RunFolder {
    private static final Path FOLDER = Path.of("/run/braid");

    private RunFolder() {
    }

    /** Of the network namespace that this process is in. */
    public static Path path() {
        return of(FOLDER, Path.of("/proc/self/ns/net"), Path.of("/run/netns"));
    }

    /**
     * @param own the namespace of this process
     * @param named a file for each namespace, the same file as {@code own} for this one
     */
    static Path of(Path folder, Path own, Path named) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(named)) {
            Object wanted = Files.getAttribute(own, "unix:ino");
            for (Path file : files) {
                if (wanted.equals(Files.getAttribute(file, "unix:ino"))) {
                    return folder.resolve(file.getFileName().toString());
                }
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException none) {
            // No namespaces, or a system without them.
        }
        return folder;
    }
}
