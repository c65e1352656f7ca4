package net.braid.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(30)
class AddressWatcherTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<NetworkEvent> events = new ArrayList<>();
    private final String device = Kernel.name("bwt");
    private AddressWatcher watcher;
    private EventWaiter waiter;

    @BeforeEach
    void open() throws IOException {
        watcher = AddressWatcher.open();
        waiter = new EventWaiter();
        waiter.add(watcher);
        watcher.poll(events::add);
    }

    @AfterEach
    void close() {
        waiter.close();
        watcher.close();
    }

    @Test
    void whatIsThereIsToldFirst() throws IOException {
        awaitEvent(new NetworkEvent.AddressAdded(IpAddress.parse("127.0.0.1"), 8, 1, "lo"));
        assertTrue(events.contains(new NetworkEvent.LinkUp(1, "lo")));
        assertTrue(events.indexOf(new NetworkEvent.LinkUp(1, "lo"))
                < events.indexOf(new NetworkEvent.AddressAdded(IpAddress.parse("127.0.0.1"), 8, 1, "lo")));
    }

    @Test
    void addressesThatComeAndGoAreTold() throws IOException {
        Kernel.require();
        try (TunLink _ = TunLink.open(device, 0)) {
            IpAddress v4 = IpAddress.parse("198.51.100.7");
            Kernel.run("ip addr add 198.51.100.7/24 dev " + device);
            Kernel.run("ip link set " + device + " up");
            int index = awaitUp();
            awaitEvent(new NetworkEvent.AddressAdded(v4, 24, index, device));
            Kernel.run("ip addr del 198.51.100.7/24 dev " + device);
            awaitEvent(new NetworkEvent.AddressRemoved(v4, 24, index, device));
            Kernel.run("ip addr add 2001:db8:7::1/64 dev " + device + " nodad");
            awaitEvent(new NetworkEvent.AddressAdded(IpAddress.parse("2001:db8:7::1"), 64, index, device));
        }
        awaitGone();
    }

    @Test
    void theSameNewsTwiceIsOneEvent() throws IOException {
        Kernel.require();
        try (TunLink _ = TunLink.open(device, 0)) {
            Kernel.run("ip addr add 198.51.100.8/24 dev " + device);
            Kernel.run("ip link set " + device + " up");
            int index = awaitUp();
            NetworkEvent added = new NetworkEvent.AddressAdded(IpAddress.parse("198.51.100.8"), 24, index, device);
            awaitEvent(added);
            Kernel.run("ip addr change 198.51.100.8/24 dev " + device + " valid_lft 1000 preferred_lft 1000");
            Kernel.run("ip addr add 198.51.100.9/24 dev " + device);
            awaitEvent(new NetworkEvent.AddressAdded(IpAddress.parse("198.51.100.9"), 24, index, device));
            assertEquals(1, events.stream().filter(added::equals).count());
        }
    }

    @Test
    void anInterfaceThatGoesTakesItsAddressesAlong() throws IOException {
        Kernel.require();
        int index;
        try (TunLink _ = TunLink.open(device, 0)) {
            Kernel.run("ip addr add 198.51.100.10/24 dev " + device);
            Kernel.run("ip link set " + device + " up");
            index = awaitUp();
            awaitEvent(new NetworkEvent.AddressAdded(IpAddress.parse("198.51.100.10"), 24, index, device));
        }
        awaitEvent(new NetworkEvent.AddressRemoved(IpAddress.parse("198.51.100.10"), 24, index, device));
        awaitEvent(new NetworkEvent.LinkDown(index, device));
    }

    @Test
    void afterAnOverrunOnlyTheDifferenceIsTold() throws IOException {
        Kernel.require();
        try (TunLink _ = TunLink.open(device, 0)) {
            Kernel.run("ip link set " + device + " up");
            int index = awaitUp();
            events.clear();
            StringBuilder batch = new StringBuilder();
            for (int i = 0; i < 4000; i++) {
                String address = "198.18." + i % 200 + ".1/32 dev " + device + "\n";
                batch.append("addr add ").append(address).append("addr del ").append(address);
            }
            batch.append("addr add 198.51.100.11/24 dev ").append(device).append('\n');
            Path file = Files.createTempFile("braid", ".batch");
            Files.writeString(file, batch);
            Kernel.run("ip -batch " + file);
            Files.delete(file);
            awaitEvent(new NetworkEvent.AddressAdded(IpAddress.parse("198.51.100.11"), 24, index, device));
            assertTrue(watcher.overruns() > 0, "the batch was meant to overrun the socket");
            List<NetworkEvent> left = new ArrayList<>();
            for (NetworkEvent event : events) {
                switch (event) {
                    case NetworkEvent.AddressAdded added -> left.add(added);
                    case NetworkEvent.AddressRemoved(var address, var length, var at, var name) ->
                        left.remove(new NetworkEvent.AddressAdded(address, length, at, name));
                    default -> { }
                }
            }
            left.removeIf(event -> !event.interfaceName().equals(device)
                    || event instanceof NetworkEvent.AddressAdded added && added.address().isLinkLocal());
            assertEquals(List.of(new NetworkEvent.AddressAdded(IpAddress.parse("198.51.100.11"), 24, index, device)),
                    left);
        }
    }

    private void awaitEvent(NetworkEvent wanted) {
        long end = System.nanoTime() + 10 * SECOND;
        while (!events.contains(wanted) && System.nanoTime() < end) {
            waiter.await(SECOND / 10);
            watcher.poll(events::add);
        }
        assertTrue(events.contains(wanted), "no " + wanted + " in " + events);
    }

    private int awaitUp() {
        long end = System.nanoTime() + 10 * SECOND;
        while (System.nanoTime() < end) {
            for (NetworkEvent event : events) {
                if (event instanceof NetworkEvent.LinkUp(int index, String name) && name.equals(device)) {
                    return index;
                }
            }
            waiter.await(SECOND / 10);
            watcher.poll(events::add);
        }
        throw new AssertionError("no LinkUp of " + device + " in " + events);
    }

    private void awaitGone() {
        long end = System.nanoTime() + 10 * SECOND;
        boolean gone = false;
        while (!gone && System.nanoTime() < end) {
            waiter.await(SECOND / 10);
            watcher.poll(events::add);
            gone = events.stream().anyMatch(event -> event instanceof NetworkEvent.LinkDown down
                    && down.interfaceName().equals(device));
        }
        assertTrue(gone, "no LinkDown in " + events);
        assertFalse(events.isEmpty());
    }
}
