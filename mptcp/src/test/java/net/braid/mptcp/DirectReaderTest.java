package net.braid.mptcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.braid.base.Xoshiro256;
import net.braid.mptcp.ReceiveStream.Custody;
import org.junit.jupiter.api.Test;

class DirectReaderTest {
    private static final int BUFFER = 100_000;

    private final MemorySegment seen = Arena.ofAuto().allocate(BUFFER);
    private int count;
    private int room = BUFFER;
    private final ReceiveStream stream = stream(1000);

    private ReceiveStream stream(int blocks) {
        ReceiveStream made = new ReceiveStream(Memory.budget(blocks),
                ConnectionConfig.builder().receiveBuffer(BUFFER, BUFFER).autoTuning(false).build());
        made.directReader((memory, offset, length) -> {
            int taken = Math.min(length, room);
            MemorySegment.copy(memory, offset, seen, count, taken);
            count += taken;
            room -= taken;
            return taken;
        });
        return made;
    }

    private static Custody offer(ReceiveStream to, long offset, int length) {
        return to.offer(offset, Memory.stream(offset, length), 0, length);
    }

    private void readTheRest(ReceiveStream from) {
        int length = (int) from.readable();
        if (length > 0) {
            assertEquals(length, from.read(seen, count, length));
            count += length;
        }
    }

    @Test
    void bytesInOrderGoToTheReaderAndCountAsRead() {
        assertEquals(Custody.TAKEN, offer(stream, 0, 700));
        assertEquals(700, count);
        assertEquals(0, stream.readable());
        assertEquals(700, stream.received());
        assertEquals(700, stream.position());
    }

    @Test
    void whatTheReaderDoesNotTakeIsKept() {
        room = 300;
        assertEquals(Custody.TAKEN, offer(stream, 0, 700));
        assertEquals(400, stream.readable());
        readTheRest(stream);
        assertEquals(-1, Memory.mismatch(seen, 0, 700));
    }

    @Test
    void nothingOvertakesBytesThatAreKept() {
        room = 300;
        offer(stream, 0, 700);
        room = BUFFER;
        offer(stream, 700, 100);
        assertEquals(300, count);
        assertEquals(500, stream.readable());
    }

    @Test
    void bytesBehindAGapAreNotForTheReader() {
        offer(stream, 1_000, 500);
        assertEquals(0, count);
        offer(stream, 0, 1_000);
        assertEquals(0, count, "the bytes that close a gap are kept with those behind it");
        assertEquals(1_500, stream.readable());
    }

    @Test
    void bytesThatComeTwiceAreGivenOnce() {
        offer(stream, 0, 700);
        offer(stream, 500, 700);
        assertEquals(1_200, count);
        assertEquals(-1, Memory.mismatch(seen, 0, 1_200));
    }

    @Test
    void theWindowMovesOnWithWhatTheReaderTakes() {
        stream.window(1_000);
        offer(stream, 0, 50_000);
        assertEquals(BUFFER, stream.window(1_000));
    }

    @Test
    void withoutMemoryTheReadersPartIsReceivedAllTheSame() {
        ReceiveStream poor = stream(0);
        room = 300;
        assertEquals(Custody.OUT_OF_MEMORY, offer(poor, 0, 700));
        assertEquals(300, poor.received());
        room = BUFFER;
        assertEquals(Custody.TAKEN, offer(poor, 0, 700));
        assertEquals(700, count);
        assertEquals(-1, Memory.mismatch(seen, 0, 700));
    }

    @Test
    void theConnectionLearnsOnceThatTheReaderHasTakenBytes() {
        assertFalse(stream.takeWhetherReadDirectly());
        offer(stream, 0, 700);
        assertTrue(stream.takeWhetherReadDirectly());
        assertFalse(stream.takeWhetherReadDirectly());
    }

    @Test
    void allBytesComeInOrderWhateverTheReaderTakes() {
        for (long seed = 1; seed <= 200; seed++) {
            Xoshiro256 random = new Xoshiro256(seed);
            ReceiveStream mixed = stream(1000);
            count = 0;
            long at = 0;
            while (at < 60_000) {
                int length = 1 + random.nextInt(3_000);
                room = random.nextInt(4_000);
                if (random.nextInt(4) == 0) {
                    offer(mixed, at + length, length);
                }
                offer(mixed, at, length);
                at = mixed.received();
                if (random.nextInt(3) == 0) {
                    readTheRest(mixed);
                }
            }
            readTheRest(mixed);
            assertEquals(at, count, "seed " + seed);
            assertEquals(-1, Memory.mismatch(seen, 0, count), "seed " + seed);
        }
    }
}
