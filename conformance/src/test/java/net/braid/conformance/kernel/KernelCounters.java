package net.braid.conformance.kernel;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel of a namespace has counted, as {@code nstat} shows it; those that are not zero. */
final class KernelCounters {
    private static final String PREFIX = "MPTcpExt";
    private static final Pattern SUBFLOWS = Pattern.compile("\\bsubflows:([0-9]+)");

    private final Map<String, Long> values = new TreeMap<>();

    private KernelCounters() {
    }

    static KernelCounters of(String namespace) {
        KernelCounters counters = new KernelCounters();
        String said = Shell.run("ip", "netns", "exec", namespace, "nstat", "-asz", PREFIX + "*").must().out();
        said.lines().filter(line -> line.startsWith(PREFIX)).map(line -> line.split("\\s+"))
                .filter(words -> !words[1].equals("0"))
                .forEach(words -> counters.values.put(words[0].substring(PREFIX.length()), Long.parseLong(words[1])));
        return counters;
    }

    /** @param name without MPTcpExt */
    long get(String name) {
        return values.getOrDefault(name, 0L);
    }

    /** What says that a connection has lost Multipath TCP, or a mapping was not what it should be. */
    Map<String, Long> troubles() {
        Map<String, Long> troubles = new TreeMap<>(values);
        troubles.keySet().removeIf(name -> !name.matches(
                ".*Fallback.*|DSS.*|.*HMacFailure|InfiniteMap.*|DataCsumErr|NoDSSInWindow|MPFail.*|MPJoinNoTokenFound"
                        + "|MPJoinRejected|AddAddrDrop|RmAddrDrop|Mismatch.*"));
        return troubles;
    }

    /**
     * Subflows of all connections that are not closed and have not fallen back, as {@code ss -Mani} shows them: one
     * line of addresses, and one of details.
     */
    static int subflows(String namespace) {
        int sum = 0;
        boolean open = false;
        for (String line : sockets(namespace).lines().toList()) {
            if (!line.startsWith("\t")) {
                open = line.matches("(ESTAB|FIN-WAIT|CLOSE-WAIT).*");
            } else if (open && line.contains("remote_key") && !line.contains("fallback")) {
                // It counts those besides the first.
                Matcher matcher = SUBFLOWS.matcher(line);
                sum += 1 + (matcher.find() ? Integer.parseInt(matcher.group(1)) : 0);
            }
        }
        return sum;
    }

    static String sockets(String namespace) {
        return Shell.run("ip", "netns", "exec", namespace, "ss", "-Mani").must().out();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
