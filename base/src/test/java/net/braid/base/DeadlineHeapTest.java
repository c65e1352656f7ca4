package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
    private final DeadlineHeap heap = new DeadlineHeap();

    @Test
    void equalDeadlinesComeInOrderOfSlot() {
        for (int slot : new int[] {5, 3, 9, 1, 7, 0}) {
            heap.set(slot, 100);
        }
        for (int slot : new int[] {0, 1, 3, 5, 7, 9}) {
            assertEquals(slot, heap.poll(100));
        }
        assertEquals(DeadlineHeap.NONE, heap.poll(100));
    }

    @Test
    void aDeadlineMovedLaterDoesNotFireAtItsOldTime() {
        heap.set(1, 10);
        heap.set(1, 50);
        assertEquals(DeadlineHeap.NONE, heap.poll(49));
        assertEquals(50, heap.next());
        assertEquals(1, heap.poll(50));
    }

    @Test
    void aDeadlineSwitchedOffNeverFires() {
        heap.set(1, 10);
        heap.set(2, 20);
        heap.set(1, DeadlineHeap.NEVER);
        assertEquals(20, heap.next());
        heap.remove(2);
        assertEquals(DeadlineHeap.NEVER, heap.next());
        assertEquals(0, heap.size());
    }

    @Test
    void randomOperationsAgreeWithASearchOfAllSlots() {
        for (long seed = 0; seed < 200; seed++) {
            compare(seed);
        }
    }

    private static void compare(long seed) {
        Xoshiro256 random = new Xoshiro256(seed);
        DeadlineHeap heap = new DeadlineHeap();
        long[] model = new long[1 + random.nextInt(100)];
        Arrays.fill(model, DeadlineHeap.NEVER);
        long now = 0;
        for (int step = 0; step < 2000; step++) {
            int slot = random.nextInt(model.length);
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    model[slot] = now + random.nextInt(50);
                    heap.set(slot, model[slot]);
                }
                case 3 -> {
                    model[slot] = DeadlineHeap.NEVER;
                    if (random.nextInt(2) == 0) {
                        heap.set(slot, DeadlineHeap.NEVER);
                    } else {
                        heap.remove(slot);
                    }
                }
                case 4 -> assertEquals(model[earliest(model)], heap.next(), "seed " + seed);
                default -> {
                    now += random.nextInt(20);
                    int first = earliest(model);
                    int expected = model[first] <= now ? first : DeadlineHeap.NONE;
                    assertEquals(expected, heap.poll(now), "seed " + seed + " step " + step);
                    if (expected >= 0) {
                        model[expected] = DeadlineHeap.NEVER;
                    }
                }
            }
            assertEquals(model[slot], heap.get(slot), "seed " + seed);
        }
    }

    private static int earliest(long[] model) {
        int best = 0;
        for (int i = 1; i < model.length; i++) {
            if (model[i] < model[best]) {
                best = i;
            }
        }
        return best;
    }
}
