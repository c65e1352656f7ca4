package net.braid.stack;

import net.braid.base.RandomSource;
import net.braid.base.SipHash;

/**
 * Chooses local ports that cannot be guessed: a place in the range that depends on the destination by a keyed hash
 * (RFC 6056 section 3.3.4), from where it walks on by random steps (section 3.3.5).
 */
final class EphemeralPorts {
    private static final int TABLE_LENGTH = 1024;
    /** RFC 6056 section 3.3.5: N = 500 "determines the trade-off" between reuse soon and guessing. */
    private static final int LARGEST_STEP = 500;

    /** Whether a port is free for one certain destination. */
    interface Check {
        boolean isFree(int port);
    }

    private final RandomSource random;
    private final SipHash placeKey;
    private final SipHash indexKey;
    private final int first;
    private final int count;
    private final int[] walked = new int[TABLE_LENGTH];

    EphemeralPorts(int first, int last, RandomSource random) {
        this.random = random;
        this.first = first;
        this.count = last - first + 1;
        this.placeKey = new SipHash(random);
        this.indexKey = new SipHash(random);
        for (int i = 0; i < TABLE_LENGTH; i++) {
            walked[i] = random.nextInt(count);
        }
    }

    /** A free port, or -1 when there is none. */
    int choose(long localHigh, long localLow, long remoteHigh, long remoteLow, int remotePort, Check check) {
        //= rfc6056#3.3.4
        //# offset = F(local_IP, remote_IP, remote_port, secret_key1);
        //#     index = G(local_IP, remote_IP, remote_port, secret_key2);
        long place = placeKey.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort) & 0x7fff_ffffL;
        int index = (int) indexKey.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort) & TABLE_LENGTH - 1;
        // Random steps while they are likely to succeed, ...
        for (int attempt = 0; attempt < 64; attempt++) {
            walked[index] = (walked[index] + 1 + random.nextInt(Math.min(LARGEST_STEP, count))) % count;
            int port = first + (int) ((place + walked[index]) % count);
            if (check.isFree(port)) {
                return port;
            }
        }
        // ... then every port once.
        for (int step = 1; step <= count; step++) {
            int port = first + (int) ((place + walked[index] + step) % count);
            if (check.isFree(port)) {
                walked[index] = (walked[index] + step) % count;
                return port;
            }
        }
        return -1;
    }
}
