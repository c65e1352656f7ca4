package net.braid.wire;

import java.lang.foreign.MemorySegment;

/**
 * A packet from a capture file.
 *
 * @param interfaceName empty when the file names none
 * @param linkType as tcpdump.org lists them: 1 Ethernet, 101 raw IP
 * @param timestampNanos since the epoch
 * @param memory native, exactly the captured bytes
 * @param originalLength on the wire; more than was captured when the packet was cut
 * @param comment null for none
 */
public record CapturedPacket(int interfaceId, String interfaceName, int linkType, long timestampNanos,
        MemorySegment memory, int originalLength, String comment) {
    public static final int ETHERNET = 1;
    public static final int LINUX_COOKED = 113;
    /** Two more numbers that old files use for raw IP. */
    private static final int RAW_BSD = 12;
    private static final int RAW_OPENBSD = 14;
    private static final int IPV4 = 228;
    private static final int IPV6 = 229;

    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_PROVIDER_VLAN = 0x88a8;

    public int length() {
        return (int) memory.byteSize();
    }

    /** Offset of the IP header in {@link #memory}, or -1 when there is none. */
    public int ipOffset() {
        return switch (linkType) {
            case PcapngWriter.RAW_IP, RAW_BSD, RAW_OPENBSD, IPV4, IPV6 -> 0;
            case ETHERNET -> behindType(12);
            case LINUX_COOKED -> behindType(14);
            default -> -1;
        };
    }

    private int behindType(int at) {
        while (at + 2 <= length()) {
            int type = Short.toUnsignedInt(memory.get(Layouts.SHORT, at));
            if (type == TYPE_IPV4 || type == TYPE_IPV6) {
                return at + 2;
            }
            if (type != TYPE_VLAN && type != TYPE_PROVIDER_VLAN) {
                return -1;
            }
            at += 4;
        }
        return -1;
    }

    /** Bytes from {@link #ipOffset} on. */
    public int ipLength() {
        return length() - ipOffset();
    }
}
