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
    private static final int SIOCGIFHWADDR = 0x8927;
    private static final int SIOCGIFINDEX = 0x8933;
    private static final int ARPHRD_ETHER = 1;
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
            return ask(arena, name, SIOCGIFMTU, "cannot read the MTU of " + name).get(ValueLayout.JAVA_INT, VALUE);
        }
    }

    /** Number of the interface, from 1. */
    static int index(String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, name, SIOCGIFINDEX, "cannot find " + name).get(ValueLayout.JAVA_INT, VALUE);
        }
    }

    /** The 48 bits of an Ethernet interface's address. */
    static long hardwareAddress(String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = ask(arena, name, SIOCGIFHWADDR, "cannot find " + name);
            if (answer.get(ValueLayout.JAVA_SHORT, VALUE) != ARPHRD_ETHER) {
                throw new LinuxException(name + " is no Ethernet interface", Errno.EINVAL);
            }
            return EthernetNeighbours.readMac(answer, VALUE + 2);
        }
    }

    private static MemorySegment ask(Arena arena, String name, int question, String what) throws LinuxException {
        MemorySegment request = request(arena, name);
        int socket = LinuxException.check(Syscalls.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0), "cannot open a socket");
        try {
            LinuxException.check(Syscalls.ioctl(socket, question, request.address()), what);
            return request;
        } finally {
            Syscalls.close(socket);
        }
    }
}
