package net.braid.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import net.braid.wire.Checksum;
import net.braid.wire.IcmpHeader;
import net.braid.wire.IpAddress;
import net.braid.wire.Ipv4Header;
import net.braid.wire.Ipv6Header;

/**
 * Our addresses on an Ethernet and the hardware addresses of others: answers ARP (RFC 826) and neighbour solicitations
 * (RFC 4861) for ours, and finds the next hop of packets that leave. Frames are built for {@link Frames} and read where
 * they lie; MAC addresses are 48 bits of a {@code long}.
 *
 * <p>A neighbour is asked for once a second while packets for it wait; after {@link #CONFIRM_NANOS} it is asked again
 * while packets go on to the known address, and forgotten after {@link #MOST_PROBES} questions without an answer.
 */
final class EthernetNeighbours {
    /** Where frames go that this class builds. */
    @FunctionalInterface
    interface Frames {
        void send(MemorySegment memory, long offset, int length);
    }

    static final int HEADER = 14;
    static final int ARP = 0x0806;
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    /** No address: what {@link #resolve} answers while the neighbour is not known. */
    static final long UNKNOWN = -1;
    /** There is no way to the destination. */
    static final long NO_ROUTE = -2;
    static final long CONFIRM_NANOS = 30_000_000_000L;
    static final long PROBE_NANOS = 1_000_000_000L;
    static final int MOST_PROBES = 5;

    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long ALL_NODES = 0x3333_0000_0001L;
    private static final long SOLICITED = 0x3333_ff00_0000L;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ARP_BYTES = 28;
    private static final int ARP_REQUEST = 1;
    private static final int ARP_REPLY = 2;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int ND_BYTES = 24;
    private static final int LINK_OPTION_BYTES = 8;
    private static final int SOURCE_OPTION = 1;
    private static final int TARGET_OPTION = 2;
    private static final int SOLICITED_FLAG = 0x4000_0000;
    private static final int OVERRIDE_FLAG = 0x2000_0000;
    private static final int HOPS = 255;

    private final long mac;
    private final Frames frames;
    private final MemorySegment frame;
    private final long[] ownHigh;
    private final long[] ownLow;
    private final long[] maskHigh;
    private final long[] maskLow;
    private final IpAddress[] gateways;
    private final PeerTable table = new PeerTable();
    private final long[] macs = new long[PeerTable.LIMIT];
    private final long[] probed = new long[PeerTable.LIMIT];
    private final int[] probes = new int[PeerTable.LIMIT];
    private int changes;
    private long conflicts;

    EthernetNeighbours(Arena arena, long mac, List<InterfaceAddress> addresses, Frames frames) {
        this.mac = mac;
        this.frames = frames;
        frame = arena.allocate(128, 8);
        int count = addresses.size();
        ownHigh = new long[count];
        ownLow = new long[count];
        maskHigh = new long[count];
        maskLow = new long[count];
        gateways = new IpAddress[count];
        for (int i = 0; i < count; i++) {
            InterfaceAddress own = addresses.get(i);
            int bits = own.prefixLength() + (own.address().isV4() ? 96 : 0);
            ownHigh[i] = own.address().high();
            ownLow[i] = own.address().low();
            maskHigh[i] = bits == 0 ? 0 : -1L << Math.max(0, 64 - bits);
            maskLow[i] = bits <= 64 ? 0 : -1L << 128 - bits;
            gateways[i] = own.gateway();
        }
    }

    /** The group that asks for an IPv6 address, as hardware address. */
    static long solicitedGroup(IpAddress address) {
        return SOLICITED | address.low() & 0xff_ffff;
    }

    static long readMac(MemorySegment memory, long offset) {
        return (long) memory.get(SHORT, offset) << 32 & 0xffff_0000_0000L
                | Integer.toUnsignedLong(memory.get(INT, offset + 2));
    }

    static void writeMac(MemorySegment memory, long offset, long mac) {
        memory.set(SHORT, offset, (short) (mac >>> 32));
        memory.set(INT, offset + 2, (int) mac);
    }

    static void writeHeader(MemorySegment memory, long offset, long destination, long source, int type) {
        writeMac(memory, offset, destination);
        writeMac(memory, offset + 6, source);
        memory.set(SHORT, offset + 12, (short) type);
    }

    boolean isOwn(long high, long low) {
        return own(high, low) >= 0;
    }

    private int own(long high, long low) {
        for (int i = 0; i < ownLow.length; i++) {
            if (ownLow[i] == low && ownHigh[i] == high) {
                return i;
            }
        }
        return -1;
    }

    /** Grows whenever a neighbour's address has been learned: then what waits may be tried again. */
    int changes() {
        return changes;
    }

    /** How often another host has claimed an address of ours. */
    long conflicts() {
        return conflicts;
    }

