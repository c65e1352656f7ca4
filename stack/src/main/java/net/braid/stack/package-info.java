/**
 * One shard's engine. It owns links, connections and timers; one thread calls it; nothing in it waits.
 *
 * <pre>
 *   Link -> Stack.onPacket -> SegmentDecoder -> Demultiplexer --hit--> Connection
 *                                |                 | miss
 *                                | ICMP            +-> TimeWaitTable -> Listener -> Replies (reset)
 *                                v
 *                            IcmpInput
 *
 *   Stack.transmit -> TransmitQueue -> Connection.transmit -> Transmitter (IP header, checksum) -> Link
 *   Stack.onDeadline -> DeadlineHeap -> Connection.onDeadline
 * </pre>
 */
package net.braid.stack;
