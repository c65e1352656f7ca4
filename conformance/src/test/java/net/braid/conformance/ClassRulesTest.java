package net.braid.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.constant.ModuleDesc;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Each rule on a class made for it: a rule that cannot fail is no rule. */
class ClassRulesTest {

    private static byte[] classWith(Consumer<CodeBuilder> code) {
        return ClassFile.of().build(ClassDesc.of("net.braid.tcp.Made"), type -> type.withMethodBody("run",
                ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC, body -> {
                    code.accept(body);
                    body.return_();
                }));
    }

    private static byte[] calling(String owner, String method, String descriptor) {
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(descriptor);
        return classWith(body -> {
            body.invokestatic(ClassDesc.of(owner), method, type);
            switch (type.returnType().descriptorString()) {
                case "V" -> { }
                case "J", "D" -> body.pop2();
                default -> body.pop();
            }
        });
    }

    private static byte[] withField(String type) {
        return ClassFile.of().build(ClassDesc.of("net.braid.tcp.Made"),
                made -> made.withField("field", ClassDesc.of(type), 0));
    }

    private static byte[] iterating(String made, String owner) {
        return classWith(body -> body.new_(ClassDesc.of(made)).dup()
                .invokespecial(ClassDesc.of(made), "<init>", ConstantDescs.MTD_void)
                .invokeinterface(ClassDesc.of(owner), "keySet", MethodTypeDesc.ofDescriptor("()Ljava/util/Set;"))
                .pop());
    }

    private static byte[] moduleRequiring(String required) {
        return ClassFile.of().buildModule(ModuleAttribute.of(ModuleDesc.of("net.braid.tcp"), module -> module
                .requires(ModuleDesc.of("java.base"), 0, null).requires(ModuleDesc.of(required), 0, null)));
    }

    private static void assertOne(String expected, String module, byte[] bytes) {
        List<String> violations = ClassRules.check(module, bytes);
        assertEquals(1, violations.size(), violations.toString());
        assertTrue(violations.getFirst().contains(expected), violations.getFirst());
    }

    @Test
    void harmlessClassPasses() {
        assertEquals(List.of(), ClassRules.check("tcp", calling("java.lang.Math", "abs", "()J")));
    }

    @Test
    void classMayNameARoomBelow() {
        assertEquals(List.of(), ClassRules.check("tcp", withField("net.braid.wire.SegmentView")));
    }

    @Test
    void flowMustNotKnowConnections() {
        assertOne("must not know module mptcp", "tcp", withField("net.braid.mptcp.Connection"));
    }

    @Test
    void stackMustNotNamePolicies() {
        assertOne("must not know module policy", "stack", withField("net.braid.policy.Reno"));
    }

    @Test
    void connectionMustNotKnowTheStack() {
        assertOne("must not know module stack", "mptcp", withField("net.braid.stack.Stack"));
    }

    @Test
    void simulatorMustNotKnowTheRuntime() {
        assertOne("must not know module runtime", "sim", withField("net.braid.runtime.Shard"));
    }

    @Test
    void directionIsSeenInDescriptorsToo() {
        byte[] bytes = classWith(body -> body.aconst_null().invokestatic(ClassDesc.of("net.braid.tcp.Other"), "take",
                MethodTypeDesc.ofDescriptor("(Lnet/braid/mptcp/Connection;)V")));
        assertOne("must not know module mptcp", "tcp", bytes);
    }

    @Test
    void threadsAreForbidden() {
        assertOne("java.lang.Thread", "tcp", withField("java.lang.Thread"));
        assertTrue(ClassRules.check("tcp", calling("java.lang.Thread", "yield", "()V")).size() == 1);
    }

    @Test
    void clocksAreForbidden() {
        assertOne("System.nanoTime", "tcp", calling("java.lang.System", "nanoTime", "()J"));
        assertOne("System.currentTimeMillis", "tcp", calling("java.lang.System", "currentTimeMillis", "()J"));
        assertOne("Instant.now", "stack", calling("java.time.Instant", "now", "()Ljava/time/Instant;"));
        assertOne("java.time.Clock", "sim", withField("java.time.Clock"));
    }

    @Test
    void otherClocksOfTheLibraryAreForbidden() {
        assertOne("LocalTime.now", "tcp", calling("java.time.LocalTime", "now", "()Ljava/time/LocalTime;"));
        assertOne("java.util.Date", "mptcp", withField("java.util.Date"));
        assertOne("java.util.Calendar", "sim", withField("java.util.Calendar"));
    }

