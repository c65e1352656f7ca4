package net.braid.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lab itself, with a kernel at both ends: what it shows here is what Braid is compared with. */
class KernelToKernelTest extends InteropTest {

    private void transfer(boolean ipv6, int paths) {
        String address = Namespaces.kernelAddress(1, ipv6);
        try (KernelPeer server = KernelPeer.serve(net.kernel, "mptcp", ipv6, PORT, 1, "both:2000000");
                KernelPeer client = KernelPeer.connect(net.ours, "mptcp", address, PORT, 1, "info,both:2000000,info")) {
            KernelPeer.Event sent = server.await("sent");
            KernelPeer.Event received = server.await("received");
            server.await("done");
            client.await("info");
            assertEquals(received.sha(), client.await("sent").sha());
            assertEquals(sent.sha(), client.await("received").sha());
            client.await("done");
        }
        assertEquals(paths - 1, kernel().get("MPJoinAckRx"), () -> kernel().toString());
        kernelIsContent();
        captureIsClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onePath(boolean ipv6) {
        beginWithKernels(1);
        transfer(ipv6, 1);
    }

    @Test
    void twoPathsByJoinOfTheClient() {
        beginWithKernels(2);
        net.endpoint(net.ours, Namespaces.ourAddress(2, false), "dev", "b2", "subflow");
        transfer(false, 2);
    }

    @Test
    void twoPathsByAnnouncement() {
        beginWithKernels(2);
        net.kernelEndpoint(Namespaces.kernelAddress(2, false), "signal");
        transfer(false, 2);
        assertEquals(1, kernel().get("EchoAdd"));
    }
}
