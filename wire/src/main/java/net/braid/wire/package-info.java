/**
 * Wire formats.
 *
 * <pre>
 *   packet --> SegmentDecoder --> SegmentView { TcpOptions }      per segment, nothing allocated
 *                |                      |
 *                |                      +--> MptcpOption          records, on request: control plane and tests
 *                +--> IcmpDecoder --> IcmpView
 *
 *   Ipv4Header / Ipv6Header / TcpHeader + OptionWriter --> packet
 *                                          ^
 *                             OptionBudget: what fits into 40 bytes
 * </pre>
 *
 * All addresses are (memory, offset, length) over native memory. What comes from the network never throws.
 */
package net.braid.wire;
