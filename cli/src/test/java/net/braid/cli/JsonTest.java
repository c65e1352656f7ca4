package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void valuesOfAllKindsAreRead() {
        Json json = Json.parse(
                " {\"a\": [1, -2.5e3, \"x\\n\\u0041\\\"\"], \"b\": {\"c\": true, \"d\": null}, \"e\": []} ");
        assertEquals(1, json.at("a").items().get(0).number(0));
        assertEquals(-2500, json.at("a").items().get(1).number(0));
        assertEquals("x\nA\"", json.at("a").items().get(2).text(""));
        assertTrue(json.at("b").at("c").isTrue());
        assertTrue(json.at("b").has("d"));
        assertFalse(json.at("b").at("d").isPresent());
        assertEquals(0, json.at("e").items().size());
    }

    @Test
    void whatIsAbsentAnswersWithTheOtherwise() {
        Json json = Json.parse("{}");
        assertEquals("none", json.at("a").at("b").text("none"));
        assertEquals(7, json.at("a").number(7));
        assertEquals(0, json.at("a").items().size());
    }

    @Test
    void numbersReadAsText() {
        assertEquals("4294967295", Json.parse("4294967295").text(""));
    }

    @Test
    void whatIsNoJsonIsRefusedWithItsPlace() {
        for (String text : new String[] {"", "{", "[1,", "{\"a\" 1}", "tru", "\"abc", "1 2", "\"\\u12\"", "\"\\q\"",
            "-", "{1: 2}", "[".repeat(100)}) {
            IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> Json.parse(text), text);
            assertTrue(wrong.getMessage().contains("at character"), wrong.getMessage());
        }
    }
}
