/**
 * What can be exchanged: congestion controllers today; schedulers and path managers with multipath.
 *
 * <pre>
 *   CongestionController (net.braid.tcp)
 *            |
 *   LossBasedController          slow start, timeout, idle restart, undo
 *       /          \
 *    Reno         Cubic ---- HyStart
 * </pre>
 *
 * Nobody names a class of this package: {@code ServiceLoader} finds the factories, and users pick them by
 * {@link net.braid.tcp.CongestionController.Factory#name}.
 */
package net.braid.policy;
