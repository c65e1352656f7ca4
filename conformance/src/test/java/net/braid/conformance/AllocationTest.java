package net.braid.conformance;

import static net.braid.conformance.BulkTransfer.MILLIS;
import static net.braid.conformance.BulkTransfer.SECONDS;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import net.braid.mptcp.ConnectionConfig;
import net.braid.mptcp.MultipathConfig;
import net.braid.sim.LinkOffload;
import net.braid.sim.PipeProperties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nothing is allocated per segment: sender, receiver, simulated link and the applications at both ends run on this
 * thread, so its count of allocated bytes covers them all. Arrays grow while the path is new, hence the warm-up.
 */
class AllocationTest {
    private static final int SEGMENTS = 1_000_000;
    private static final int WARM_UP_SEGMENTS = 400_000;
    /** Windows of two paths take longer to reach their largest. */
    private static final int MULTIPATH_WARM_UP = 2_000_000;
    /** In all, not per segment: room for a last doubling of one array, and for the virtual machine. */
    private static final long MOST_BYTES = 4096;
    private static final long RATE = 1_000_000_000;
    private static final long RTT = 2 * MILLIS;
    private static final long STEP = 100 * MILLIS;

    @ParameterizedTest(name = "loss {0}, offload {1}, IPv6 {2}")
    @CsvSource({"0, false, false", "0, true, false", "0, false, true", "0.001, false, false", "0.001, true, false",
        "0.02, false, false"})
    void millionSegmentsAllocateNextToNothing(double loss, boolean offload, boolean ipv6) {
        PipeProperties path = BulkTransfer.pipe(RATE, RTT, RATE / 8 * RTT / SECONDS).build();
        try (BulkTransfer transfer = BulkTransfer.builder().ipv6(ipv6)
                .offload(offload ? LinkOffload.FULL : LinkOffload.NONE)
                .path(path.toBuilder().loss(loss).build(), path).start()) {
            allocatedBy(transfer, WARM_UP_SEGMENTS);
            long bytes = allocatedBy(transfer, SEGMENTS);
            assertTrue(bytes <= MOST_BYTES, "bytes allocated over 10^6 segments: " + bytes);
            assertNull(transfer.receiver().violation());
        }
    }

    @ParameterizedTest(name = "two subflows, loss {0}, checksum {1}")
    @CsvSource({"0, false", "0.001, false", "0, true"})
    void millionSegmentsOverTwoSubflowsAllocateNextToNothing(double loss, boolean checksum) {
        PipeProperties path = BulkTransfer.pipe(RATE, RTT, RATE / 8 * RTT / SECONDS).build();
        PipeProperties lossy = path.toBuilder().loss(loss).build();
        ConnectionConfig config = MultipathTransfer.MULTIPATH.toBuilder().multipath(MultipathConfig.builder()
                .pathManager("fullmesh").checksum(checksum).build()).build();
        try (MultipathTransfer transfer = new MultipathTransfer(1, config, lossy, path)) {
            allocatedBy(transfer, MULTIPATH_WARM_UP);
            long bytes = allocatedBy(transfer, SEGMENTS);
            assertTrue(bytes <= MOST_BYTES, "bytes allocated over 10^6 segments: " + bytes);
            assertNull(transfer.receiver().violation());
        }
    }

    private static long allocatedBy(MultipathTransfer transfer, long segments) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long goal = transfer.packetsOn(0) + transfer.packetsOn(1) + segments;
        long before = threads.getCurrentThreadAllocatedBytes();
        while (transfer.packetsOn(0) + transfer.packetsOn(1) < goal) {
            transfer.run(STEP);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** Bytes that this thread allocates while at least {@code segments} data segments arrive. */
    private static long allocatedBy(BulkTransfer transfer, long segments) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long goal = transfer.cable().forward().counters().delivered() + segments;
        long before = threads.getCurrentThreadAllocatedBytes();
        while (transfer.cable().forward().counters().delivered() < goal) {
            transfer.run(STEP);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
