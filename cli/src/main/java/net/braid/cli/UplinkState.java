package net.braid.cli;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Function;
import net.braid.runtime.RunFolder;
import net.braid.wire.IpAddress;

/**
 * What {@code braid up} has made, as the file {@code NAME.json} tells it to later commands: to {@code down} and
 * {@code status}, and to programs that attach to the device and need to know which address of theirs leaves where.
 *
 * @param name      of the whole, and of the TUN device
 * @param mtu       of the device in bytes
 * @param nat       whether the uplinks' own addresses stand in for {@code paths}' addresses outside
 * @param user      who may attach without privilege, or empty
 * @param ports     that are forwarded to the stack, as {@code 5201} or {@code 8000-8010}
 * @param namespace the network namespace it was made in
 * @param block     the first of the route tables and rule priorities it uses
 * @param complete  false while {@code up} is at work, or when it was killed
 * @param uplinks   the interfaces it goes over, in the order of their tables
 * @param gateways  that the user named, as {@code wlan0=192.168.1.1}
 * @param paths     one for each address of the stack
 * @param settings  settings of the kernel that it needs, with what they were before
 */
record UplinkState(String name, int mtu, boolean nat, String user, List<String> ports, String namespace, int block,
        boolean complete, List<String> uplinks, List<String> gateways, List<UplinkState.Path> paths,
        List<UplinkState.Setting> settings) {
    private static final String FOLDER = "BRAID_STATE";

    /**
     * One address of the stack.
     *
     * @param address   the stack's own
     * @param uplink    the interface that packets from it leave through, or empty where the host's routes decide
     * @param outside   the uplink's address, by which peers see this path behind address translation; or null
     * @param gateway   or null when there is none
     * @param reachable whether the gateway answers, as far as the kernel knows: {@code yes}, {@code no} or
     *                  {@code unknown}
     * @param mtu       in bytes: the largest packet that this path takes, not more than the device's
     * @param up        whether the uplink is up and has an address
     */
    record Path(IpAddress address, String uplink, IpAddress outside, IpAddress gateway, String reachable, int mtu,
            boolean up) {
    }

    /**
     * @param name as {@code net/ipv4/ip_forward}
     * @param want the value it must have
     * @param was  the value before we changed it, or null when we did not
     */
    record Setting(String name, String want, String was) {
        Setting was(String before) {
            return new Setting(name, want, before);
        }
    }

    UplinkState {
        ports = List.copyOf(ports);
        uplinks = List.copyOf(uplinks);
        gateways = List.copyOf(gateways);
        paths = List.copyOf(paths);
        settings = List.copyOf(settings);
    }

    /** The name of the TUN device. */
    String device() {
        return name;
    }

    UplinkState completed() {
        return new UplinkState(name, mtu, nat, user, ports, namespace, block, true, uplinks, gateways, paths,
                settings);
    }

    UplinkState with(List<Setting> changed) {
        return new UplinkState(name, mtu, nat, user, ports, namespace, block, complete, uplinks, gateways, paths,
                changed);
    }

    /** Where the states are: what the environment's {@code BRAID_STATE} says, else {@link RunFolder}. */
    static java.nio.file.Path folder() {
        String named = System.getenv(FOLDER);
        return named == null || named.isEmpty() ? RunFolder.path() : java.nio.file.Path.of(named);
    }

    /**
     * The state with this name, if {@code braid up} has made one.
     *
     * @throws IOException when there is one that cannot be read or understood
     */
    static Optional<UplinkState> load(java.nio.file.Path folder, String name) throws IOException {
        java.nio.file.Path file = folder.resolve(name + ".json");
        try {
            return Optional.of(parse(Files.readString(file)));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IllegalArgumentException wrong) {
            throw new HostException(file + " is not a state of braid up: " + wrong.getMessage());
        } catch (IOException problem) {
            throw new HostException("cannot read " + file + ": " + Reason.of(problem));
        }
    }

    /** Replaces the file in one step: whoever reads sees the old one or the new one. */
    void save(java.nio.file.Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
            java.nio.file.Path fresh = folder.resolve(name + ".json.new");
            Files.writeString(fresh, this + "\n");
            // Whoever may attach to the device must know its addresses.
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            try {
                Files.move(fresh, folder.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException odd) {
                Files.move(fresh, folder.resolve(name + ".json"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException problem) {
            throw new HostException("cannot write the state to " + folder + ": " + Reason.of(problem));
        }
    }

    static void delete(java.nio.file.Path folder, String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name + ".json.new"));
        Files.deleteIfExists(folder.resolve(name + ".json"));
    }

    /** @throws IllegalArgumentException with a line that says what is wrong */
    static UplinkState parse(String text) {
        Json json = Json.parse(text);
        String name = json.at("name").text("");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("it has no name");
        }
        return new UplinkState(name, (int) json.at("mtu").number(0), json.at("nat").isTrue(), json.at("user").text(""),
                texts(json.at("ports")), json.at("namespace").text(""),
                (int) json.at("block").number(0), json.at("complete").isTrue(),
                texts(json.at("uplinks")), texts(json.at("gateways")),
                json.at("paths").items().stream().map(UplinkState::path).toList(),
                json.at("settings").items().stream().map(UplinkState::setting).toList());
    }

    private static List<String> texts(Json list) {
        return list.items().stream().map(item -> item.text("")).toList();
    }

    private static Path path(Json json) {
        return new Path(IpAddress.parse(json.at("address").text("")), json.at("uplink").text(""),
                address(json.at("outside")), address(json.at("gateway")), json.at("reachable").text("unknown"),
                (int) json.at("mtu").number(0), json.at("up").isTrue());
    }

    private static IpAddress address(Json json) {
        return json.isPresent() ? IpAddress.parse(json.text("")) : null;
    }

    private static Setting setting(Json json) {
        return new Setting(json.at("name").text(""), json.at("want").text(""), json.at("was").text(null));
    }

    /** As JSON on one line. */
    @Override
    public String toString() {
        return "{" + members() + "}";
    }

    /** Without the braces, for who has more to say. */
    String members() {
        return new StringJoiner(", ")
                .add("\"name\": " + quote(name))
                .add("\"device\": " + quote(device()))
                .add("\"mtu\": " + mtu)
                .add("\"nat\": " + nat)
                .add("\"user\": " + quote(user))
                .add("\"ports\": " + array(ports, UplinkState::quote))
                .add("\"namespace\": " + quote(namespace))
                .add("\"block\": " + block)
                .add("\"complete\": " + complete)
                .add("\"uplinks\": " + array(uplinks, UplinkState::quote))
                .add("\"gateways\": " + array(gateways, UplinkState::quote))
                .add("\"paths\": " + array(paths, UplinkState::text))
                .add("\"settings\": " + array(settings, setting -> "{\"name\": " + quote(setting.name())
                        + ", \"want\": " + quote(setting.want()) + ", \"was\": " + quote(setting.was()) + "}"))
                .toString();
    }

    private static String text(Path path) {
        return new StringJoiner(", ", "{", "}")
                .add("\"address\": " + quote(path.address()))
                .add("\"uplink\": " + quote(path.uplink()))
                .add("\"outside\": " + quote(path.outside()))
                .add("\"gateway\": " + quote(path.gateway()))
                .add("\"reachable\": " + quote(path.reachable()))
                .add("\"mtu\": " + path.mtu())
                .add("\"up\": " + path.up())
                .toString();
    }

    static String quote(Object value) {
        return value == null ? "null" : ScenarioJson.string(value.toString());
    }

    static <T> String array(List<T> items, Function<T, String> each) {
        StringJoiner joiner = new StringJoiner(", ", "[", "]");
        items.forEach(item -> joiner.add(each.apply(item)));
        return joiner.toString();
    }
}
