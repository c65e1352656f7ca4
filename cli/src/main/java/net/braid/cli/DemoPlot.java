package net.braid.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One chart of {@link DemoReport}: values over time, as HTML with inline SVG. The curves are stretched to whatever
 * width there is; all words and numbers are HTML beside them, so that they keep their size on a phone.
 */
final class DemoPlot {
    /** Side of the square in which curves are drawn before they are stretched. */
    private static final double SIDE = 1000;
    private static final int TIME_TICKS = 10;
    private static final int VALUE_TICKS = 4;

    /** How a series is drawn; {@code SOLID} ones stand on each other. */
    enum Style {
        LINE("", "key"), THIN("thin", "key"), DASHED("dashed", "key dashed"), AREA("area", "key area"),
        SOLID("solid", "key area");

        private final String path;
        private final String key;

        Style(String path, String key) {
            this.path = path;
            this.key = key;
        }
    }

    /** {@code colour} is a class of report.css. Values that are NaN are not drawn. */
    private record Series(String name, String colour, Style style, double[] values) {
    }

    private final String title;
    private final String note;
    private final String unit;
    private final double step;
    private final double to;
    private final int height;
    private final List<Series> series = new ArrayList<>();
    private final StringBuilder behind = new StringBuilder();

    /**
     * @param unit of the values
     * @param step seconds from one value to the next
     * @param to seconds at the right edge
     * @param height in pixels
     */
    DemoPlot(String title, String note, String unit, double step, double to, int height) {
        this.title = title;
        this.note = note;
        this.unit = unit;
        this.step = step;
        this.to = Math.max(to, step);
        this.height = height;
    }

    DemoPlot add(String name, String colour, Style style, double[] values) {
        series.add(new Series(name, colour, style, values));
        return this;
    }

    /** A stretch of time in which something was out of order; {@code label} may be empty. */
    DemoPlot band(double from, double until, String label) {
        double left = 100 * Math.min(1, from / to);
        double width = 100 * Math.min(1, until / to) - left;
        behind.append(format("<div class=\"band\" style=\"left:%.3f%%;width:%.3f%%\">", left, width));
        if (!label.isEmpty()) {
            behind.append("<span>").append(escape(label)).append("</span>");
        }
        behind.append("</div>\n");
        return this;
    }

    DemoPlot mark(double at, String label) {
        if (at <= to) {
            behind.append(format("<div class=\"mark\" style=\"left:%.3f%%\" title=\"%s\"></div>%n", 100 * at / to,
                    escape(label)));
        }
        return this;
    }

    String html() {
        double top = niceTop();
        StringBuilder html = new StringBuilder();
        html.append(format("<figure class=\"card\" data-to=\"%.3f\" style=\"--height:%dpx\">%n", to, height));
        html.append("<div class=\"card-head\"><h2>").append(escape(title)).append("</h2>");
        if (!note.isEmpty()) {
            html.append("<span class=\"note\">").append(escape(note)).append("</span>");
        }
        html.append("<span class=\"legend\">");
        for (Series s : series) {
            html.append(format("<span class=\"%s %s\">%s</span>", s.style.key, s.colour, escape(s.name)));
        }
        html.append("</span></div>\n<div class=\"frame\">\n");
        valueAxis(html, top);
        html.append("<div class=\"plot\">\n");
        for (double value = tick(top); value < top * 0.999; value += tick(top)) {
            html.append(format("<div class=\"line\" style=\"bottom:%.2f%%\"></div>", 100 * value / top));
        }
        html.append('\n').append(behind);
        html.append(format("<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" role=\"img\"", SIDE, SIDE));
        html.append(format(" aria-label=\"%s\">%n", escape(title)));
        double[] floor = null;
        for (Series s : series) {
            double[] values = s.values;
            if (s.style == Style.SOLID) {
                values = floor == null ? values : sum(floor, values);
                html.append(path(s, closed(values, floor, top)));
                floor = values;
            } else {
                if (s.style == Style.AREA) {
                    html.append(path(s, closed(values, null, top)));
                }
                html.append(path(new Series(s.name, s.colour, s.style == Style.AREA ? Style.LINE : s.style, values),
                        open(values, top)));
            }
        }
        html.append("</svg>\n<div class=\"cross\"></div><div class=\"tip\"></div>\n</div>\n");
        timeAxis(html);
        html.append("</div>\n<script type=\"application/json\">").append(json()).append("</script>\n</figure>\n");
        return html.toString();
    }

