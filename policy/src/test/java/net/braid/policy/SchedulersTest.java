package net.braid.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.braid.mptcp.PacketScheduler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedulersTest {
    private final FakeQuestion question = new FakeQuestion();

    @Nested
    class MinRtt {
        private final PacketScheduler scheduler = new MinRttScheduler();
        private FakeFlow fast;
        private FakeFlow slow;

        @BeforeEach
        void twoPaths() {
            slow = question.add(150);
            fast = question.add(20);
        }

        @Test
        void fastestWithRoomIsChosen() {
            assertEquals(0b10, scheduler.select(question));
        }

        @Test
        void slowerOneIsChosenWhenTheFastestIsFull() {
            question.ready = 0b01;
            assertEquals(0b01, scheduler.select(question));
        }

        @Test
        void slowOneIsNotChosenWhenItWouldLeaveTheFastOneWithoutWindow() {
            question.ready = 0b01;
            fast.deliveryRate = 1_000_000;
            // In 150 ms the fast flow delivers 150,000 bytes; the stretch has 1000.
            question.window = 150_999;
            assertEquals(PacketScheduler.WAIT, scheduler.select(question));
            question.window = 151_000;
            assertEquals(0b01, scheduler.select(question));
        }

        @Test
        void whatIsInFlightOnTheSlowOneNeedsWindowToo() {
            question.ready = 0b01;
            fast.deliveryRate = 1_000_000;
            slow.inFlight = 10_000;
            question.window = 160_999;
            assertEquals(PacketScheduler.WAIT, scheduler.select(question));
        }

        @Test
        void reinjectionTakesAnyFlowThatDoesNotCarryTheStretch() {
            question.reinjection = true;
            question.alreadyOn = 0b10;
            fast.deliveryRate = 1_000_000;
            question.window = 0;
            assertEquals(0b01, scheduler.select(question));
        }

        @Test
        void reinjectionThatEveryFlowCarriesWaits() {
            question.reinjection = true;
            question.alreadyOn = 0b11;
            assertEquals(PacketScheduler.WAIT, scheduler.select(question));
        }

        @Test
        void fastestThatIsNotUsableDoesNotHoldBackTheOther() {
            question.ready = 0b01;
            question.usable = 0b01;
            fast.deliveryRate = 1_000_000;
            question.window = 1000;
            assertEquals(0b01, scheduler.select(question));
        }
    }

    @Nested
    class RoundRobin {
        private final PacketScheduler scheduler = new RoundRobinScheduler();

        @BeforeEach
        void threePaths() {
            question.add(10);
            question.add(20);
            question.add(30);
        }

        private String turns(int count) {
            StringBuilder turns = new StringBuilder();
            for (int i = 0; i < count; i++) {
                turns.append(Long.numberOfTrailingZeros(scheduler.select(question)));
            }
            return turns.toString();
        }

        @Test
        void eachFlowHasItsTurn() {
            assertEquals("0120120", turns(7));
        }

        @Test
        void flowWithoutRoomIsPassedOver() {
            turns(1);
            question.ready = 0b101;
            assertEquals("2020", turns(4));
        }

        @Test
        void flowThatCarriesTheStretchIsPassedOver() {
            question.alreadyOn = 0b001;
            assertEquals("1212", turns(4));
            question.alreadyOn = 0b111;
            assertEquals(PacketScheduler.WAIT, scheduler.select(question));
        }
    }
}
