package net.braid.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/** What the network must know of a packet that begins at offset 0. Anything may stand in it. */
final class Packets {
    private Packets() {
    }

    /** 4 or 6; anything else: not a packet that we know, or too short to have a header. */
    static int version(MemorySegment memory, int length) {
        if (length < Ipv4Header.LENGTH) {
            return 0;
        }
        int version = (memory.get(ValueLayout.JAVA_BYTE, 0) & 0xf0) >>> 4;
        if (version == Ipv4Header.VERSION) {
            int header = Ipv4Header.headerLength(memory, 0);
            return header >= Ipv4Header.LENGTH && header <= length ? Ipv4Header.VERSION : 0;
        }
        return version == Ipv6Header.VERSION && length >= Ipv6Header.LENGTH ? Ipv6Header.VERSION : 0;
    }

    /** Marks "congestion experienced". False: the sender has not said that it understands marks. */
    static boolean markCongestion(MemorySegment memory, int length) {
        int version = version(memory, length);
        if (version == Ipv4Header.VERSION && (Ipv4Header.trafficClass(memory, 0) & 3) != 0) {
            Ipv4Header.setEcn(memory, 0, 3);
            return true;
        }
        if (version == Ipv6Header.VERSION && (Ipv6Header.trafficClass(memory, 0) & 3) != 0) {
            Ipv6Header.setEcn(memory, 0, 3);
            return true;
        }
        return false;
    }
}
