package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueTest {
    private static final int MESSAGES = 200_000;

    @Test
    void singleProducerQueueIsBoundedAndInOrder() {
        SpscQueue<Integer> queue = new SpscQueue<>(3);
        assertEquals(4, queue.capacity());
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 4; i++) {
                assertTrue(queue.offer(i));
            }
            assertFalse(queue.offer(9));
            for (int i = 0; i < 4; i++) {
                assertEquals(i, queue.poll());
            }
            assertNull(queue.poll());
            assertTrue(queue.isEmpty());
        }
    }

    @Test
    void manyProducersQueueIsBoundedAndInOrder() {
        MpscQueue<Integer> queue = new MpscQueue<>(4);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 4; i++) {
                assertTrue(queue.offer(i));
            }
            assertFalse(queue.offer(9));
            for (int i = 0; i < 4; i++) {
                assertEquals(i, queue.poll());
            }
            assertNull(queue.poll());
            assertTrue(queue.isEmpty());
        }
    }

    @Test
    void nothingIsLostBetweenTwoThreads() throws InterruptedException {
        SpscQueue<Integer> queue = new SpscQueue<>(64);
        Thread producer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < MESSAGES; i++) {
                while (!queue.offer(i)) {
                    Thread.onSpinWait();
                }
            }
        });
        for (int i = 0; i < MESSAGES; i++) {
            Integer message = queue.poll();
            while (message == null) {
                Thread.onSpinWait();
                message = queue.poll();
            }
            assertEquals(i, message);
        }
        producer.join();
    }

    @Test
    void eachProducersMessagesStayInOrder() throws InterruptedException {
        MpscQueue<Integer> queue = new MpscQueue<>(64);
        List<Thread> producers = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            int producer = p;
            producers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < MESSAGES / 4; i++) {
                    while (!queue.offer(producer << 24 | i)) {
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        int[] next = new int[3];
        for (int i = 0; i < 3 * (MESSAGES / 4); i++) {
            Integer message = queue.poll();
            while (message == null) {
                Thread.onSpinWait();
                message = queue.poll();
            }
            assertEquals(next[message >>> 24]++, message & 0xffffff);
        }
        for (Thread thread : producers) {
            thread.join();
        }
        assertNull(queue.poll());
    }
}
