package net.braid.conformance;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * House rules that a class file can break. Each violation is one line: which class names what, and why it must not.
 *
 * <p>It reads names, one class at a time. Three things it cannot see: iteration of a {@code Map} or {@code Set} that
 * another class has made, for it does not know whether that one is hashed (the two-runs-one-digest tests of the
 * simulator look for what this would do); what is called by reflection; and what a lambda is later run by.
 */
public final class ClassRules {
    /** Which rooms a room may name. A room that is not listed may name every other. */
    private static final Map<String, Set<String>> MAY_NAME = Map.of(
            "base", Set.of(),
            "wire", Set.of("base"),
            "link", Set.of("base", "wire"),
            "tcp", Set.of("base", "wire"),
            "mptcp", Set.of("base", "wire", "tcp"),
            "policy", Set.of("base", "wire", "tcp", "mptcp"),
            "stack", Set.of("base", "wire", "link", "tcp", "mptcp"),
            "linux", Set.of("base", "wire", "link"),
            "runtime", Set.of("base", "wire", "link", "tcp", "mptcp", "stack", "linux"),
            "sim", Set.of("base", "wire", "link", "tcp", "mptcp", "stack"));

    /** These have threads, clocks and sockets; everything else that may not name every room has none. */
    private static final Set<String> ON_THE_MACHINE = Set.of("linux", "runtime");

    /** The engine proper: one kind of memory segment, no file. */
    private static final Set<String> ENGINE = Set.of("base", "wire", "link", "tcp", "mptcp", "policy", "stack");

    /** Below {@code runtime}: no thread, no clock, no randomness of its own, no log. */
    private static final List<String> FORBIDDEN_TYPES = List.of(
            "java/lang/Thread", "java/lang/ThreadLocal", "java/lang/InheritableThreadLocal", "java/lang/ScopedValue",
            "java/lang/Process", "java/lang/ProcessBuilder", "java/lang/Runtime", "java/util/Timer",
            "java/util/TimerTask", "java/util/concurrent/*", "java/time/Clock", "java/util/Date",
            "java/util/Calendar", "java/util/GregorianCalendar", "java/util/Random", "java/util/SplittableRandom",
            "java/util/random/*", "java/security/SecureRandom", "java/lang/System$Logger", "java/util/logging/*",
            "sun/misc/Unsafe", "jdk/internal/*", "java/net/*", "java/nio/channels/*");

    /** No file is opened in the engine; streams and paths that a caller hands over are for the simulator to open. */
    private static final List<String> FILES = List.of("java/nio/file/*", "java/io/File", "java/io/FileInputStream",
            "java/io/FileOutputStream", "java/io/FileReader", "java/io/FileWriter", "java/io/RandomAccessFile",
            "java/io/PrintStream", "java/io/Console");

    /** Rooms that have no stream at all; {@code wire} reads and writes captures from streams it is given. */
    private static final Set<String> WITHOUT_STREAMS = Set.of("base", "link", "tcp", "mptcp", "policy", "stack");

    private static final Set<String> FORBIDDEN_MEMBERS = Set.of(
            "java/lang/System.nanoTime", "java/lang/System.currentTimeMillis", "java/lang/System.out",
            "java/lang/System.err", "java/lang/System.in", "java/lang/System.getLogger",
            "java/lang/System.identityHashCode", "java/lang/Math.random", "java/lang/StrictMath.random",
            "java/util/UUID.randomUUID", "java/util/Collections.shuffle", "java/lang/System.exit",
            "java/lang/Object.wait", "java/lang/Object.notify", "java/lang/Object.notifyAll",
            "java/util/Collection.parallelStream");

    private static final Set<String> HASHED = Set.of("java/util/HashMap", "java/util/HashSet",
            "java/util/IdentityHashMap", "java/util/WeakHashMap", "java/util/Hashtable",
            "java/util/concurrent/ConcurrentHashMap");
    private static final Set<String> UNORDERED_SOURCES = Set.of("java/util/Map.of", "java/util/Map.ofEntries",
            "java/util/Map.copyOf", "java/util/Set.of", "java/util/Set.copyOf", "java/util/stream/Collectors.toSet",
            "java/util/stream/Collectors.toMap", "java/util/stream/Collectors.groupingBy");
    private static final Set<String> ITERATION = Set.of("entrySet", "keySet", "values", "forEach", "iterator",
            "spliterator", "stream", "toArray", "replaceAll", "keys", "elements");

    private static final Pattern TYPE_IN_DESCRIPTOR = Pattern.compile("L([^;<]+)");

    private final String module;
    private final ClassModel model;
    private final Set<String> types = new TreeSet<>();
    private final Set<String> members = new TreeSet<>();
    private final List<String> violations = new ArrayList<>();

    private ClassRules(String module, byte[] bytes) {
        this.module = module;
        model = ClassFile.of().parse(bytes);
    }

