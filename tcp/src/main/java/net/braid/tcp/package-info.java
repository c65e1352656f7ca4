/**
 * One TCP flow on one path.
 *
 * <pre>
 *  SubflowOwner (the connection)
 *        ^  |
 *        |  v
 *      Subflow ---- state, timers, sizes
 *      /  |   \        \
 * Handshake Arrival  Receiver   SegmentBuilder --> SegmentSink (the stack)
 *             |        |
 *           Sender   AckPolicy, SACK blocks, window
 *          /  |   \
 * SentSegments |  PeerWindow, RateSampler, Pacer, PathMtu (told by PathErrors), KeepAlive
 *           Recovery
 *          /   |    \
 *       Rack  TailLossProbe  RateReduction     CongestionController (a policy)
 * </pre>
 *
 * <p>All numbers inside are 64-bit subflow offsets: 0 is the first payload byte, SYN lies at -1, FIN behind the last
 * byte.
 */
package net.braid.tcp;