    // ---- axes

    private void valueAxis(StringBuilder html, double top) {
        html.append("<div class=\"y\">");
        for (double value = 0; value < top * 1.001; value += tick(top)) {
            html.append(format("<span style=\"bottom:%.2f%%\">%s</span>", 100 * value / top, number(value, tick(top))));
        }
        html.append("</div>\n");
    }

    private void timeAxis(StringBuilder html) {
        double tick = niceStep(to / TIME_TICKS);
        html.append("<div class=\"x\">");
        int count = 0;
        for (double time = 0; time <= to * 1.0001; time += tick) {
            html.append(format("<span%s style=\"left:%.3f%%\">%s</span>", count++ % 2 == 0 ? "" : " class=\"minor\"",
                    100 * time / to, number(time, tick) + (time == 0 ? " s" : "")));
        }
        html.append("</div>\n");
    }

    private double niceTop() {
        double most = 0;
        double[] stacked = null;
        for (Series s : series) {
            double[] values = s.values;
            if (s.style == Style.SOLID) {
                values = stacked == null ? values : sum(stacked, values);
                stacked = values;
            }
            for (double value : values) {
                most = Math.max(most, Double.isNaN(value) ? 0 : value);
            }
        }
        if (most <= 0) {
            return 1;
        }
        double tick = tick(most);
        return Math.ceil(most * 1.04 / tick) * tick;
    }

    private static double tick(double top) {
        return niceStep(top / VALUE_TICKS);
    }

    /** 1, 2, 2.5 or 5 times a power of ten, not below {@code wanted}. */
    private static double niceStep(double wanted) {
        double power = Math.pow(10, Math.floor(Math.log10(wanted)));
        for (double factor : new double[] {1, 2, 2.5, 5}) {
            if (factor * power >= wanted * 0.999) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String number(double value, double tick) {
        int digits = 0;
        for (double t = tick; digits < 4 && Math.abs(t - Math.rint(t)) > 1e-6; t *= 10) {
            digits++;
        }
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    // ---- curves

    private static double[] sum(double[] floor, double[] values) {
        double[] sums = new double[values.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = floor[i] + values[i];
        }
        return sums;
    }

    private static String path(Series s, String d) {
        return "<path class=\"" + (s.style.path + " " + s.colour).trim() + "\" d=\"" + d + "\"></path>\n";
    }

    private String open(double[] values, double top) {
        StringBuilder d = new StringBuilder();
        boolean pen = false;
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                pen = false;
                continue;
            }
            point(d.append(pen ? 'L' : 'M'), i, values[i], top);
            pen = true;
        }
        return d.toString();
    }

    /** Down to {@code floor}, or to zero when that is null. */
    private String closed(double[] values, double[] floor, double top) {
        StringBuilder d = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            point(d.append(i == 0 ? 'M' : 'L'), i, Double.isNaN(values[i]) ? 0 : values[i], top);
        }
        for (int i = values.length - 1; i >= 0; i--) {
            if (floor != null || i == 0 || i == values.length - 1) {
                point(d.append('L'), i, floor == null ? 0 : floor[i], top);
            }
        }
        return d.append('Z').toString();
    }

    private void point(StringBuilder d, int i, double value, double top) {
        d.append(format("%.1f %.1f", SIDE * Math.min(i * step / to, 1), SIDE * (1 - value / top)));
    }

    private String json() {
        StringBuilder json = new StringBuilder();
        json.append("{\"unit\":").append(ScenarioJson.string(unit)).append(format(",\"step\":%.4f,\"series\":[", step));
        for (int k = 0; k < series.size(); k++) {
            Series s = series.get(k);
            json.append(k == 0 ? "" : ",").append("{\"name\":").append(ScenarioJson.string(escape(s.name)))
                    .append(",\"style\":\"").append(s.colour).append("\",\"values\":[");
            for (int i = 0; i < s.values.length; i++) {
                json.append(i == 0 ? "" : ",").append(Double.isNaN(s.values[i]) ? "null" : format("%.2f", s.values[i]));
            }
            json.append("]}");
        }
        return json.append("]}").toString();
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    /** For text and for attributes. */
    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
