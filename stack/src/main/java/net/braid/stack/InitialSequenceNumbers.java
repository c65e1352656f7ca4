package net.braid.stack;

import net.braid.base.RandomSource;
import net.braid.base.SipHash;

/** Initial sequence numbers and timestamp offsets: both look random to everyone who lacks the key. */
final class InitialSequenceNumbers {
    private static final long NANOS_PER_TICK = 4_000;

    private final SipHash sequenceKey;
    private final SipHash timestampKey;

    InitialSequenceNumbers(RandomSource random) {
        sequenceKey = new SipHash(random);
        timestampKey = new SipHash(random);
    }

    /** ISN for a four-tuple at {@code now}: for the same four-tuple it grows by 250,000 a second. */
    int next(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports, long now) {
        //= rfc6528#3
        //# ISN = M + F(localip, localport, remoteip, remoteport, secretkey)
        //#
        //# where M is the 4 microsecond timer, and F() is a pseudorandom
        //# function (PRF) of the connection-id.  F() MUST NOT be computable from
        //# the outside, or an attacker could still guess at sequence numbers
        //# from the ISN used for some other connection.
        return (int) (now / NANOS_PER_TICK)
                + (int) sequenceKey.hash(localHigh, localLow, remoteHigh, remoteLow, Integer.toUnsignedLong(ports));
    }

    /**
     * What is added to our clock in timestamps. One value per pair of addresses, so that timestamps keep growing from
     * one connection to the next and RFC 6191 can tell a new SYN from an old one.
     */
    int timestampOffset(long localHigh, long localLow, long remoteHigh, long remoteLow) {
        //= rfc7323#5.4
        //# The same function with a different
        //# secret key can be used to generate the per-connection timestamp
        //# offset.
        return (int) timestampKey.hash(localHigh, localLow, remoteHigh, remoteLow);
    }
}
