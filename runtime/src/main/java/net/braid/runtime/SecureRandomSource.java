package net.braid.runtime;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import net.braid.base.RandomSource;

/**
 * The system's strong generator, read ahead in pieces of 512 bytes: keys of Multipath TCP, initial sequence numbers and
 * ports must not be guessed (RFC 4086, RFC 6528, RFC 6056). One thread.
 */
final class SecureRandomSource implements RandomSource {
    private static final int BYTES = 512;

    private final SecureRandom generator = new SecureRandom();
    private final byte[] bytes = new byte[BYTES];
    private final ByteBuffer ahead = ByteBuffer.wrap(bytes).position(BYTES);

    @Override
    public long nextLong() {
        if (!ahead.hasRemaining()) {
            generator.nextBytes(bytes);
            ahead.clear();
        }
        return ahead.getLong();
    }
}