    /** The hardware address for a packet, {@link #UNKNOWN} or {@link #NO_ROUTE}. May ask the network. */
    long resolve(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, long now) {
        int own = own(sourceHigh, sourceLow);
        if (own < 0) {
            return NO_ROUTE;
        }
        long high = destinationHigh;
        long low = destinationLow;
        boolean linkLocal = destinationHigh >>> 54 == 0x3fa;
        if (!linkLocal && (((high ^ ownHigh[own]) & maskHigh[own]) != 0 || ((low ^ ownLow[own]) & maskLow[own]) != 0)) {
            if (gateways[own] == null) {
                return NO_ROUTE;
            }
            high = gateways[own].high();
            low = gateways[own].low();
        }
        int slot = table.find(high, low);
        if (slot == PeerTable.NONE) {
            slot = table.add(high, low, now);
            if (slot == PeerTable.NONE) {
                return NO_ROUTE;
            }
            macs[slot] = UNKNOWN;
            probes[slot] = 0;
        }
        if (macs[slot] == UNKNOWN || table.silentFor(slot, now) >= CONFIRM_NANOS) {
            probe(slot, own, high, low, now);
        }
        return macs[slot];
    }

    private void probe(int slot, int own, long high, long low, long now) {
        if (probes[slot] > 0 && now - probed[slot] < PROBE_NANOS) {
            return;
        }
        if (macs[slot] != UNKNOWN && probes[slot] >= MOST_PROBES) {
            macs[slot] = UNKNOWN;
        }
        probes[slot]++;
        probed[slot] = now;
        if (IpAddress.isV4(high, low)) {
            writeArp(ARP_REQUEST, BROADCAST, (int) ownLow[own], 0, (int) low);
            frames.send(frame, 0, HEADER + ARP_BYTES);
        } else {
            solicit(own, high, low);
        }
    }

    private void learn(long high, long low, long address, long now, boolean create) {
        if (own(high, low) >= 0) {
            conflicts++;
            return;
        }
        if ((address & 1L << 40) != 0 || address == 0 || !IpAddress.isUnicast(high, low)) {
            return;
        }
        int slot = table.find(high, low);
        if (slot == PeerTable.NONE && create) {
            slot = table.add(high, low, now);
        }
        if (slot != PeerTable.NONE) {
            macs[slot] = address;
            probes[slot] = 0;
            table.heard(slot, now);
            changes++;
        }
    }

    /** A frame of type ARP has arrived; {@code offset} is behind the Ethernet header. */
    void onArp(MemorySegment memory, long offset, int length, long now) {
        if (length < ARP_BYTES || memory.get(LONG, offset) >>> 16 != 0x0001_0800_0604L) {
            return;
        }
        int operation = memory.get(SHORT, offset + 6);
        long senderMac = readMac(memory, offset + 8);
        int sender = memory.get(INT, offset + 14);
        int target = memory.get(INT, offset + 24);
        if (senderMac == mac || operation != ARP_REQUEST && operation != ARP_REPLY) {
            return;
        }
        boolean forUs = isOwn(0, IpAddress.mapped(target));
        // An address of 0 asks whether ours is free (RFC 5227); there is nothing to learn from it.
        if (sender != 0) {
            learn(0, IpAddress.mapped(sender), senderMac, now, forUs && operation == ARP_REQUEST);
        }
        if (forUs && operation == ARP_REQUEST) {
            writeArp(ARP_REPLY, senderMac, target, senderMac, sender);
            frames.send(frame, 0, HEADER + ARP_BYTES);
        }
    }

    private void writeArp(int operation, long destination, int senderAddress, long targetMac, int targetAddress) {
        writeHeader(frame, 0, destination, mac, ARP);
        frame.set(LONG, HEADER, 0x0001_0800_0604_0000L | operation);
        writeMac(frame, HEADER + 8, mac);
        frame.set(INT, HEADER + 14, senderAddress);
        writeMac(frame, HEADER + 18, targetMac);
        frame.set(INT, HEADER + 24, targetAddress);
    }

    /**
     * An IPv6 packet has arrived; answers whether it was neighbour discovery, and so is not for the stack.
     *
     * @param length of the IPv6 packet
     */
    boolean onIpv6(MemorySegment memory, long offset, int length, long now) {
        if (length < Ipv6Header.LENGTH + IcmpHeader.LENGTH
                || Ipv6Header.nextHeader(memory, offset) != IcmpHeader.PROTOCOL_V6) {
            return false;
        }
        long message = offset + Ipv6Header.LENGTH;
        int type = Byte.toUnsignedInt(memory.get(BYTE, message));
        if (type < 133 || type > 137) {
            return false;
        }
        int bytes = Ipv6Header.payloadLength(memory, offset);
        if (bytes >= ND_BYTES && bytes <= length - Ipv6Header.LENGTH && Ipv6Header.hopLimit(memory, offset) == HOPS
                && memory.get(BYTE, message + 1) == 0 && checksumIsRight(memory, offset, bytes)) {
            if (type == SOLICITATION) {
                onSolicitation(memory, offset, message, bytes, now);
            } else if (type == ADVERTISEMENT) {
                onAdvertisement(memory, message, bytes, now);
            }
        }
        return true;
    }

