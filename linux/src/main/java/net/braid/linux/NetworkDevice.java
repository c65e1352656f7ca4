package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Questions about a network interface by {@code struct ifreq}. */
final class NetworkDevice {
    static final int NAME_BYTES = 16;
    static final int REQUEST_BYTES = 40;
    static final int VALUE = 16;

    private static final int SIOCGIFMTU = 0x8921;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 0x80002;

    private NetworkDevice() {
    }

    /** @throws IllegalArgumentException when no interface can have this name */
    static MemorySegment request(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes.length >= NAME_BYTES || name.contains("/") || name.contains(" ")) {
            throw new IllegalArgumentException("an interface's name has 1 to 15 characters, not '" + name + "'");
        }
        MemorySegment request = arena.allocate(REQUEST_BYTES, 8);
        MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return request;
    }

    /** Largest IP packet that the interface takes, in bytes. */
    static int mtu(String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            int socket = LinuxException.check(Syscalls.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0), "cannot open a socket");
            try {
                LinuxException.check(Syscalls.ioctl(socket, SIOCGIFMTU, request.address()),
                        "cannot read the MTU of " + name);
                return request.get(ValueLayout.JAVA_INT, VALUE);
            } finally {
                Syscalls.close(socket);
            }
        }
    }
}
