package net.braid.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class DemoReportTest extends CommandTest {
    @TempDir
    Path folder;

    private String report(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("demo", "--json", "--output", folder.toString()));
        all.addAll(List.of(arguments));
        braid(all.toArray(String[]::new));
        return Files.readString(folder.resolve("report.html"));
    }

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }

    private static List<Element> elements(Document document, String tag) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = document.getElementsByTagName(tag);
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    private static String headline(String html) throws Exception {
        return elements(parse(html), "h1").getFirst().getTextContent();
    }

    @Test
    void reportIsWellFormedAndHasAllPlots() throws Exception {
        Document document = parse(report("--size", "3MB", "--compare"));
        // Rate, progress, one per path, round-trip time.
        assertEquals(5, elements(document, "svg").size());
        assertTrue(elements(document, "path").size() >= 10);
    }

    @Test
    void reportNeedsNoNetwork() throws Exception {
        Document document = parse(report("--size", "1MB"));
        NodeList all = document.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            assertFalse(element.hasAttribute("src") || element.hasAttribute("href"), element.getTagName());
        }
        assertFalse(elements(document, "style").getFirst().getTextContent().contains("url("));
    }

    @Test
    void curvesStayInsideTheirSquare() throws Exception {
        Pattern point = Pattern.compile("(?:[ML](\\d+\\.\\d) (\\d+\\.\\d))*Z?");
        for (Element path : elements(parse(report("--size", "3MB", "--compare")), "path")) {
            String d = path.getAttribute("d");
            assertTrue(point.matcher(d).matches(), d);
            for (String number : d.replaceAll("[MLZ]", " ").trim().split(" +")) {
                assertTrue(number.isEmpty() || Double.parseDouble(number) <= 1000.05, d);
            }
        }
    }

    @Test
    void headlineNamesTheOutage() throws Exception {
        assertEquals("4.0 MB arrived intact, although Wi-Fi was gone for 700 ms",
                headline(report("--size", "4MB", "--at", "1s:wifi:down", "--at", "1700ms:wifi:up")));
    }

    @Test
    void headlineNamesAllPathsThatDied() throws Exception {
        assertEquals("4.0 MB arrived intact, although 3G and Wi-Fi died on the way",
                headline(report("--size", "4MB", "--at", "500ms:3g:down", "--at", "1s:3g:up", "--at",
                        "1500ms:wifi:down")));
    }

    @Test
    void headlineOfASteadyRunNamesThePaths() throws Exception {
        assertEquals("1.0 MB arrived intact over Wi-Fi and 3G", headline(report("--size", "1MB", "--steady")));
    }

    @Test
    void headlineOfAFailureSaysWhy() throws Exception {
        String headline = headline(report("--path", "wifi:loss=100%"));
        assertTrue(headline.startsWith("The transfer failed: no answer after"), headline);
    }

    @Test
    void outageIsMarkedInEveryPlot() throws Exception {
        Document document = parse(report("--size", "3MB", "--at", "1s:3g:down"));
        long bands = elements(document, "div").stream().filter(div -> div.getAttribute("class").equals("band")).count();
        assertEquals(elements(document, "svg").size(), bands);
    }

    @Test
    void nameOfAFileCannotBreakThePage() throws Exception {
        Path file = Files.writeString(folder.resolve("<b> & \"quotes\".txt"), "some words");
        Document document = parse(report("--file", file.toString()));
        assertTrue(document.getDocumentElement().getTextContent().contains("<b> & \"quotes\".txt"));
    }

    @Test
    void numbersOfTheCurvesAreThereForTheScript() throws Exception {
        Document document = parse(report("--size", "2MB", "--steady"));
        List<String> scripts = elements(document, "script").stream()
                .filter(script -> script.getAttribute("type").equals("application/json")).map(Element::getTextContent)
                .toList();
        assertEquals(5, scripts.size());
        for (String json : scripts) {
            assertTrue(json.matches("\\{\"unit\":\"[^\"]+\",\"step\":[0-9.]+,\"series\":\\[.*]}"), json);
            assertFalse(json.contains("NaN") || json.contains("Infinity"), json);
        }
    }
}