    @Test
    void durationsAreNoClocks() {
        assertEquals(List.of(), ClassRules.check("sim", calling("java.time.Duration", "ofNanos",
                "()Ljava/time/Duration;")));
    }

    @Test
    void executorsAndFuturesAreForbidden() {
        assertOne("CompletableFuture", "tcp", withField("java.util.concurrent.CompletableFuture"));
        assertOne("ScheduledExecutorService", "sim", withField("java.util.concurrent.ScheduledExecutorService"));
        assertOne("ReentrantLock", "stack", withField("java.util.concurrent.locks.ReentrantLock"));
    }

    @Test
    void synchronizedMethodsAreForbidden() {
        byte[] bytes = ClassFile.of().build(ClassDesc.of("net.braid.tcp.Made"), type -> type.withMethodBody("run",
                ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC | ClassFile.ACC_SYNCHRONIZED, body -> body.return_()));
        assertOne("synchronized in run", "tcp", bytes);
        assertEquals(List.of(), ClassRules.check("cli", bytes));
    }

    @Test
    void synchronizedBlocksAreForbidden() {
        assertOne("synchronized in run", "base", classWith(body -> body.ldc("lock").astore(0).aload(0).monitorenter()
                .aload(0).monitorexit()));
    }

    @Test
    void filesAreForbiddenInTheEngine() {
        assertOne("java.nio.file.Path", "wire", withField("java.nio.file.Path"));
        assertOne("java.io.FileOutputStream", "stack", withField("java.io.FileOutputStream"));
        assertEquals(List.of(), ClassRules.check("sim", withField("java.nio.file.Path")));
    }

    @Test
    void streamsAreForWireAndSimulatorOnly() {
        assertOne("java.io.OutputStream", "tcp", withField("java.io.OutputStream"));
        assertEquals(List.of(), ClassRules.check("wire", withField("java.io.OutputStream")));
    }

    @Test
    void ownRandomnessIsForbidden() {
        assertOne("java.util.Random", "tcp", withField("java.util.Random"));
        assertOne("java.security.SecureRandom", "stack", withField("java.security.SecureRandom"));
        assertOne("Math.random", "policy", calling("java.lang.Math", "random", "()D"));
        assertOne("UUID.randomUUID", "sim", calling("java.util.UUID", "randomUUID", "()Ljava/util/UUID;"));
    }

    @Test
    void logsAndConsoleAreForbidden() {
        assertOne("java.util.logging.Logger", "tcp", withField("java.util.logging.Logger"));
        assertOne("java.lang.System$Logger", "tcp", withField("java.lang.System$Logger"));
        assertOne("System.out", "sim", classWith(body -> body
                .getstatic(ClassDesc.of("java.lang.System"), "out", ClassDesc.of("java.io.PrintStream")).pop()));
    }

    @Test
    void commandMayUseClockAndConsole() {
        assertEquals(List.of(), ClassRules.check("cli", calling("java.lang.System", "nanoTime", "()J")));
    }

    @Test
    void heapSegmentsAreForbiddenInTheEngine() {
        ClassDesc segment = ClassDesc.of("java.lang.foreign.MemorySegment");
        byte[] bytes = classWith(body -> body.aconst_null().invokestatic(segment, "ofArray",
                MethodTypeDesc.ofDescriptor("([B)Ljava/lang/foreign/MemorySegment;"), true).pop());
        assertOne("MemorySegment.ofArray", "wire", bytes);
        assertEquals(List.of(), ClassRules.check("testkit", bytes));
    }

    @Test
    void iterationOverAHashedMapIsForbidden() {
        assertOne("java.util.Map.keySet", "stack", iterating("java.util.HashMap", "java.util.Map"));
        assertOne("java.util.HashMap.keySet", "stack", iterating("java.util.TreeMap", "java.util.HashMap"));
    }

    @Test
    void iterationOverAnOrderedMapIsAllowed() {
        assertEquals(List.of(), ClassRules.check("stack", iterating("java.util.TreeMap", "java.util.Map")));
    }

    @Test
    void modulesUpToTheSimulatorNeedOnlyTheBaseOfTheJdk() {
        assertOne("requires java.logging", "tcp", moduleRequiring("java.logging"));
        assertEquals(List.of(), ClassRules.check("tcp", moduleRequiring("net.braid.wire")));
        assertEquals(List.of(), ClassRules.check("cli", moduleRequiring("info.picocli")));
    }
}
