package net.braid.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.braid.wire.IpAddress;

/** {@code struct sockaddr_in} and {@code sockaddr_in6}. */
final class SocketAddresses {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    /** Room for either, a multiple of 8. */
    static final int BYTES = 32;

    private static final int V4_BYTES = 16;
    private static final int V6_BYTES = 28;
    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private SocketAddresses() {
    }

    static int family(IpAddress address) {
        return address.isV4() ? AF_INET : AF_INET6;
    }

    /** Writes {@link #BYTES} bytes, of which the answer says how many are the structure. */
    static int write(MemorySegment memory, IpAddress address, int port) {
        memory.asSlice(0, BYTES).fill((byte) 0);
        memory.set(ValueLayout.JAVA_SHORT, 0, (short) family(address));
        memory.set(PORT, 2, (short) port);
        address.write(memory, address.isV4() ? 4 : 8);
        return address.isV4() ? V4_BYTES : V6_BYTES;
    }

    static int port(MemorySegment memory) {
        return Short.toUnsignedInt(memory.get(PORT, 2));
    }

    static IpAddress address(MemorySegment memory) {
        return memory.get(ValueLayout.JAVA_SHORT, 0) == AF_INET ? IpAddress.readV4(memory, 4)
                : IpAddress.readV6(memory, 8);
    }

    /** Whether family, address and port agree. */
    static boolean same(MemorySegment one, long at, MemorySegment other, long otherAt) {
        return one.get(LONG, at) == other.get(LONG, otherAt)
                && (one.get(ValueLayout.JAVA_SHORT, at) == AF_INET
                || one.get(LONG, at + 8) == other.get(LONG, otherAt + 8)
                && one.get(LONG, at + 16) == other.get(LONG, otherAt + 16));
    }

    static void copy(MemorySegment from, MemorySegment to, long at) {
        MemorySegment.copy(from, 0, to, at, BYTES);
    }
}
