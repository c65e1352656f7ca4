package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import net.braid.runtime.Acceptance;
import net.braid.runtime.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard input and output that fail: nothing may be lost silently, and nobody may wait for ever. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RelayTest {
    private TwoEngines engines;
    private Acceptance acceptance;
    private Stream ours;
    private Stream theirs;

    @BeforeEach
    void connect() throws IOException {
        engines = new TwoEngines();
        acceptance = engines.listen();
        ours = engines.connect();
        theirs = acceptance.accept(TwoEngines.PATIENCE);
    }

    @AfterEach
    void stop() {
        acceptance.close();
        engines.close();
    }

    @Test
    void inputThatCannotBeReadEndsTheConnectionAndIsNamed() {
        Relay relay = new Relay(ours, new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }
        }, OutputStream.nullOutputStream());
        assertEquals("Is a directory",
                assertThrows(IOException.class, () -> relay.run(TwoEngines.PATIENCE)).getMessage());
        assertThrows(IOException.class, () -> theirs.inputStream().read());
    }

    @Test
    void outputThatCannotBeWrittenIsNamed() throws IOException {
        theirs.outputStream().write(new byte[1000]);
        Relay relay = new Relay(ours, new ByteArrayInputStream(new byte[0]), new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });
        assertEquals("No space left on device",
                assertThrows(IOException.class, () -> relay.run(TwoEngines.PATIENCE)).getMessage());
    }
}