    /** @param module the room that the class belongs to, for example {@code tcp} */
    public static List<String> check(String module, byte[] classFile) {
        ClassRules rules = new ClassRules(module, classFile);
        if (rules.model.isModuleInfo()) {
            rules.checkModule();
        } else {
            rules.collectNames();
            rules.checkDirections();
            if (MAY_NAME.containsKey(module) && !ON_THE_MACHINE.contains(module)) {
                rules.checkForbidden();
                rules.checkFiles();
                rules.checkLocks();
                rules.checkIteration();
            }
        }
        return rules.violations;
    }

    private void collectNames() {
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type -> addTypes(type.asInternalName());
                case NameAndTypeEntry pair -> addTypes(pair.type().stringValue());
                case MemberRefEntry member ->
                    members.add(member.owner().asInternalName() + "." + member.name().stringValue());
                default -> { }
            }
        }
        types.remove(model.thisClass().asInternalName());
        model.fields().forEach(field -> addTypes(field.fieldType().stringValue()));
        model.methods().forEach(method -> addTypes(method.methodType().stringValue()));
    }

    private void addTypes(String nameOrDescriptor) {
        if (!nameOrDescriptor.contains(";")) {
            types.add(nameOrDescriptor);
            return;
        }
        Matcher matcher = TYPE_IN_DESCRIPTOR.matcher(nameOrDescriptor);
        while (matcher.find()) {
            types.add(matcher.group(1));
        }
    }

    private void checkDirections() {
        Set<String> allowed = MAY_NAME.get(module);
        if (allowed == null) {
            return;
        }
        for (String type : types) {
            String room = room(type);
            if (room != null && !room.equals(module) && !allowed.contains(room)) {
                violate(type, "module " + module + " must not know module " + room);
            }
        }
    }

    private static String room(String type) {
        String prefix = "net/braid/";
        int end = type.indexOf('/', prefix.length());
        return type.startsWith(prefix) && end > 0 ? type.substring(prefix.length(), end) : null;
    }

    private void checkForbidden() {
        for (String type : types) {
            for (String forbidden : FORBIDDEN_TYPES) {
                if (matches(type, forbidden)) {
                    violate(type, "nothing below runtime may have threads, clocks, randomness, logs or sockets");
                }
            }
        }
        for (String member : members) {
            if (FORBIDDEN_MEMBERS.contains(member)
                    || member.startsWith("java/time/") && member.endsWith(".now")) {
                violate(member, "time and randomness are arguments, output is for the caller");
            }
            if (ENGINE.contains(module) && member.equals("java/lang/foreign/MemorySegment.ofArray")) {
                violate(member, "the engine sees native memory only");
            }
        }
    }

    private void checkFiles() {
        for (String type : types) {
            boolean file = ENGINE.contains(module) && FILES.stream().anyMatch(pattern -> matches(type, pattern));
            boolean stream = WITHOUT_STREAMS.contains(module) && type.startsWith("java/io/")
                    && !type.equals("java/io/Serializable");
            if (file || stream) {
                violate(type, "the engine opens no file and writes to no stream");
            }
        }
    }

    private void checkLocks() {
        for (MethodModel method : model.methods()) {
            boolean entered = method.code().stream().flatMap(code -> code.elementStream())
                    .anyMatch(element -> element instanceof MonitorInstruction);
            if (entered || method.flags().has(AccessFlag.SYNCHRONIZED)) {
                violate("synchronized in " + method.methodName().stringValue(), "one thread owns all that is here");
            }
        }
    }

    private static boolean matches(String type, String pattern) {
        if (pattern.endsWith("*")) {
            return type.startsWith(pattern.substring(0, pattern.length() - 1));
        }
        return type.equals(pattern) || type.startsWith(pattern + "$");
    }

    /** The order of hashed collections depends on addresses and on the start of the machine: no seed replays it. */
    private void checkIteration() {
        boolean hashedHere = types.stream().anyMatch(HASHED::contains)
                || members.stream().anyMatch(UNORDERED_SOURCES::contains);
        for (String member : members) {
            int dot = member.lastIndexOf('.');
            String owner = member.substring(0, dot);
            if (!ITERATION.contains(member.substring(dot + 1))) {
                continue;
            }
            boolean perhapsHashed = owner.equals("java/util/Map") || owner.equals("java/util/Set");
            if (HASHED.contains(owner) || perhapsHashed && hashedHere) {
                violate(member, "the order of a hashed collection is not determined by the seed");
            }
        }
    }

    private void checkModule() {
        if (!MAY_NAME.containsKey(module) || ON_THE_MACHINE.contains(module)) {
            return;
        }
        model.findAttribute(Attributes.module()).orElseThrow().requires().forEach(required -> {
            String name = required.requires().name().stringValue();
            if (!name.equals("java.base") && !name.startsWith("net.braid.")) {
                violations.add("module net.braid." + module + " requires " + name
                        + ": up to the simulator nothing but the JDK's base is needed");
            }
        });
    }

    private void violate(String name, String why) {
        violations.add(model.thisClass().asInternalName().replace('/', '.') + " names " + name.replace('/', '.') + ": "
                + why);
    }
}
