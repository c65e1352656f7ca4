package net.braid.cli;

import net.braid.sim.Quantities;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Something that happens to a path on the way. Written {@code TIME:PATH:ACTION}, where the action is {@code down},
 * {@code up}, {@code leave}, {@code return}, or a setting of {@link DemoPath} such as {@code loss=5%}.
 *
 * @param timeNanos since the start
 * @param path its name
 */
record DemoEvent(long timeNanos, String path, Action action) {
    private static final String FORM = "an event such as 3s:wifi:down, 5s:wifi:up, 4s:3g:loss=5%, 3s:wifi:leave";

    /** What happens. */
    sealed interface Action {
    }

    /** Packets get lost, all of them, and nobody is told. */
    record Down() implements Action {
    }

    record Up() implements Action {
    }

    /** The address goes away, and the host knows: as when a phone leaves a Wi-Fi network. */
    record Leave() implements Action {
    }

    record Return() implements Action {
    }

    /** {@code setting} is as in {@link DemoPath#with}. */
    record Change(String setting) implements Action {
    }

    static DemoEvent parse(String text) {
        String[] parts = text.split(":", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not " + FORM);
        }
        Action action = switch (parts[2]) {
            case "down" -> new Down();
            case "up" -> new Up();
            case "leave" -> new Leave();
            case "return" -> new Return();
            default -> {
                if (parts[2].indexOf('=') < 0) {
                    throw new IllegalArgumentException("'" + parts[2] + "' is none of down, up, leave, return, or a "
                            + "setting such as loss=5%");
                }
                DemoPath.WIFI.with(parts[2]);
                yield new Change(parts[2]);
            }
        };
        return new DemoEvent(Quantities.time(parts[0]), parts[1], action);
    }

    /** What a log says, with the title of the path. */
    String describe(String title) {
        return title + switch (action) {
            case Down() -> " goes down";
            case Up() -> " is back";
            case Leave() -> " loses its address";
            case Return() -> " has its address again";
            case Change(String setting) -> " changes: " + setting;
        };
    }

    /** As the command line writes it. */
    @Override
    public String toString() {
        String what = switch (action) {
            case Down() -> "down";
            case Up() -> "up";
            case Leave() -> "leave";
            case Return() -> "return";
            case Change(String setting) -> setting;
        };
        return Quantity.exactTime(timeNanos) + ":" + path + ":" + what;
    }

    /** For the command line. */
    static final class Converter implements ITypeConverter<DemoEvent> {
        @Override
        public DemoEvent convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }
}
