package net.braid.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The project on disk: where its modules, sources and class files are. */
public final class Reactor {
    private final Path root;

    private Reactor(Path root) {
        this.root = root;
    }

    /** Looks upwards from the working directory for the folder that holds all modules. */
    public static Reactor find() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isRegularFile(folder.resolve("base/pom.xml"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("not inside the project: " + Path.of("").toAbsolutePath());
        }
        return new Reactor(folder);
    }

    public Path root() {
        return root;
    }

    /** Folders with a pom.xml, sorted. */
    public List<String> modules() {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve("pom.xml")))
                    .map(folder -> folder.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiled main classes of a module, module-info included. */
    public List<Path> classFiles(String module) {
        return files(root.resolve(module).resolve("target/classes"), ".class");
    }

    /** Main and test sources of all modules. */
    public List<Path> sources() {
        List<Path> all = new ArrayList<>();
        for (String module : modules()) {
            all.addAll(files(root.resolve(module).resolve("src"), ".java"));
        }
        return all;
    }

    public List<Path> files(Path folder, String suffix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> path.toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
