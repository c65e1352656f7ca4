package net.braid.stack;

import net.braid.base.LongIntMap;
import net.braid.base.RandomSource;
import net.braid.wire.MptcpCrypto;

/** Which connection a token names (RFC 8684 section 3.1): how an MP_JOIN finds its way, whatever its ports. */
final class TokenTable {
    private final LongIntMap numbers;
    private final RandomSource random;
    private final MptcpCrypto crypto;

    TokenTable(RandomSource random, MptcpCrypto crypto) {
        this.numbers = new LongIntMap(random);
        this.random = random;
        this.crypto = crypto;
    }

    /**
     * A key whose token is free, and from now on names connection {@code number}. Keys come from the shard's random
     * source, which in production is a cryptographic one.
     */
    long drawKey(int version, int number) {
        //= rfc8684#3.1 A09
        //# The key MUST be hard to
        //# guess, and it MUST be unique for the sending host across all its
        //# current MPTCP connections.
        //
        //= rfc8684#3.1 A10
        //# an
        //# implementation SHOULD check its list of connection tokens to ensure
        //# that there is no collision before sending its key, and if there is,
        //# then it should generate a new key.
        while (true) {
            long key = random.nextLong();
            long token = Integer.toUnsignedLong(crypto.token(version, key));
            if (numbers.get(token) == LongIntMap.ABSENT) {
                numbers.put(token, number);
                return key;
            }
        }
    }

    void release(int token, int number) {
        long key = Integer.toUnsignedLong(token);
        if (numbers.get(key) == number) {
            numbers.remove(key);
        }
    }

    /** Number of the connection with this token, or {@link LongIntMap#ABSENT}. */
    int find(int token) {
        return numbers.get(Integer.toUnsignedLong(token));
    }

    int size() {
        return numbers.size();
    }
}
