package net.braid.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LongIntMapTest {
    @Test
    void randomOperationsAgreeWithAHashMap() {
        for (long seed = 0; seed < 100; seed++) {
            Xoshiro256 random = new Xoshiro256(seed);
            LongIntMap map = new LongIntMap(random);
            Map<Long, Integer> model = new HashMap<>();
            int universe = 1 + random.nextInt(500);
            for (int step = 0; step < 3000; step++) {
                long key = (long) random.nextInt(universe) << 32;
                boolean growing = step % 1000 < 600;
                if (random.nextInt(10) < (growing ? 7 : 2)) {
                    int value = random.nextInt(1000);
                    Integer old = model.put(key, value);
                    assertEquals(old == null ? LongIntMap.ABSENT : old, map.put(key, value), "seed " + seed);
                } else {
                    Integer old = model.remove(key);
                    assertEquals(old == null ? LongIntMap.ABSENT : old, map.remove(key), "seed " + seed);
                }
                long other = (long) random.nextInt(universe) << 32;
                assertEquals(model.getOrDefault(other, LongIntMap.ABSENT), map.get(other), "seed " + seed);
                assertEquals(model.size(), map.size());
            }
        }
    }
}