    private static boolean checksumIsRight(MemorySegment memory, long ip, int bytes) {
        return Checksum.add(pseudo(memory, ip, bytes), Checksum.sum(memory, ip + Ipv6Header.LENGTH, bytes))
                == Checksum.VALID;
    }

    private static int pseudo(MemorySegment memory, long ip, int bytes) {
        return Checksum.pseudoHeader(true, Ipv6Header.sourceHigh(memory, ip), Ipv6Header.sourceLow(memory, ip),
                Ipv6Header.destinationHigh(memory, ip), Ipv6Header.destinationLow(memory, ip),
                IcmpHeader.PROTOCOL_V6, bytes);
    }

    private void onSolicitation(MemorySegment memory, long ip, long message, int bytes, long now) {
        int own = own(memory.get(LONG, message + 8), memory.get(LONG, message + 16));
        if (own < 0) {
            return;
        }
        long high = Ipv6Header.sourceHigh(memory, ip);
        long low = Ipv6Header.sourceLow(memory, ip);
        long sender = linkOption(memory, message, bytes, SOURCE_OPTION);
        if (high == 0 && low == 0) {
            // Duplicate address detection: everybody is to know that the address is taken (RFC 4861 section 7.2.4).
            advertise(own, ALL_NODES, 0xff02_0000_0000_0000L, 1, OVERRIDE_FLAG);
            return;
        }
        if (sender == UNKNOWN) {
            // A unicast question need not say; the frame's source does.
            sender = readMac(memory, ip - 8);
        }
        learn(high, low, sender, now, true);
        advertise(own, sender, high, low, SOLICITED_FLAG | OVERRIDE_FLAG);
    }

    private void onAdvertisement(MemorySegment memory, long message, int bytes, long now) {
        long high = memory.get(LONG, message + 8);
        long low = memory.get(LONG, message + 16);
        long sender = linkOption(memory, message, bytes, TARGET_OPTION);
        if (sender == UNKNOWN) {
            return;
        }
        int slot = table.find(high, low);
        boolean override = (memory.get(INT, message + 4) & OVERRIDE_FLAG) != 0;
        if (slot != PeerTable.NONE && macs[slot] != UNKNOWN && macs[slot] != sender && !override) {
            return;
        }
        learn(high, low, sender, now, false);
    }

    /** The hardware address in an option, or {@link #UNKNOWN}. */
    private static long linkOption(MemorySegment memory, long message, int bytes, int wanted) {
        int at = ND_BYTES;
        while (at + LINK_OPTION_BYTES <= bytes) {
            int length = Byte.toUnsignedInt(memory.get(BYTE, message + at + 1)) * 8;
            if (length == 0) {
                return UNKNOWN;
            }
            if (memory.get(BYTE, message + at) == wanted && length == LINK_OPTION_BYTES) {
                return readMac(memory, message + at + 2);
            }
            at += length;
        }
        return UNKNOWN;
    }

    private void solicit(int own, long high, long low) {
        long group = low & 0xff_ffff;
        writeNeighbour(SOLICITED | group, own, 0xff02_0000_0000_0000L, 0x1_ff00_0000L | group, SOLICITATION, 0, high,
                low, SOURCE_OPTION);
    }

    private void advertise(int own, long destination, long high, long low, int flags) {
        writeNeighbour(destination, own, high, low, ADVERTISEMENT, flags, ownHigh[own], ownLow[own], TARGET_OPTION);
    }

    private void writeNeighbour(long destination, int own, long toHigh, long toLow, int type, int flags,
            long targetHigh, long targetLow, int option) {
        int bytes = ND_BYTES + LINK_OPTION_BYTES;
        long message = HEADER + Ipv6Header.LENGTH;
        writeHeader(frame, 0, destination, mac, IPV6);
        Ipv6Header.write(frame, HEADER, 0, 0, bytes, IcmpHeader.PROTOCOL_V6, HOPS, ownHigh[own], ownLow[own], toHigh,
                toLow);
        frame.set(INT, message, type << 24);
        frame.set(INT, message + 4, flags);
        frame.set(LONG, message + 8, targetHigh);
        frame.set(LONG, message + 16, targetLow);
        frame.set(BYTE, message + ND_BYTES, (byte) option);
        frame.set(BYTE, message + ND_BYTES + 1, (byte) 1);
        writeMac(frame, message + ND_BYTES + 2, mac);
        int sum = Checksum.add(pseudo(frame, HEADER, bytes), Checksum.sum(frame, message, bytes));
        frame.set(SHORT, message + 2, (short) Checksum.finish(sum));
        frames.send(frame, 0, (int) message + bytes);
    }

    /** Whether a packet with this IPv4 header is for one of our addresses. */
    boolean isForUsV4(MemorySegment memory, long offset) {
        return isOwn(0, IpAddress.mapped(Ipv4Header.destination(memory, offset)));
    }

    boolean isForUsV6(MemorySegment memory, long offset) {
        return isOwn(Ipv6Header.destinationHigh(memory, offset), Ipv6Header.destinationLow(memory, offset));
    }
}
