package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PcapScenarioTest {
    @Test
    void print() throws IOException {
        Path folder = Reactor.find().root().resolve("wire/src/test/resources/net/braid/wire/pcaps");
        for (PcapScenarios s : PcapScenarios.values()) {
            OptionTrace linux = OptionTrace.of(folder.resolve(s.clientPcap), 1);
            OptionTrace linuxServer = OptionTrace.of(folder.resolve(s.serverPcap), 1);
            PcapScenario scenario = s.create();
            OptionTrace ours;
            try {
                ours = scenario.run();
            } catch (Throwable t) {
                System.out.println("## " + s + " FAILED " + t);
                t.printStackTrace(System.out);
                continue;
            }
            System.out.println("## " + s + " " + scenario.clientEnd() + " " + scenario.serverEnd());
            show("client", linux.client(), ours.client());
            show("server", linuxServer.server(), ours.server());
        }
    }

    private static void show(String side, String linux, String ours) {
        if (linux.equals(ours)) {
            System.out.println(side + " same:  " + ours.replace("\n", "\n             "));
        } else {
            System.out.println(side + " linux: " + linux.replace("\n", "\n             "));
            System.out.println(side + " ours:  " + ours.replace("\n", "\n             "));
        }
    }
}
