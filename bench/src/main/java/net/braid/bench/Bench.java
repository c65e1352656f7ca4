package net.braid.bench;

import java.io.IOException;
import org.openjdk.jmh.Main;

/** {@code ./braid bench}: JMH with its own arguments, for example {@code WireBenchmark -f 1 -prof gc}. */
public final class Bench {
    private Bench() {
    }

    public static void main(String[] arguments) throws IOException {
        Main.main(arguments);
    }
}
