package net.braid.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Set;
import net.braid.linux.NetworkEvent;
import net.braid.wire.IpAddress;
import org.junit.jupiter.api.Test;

class InterfaceViewTest {
    private static final IpAddress V4 = IpAddress.parse("192.0.2.5");
    private static final IpAddress V6 = IpAddress.parse("2001:db8::5");
    private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::5");

    private final InterfaceView view = new InterfaceView();

    private void up() {
        view.accept(new NetworkEvent.LinkUp(3, "wlan0"));
    }

    private void add(IpAddress address) {
        view.accept(new NetworkEvent.AddressAdded(address, 24, 3, "wlan0"));
    }

    @Test
    void interfaceThatIsDownHasNoAddressesToSpeakOf() {
        add(V4);
        assertNull(view.addresses("wlan0", true));
        up();
        assertEquals(Set.of(V4), view.addresses("wlan0", true));
        view.accept(new NetworkEvent.LinkDown(3, "wlan0"));
        assertNull(view.addresses("wlan0", true));
    }

    @Test
    void eachFamilyIsForItself() {
        up();
        add(V4);
        assertEquals(Set.of(), view.addresses("wlan0", false));
        add(V6);
        assertEquals(Set.of(V6), view.addresses("wlan0", false));
    }

    @Test
    void linkLocalAddressLeadsNowhereFar() {
        up();
        add(LINK_LOCAL);
        assertEquals(Set.of(), view.addresses("wlan0", false));
    }

    @Test
    void addressThatIsGoneIsGone() {
        up();
        add(V4);
        view.accept(new NetworkEvent.AddressRemoved(V4, 24, 3, "wlan0"));
        assertEquals(Set.of(), view.addresses("wlan0", true));
    }

    @Test
    void interfaceIsKnownByItsPresentName() {
        up();
        view.accept(new NetworkEvent.LinkDown(3, "wlan0"));
        view.accept(new NetworkEvent.LinkUp(3, "wifi"));
        assertNull(view.addresses("wlan0", true));
        assertEquals(Set.of(), view.addresses("wifi", true));
    }
}
