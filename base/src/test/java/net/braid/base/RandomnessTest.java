package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RandomnessTest {
    @Test
    void sipHashGivesThePublishedVectors() {
        SipHash hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        assertEquals(0x93f5f5799a932462L, hash.hash(0x0706050403020100L));
        assertEquals(0x3f2acc7f57c29bdbL, hash.hash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L));
    }

    @Test
    void sipHashDependsOnTheNumberOfWords() {
        SipHash hash = new SipHash(1, 2);
        assertNotEquals(hash.hash(3), hash.hash(3, 0));
        assertNotEquals(hash.hash(3, 0, 0, 0, 0), hash.hash(3, 0, 0, 0, 0, 0));
    }

    @Test
    void theSameSeedGivesTheSameNumbers() {
        Xoshiro256 one = new Xoshiro256(42);
        Xoshiro256 two = new Xoshiro256(42);
        for (int i = 0; i < 100; i++) {
            assertEquals(one.nextLong(), two.nextLong());
        }
    }

    @Test
    void aDerivedStreamDoesNotDependOnWhatHasBeenDrawn() {
        Xoshiro256 root = new Xoshiro256(42);
        long before = root.split(7).nextLong();
        root.nextLong();
        assertEquals(before, root.split(7).nextLong());
        assertNotEquals(before, root.split(8).nextLong());
        assertNotEquals(before, new Xoshiro256(43).split(7).nextLong());
    }

    @Test
    void boundedNumbersAreUniform() {
        Xoshiro256 random = new Xoshiro256(1);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) {
            counts[random.nextInt(10)]++;
        }
        for (int count : counts) {
            // Five standard deviations of the binomial distribution: sqrt(100,000 x 0.1 x 0.9) = 95.
            assertTrue(Math.abs(count - 10_000) < 475, () -> "seed 1: " + count);
        }
    }
}
