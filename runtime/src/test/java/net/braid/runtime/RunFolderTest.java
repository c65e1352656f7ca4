package net.braid.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class RunFolderTest {
    @TempDir
    private Path folder;
    private Path named;

    @BeforeEach
    void makeNamespaces() throws IOException {
        named = Files.createDirectory(folder.resolve("netns"));
        Files.createFile(named.resolve("blue"));
        Files.createFile(named.resolve("green"));
    }

    @Test
    void aNamedNamespaceHasAFolderOfItsOwn() throws IOException {
        Path own = Files.createSymbolicLink(folder.resolve("own"), named.resolve("green"));
        assertEquals(folder.resolve("green"), RunFolder.of(folder, own, named));
    }

    @Test
    void anyOtherNamespaceHasTheFolderItself() throws IOException {
        assertEquals(folder, RunFolder.of(folder, Files.createFile(folder.resolve("own")), named));
    }

    @Test
    void withoutNamespacesThereIsTheFolder() {
        assertEquals(folder, RunFolder.of(folder, folder.resolve("own"), folder.resolve("none")));
    }
}
