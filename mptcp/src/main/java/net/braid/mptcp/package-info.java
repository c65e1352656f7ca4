/**
 * The connection: a 64-bit stream in each direction, carried by one subflow or more.
 *
 * <pre>
 *   application   write            read      shutdownOutput, close, abort
 *                   |               ^                 |
 *              SendStream     ReceiveStream      Connection  ---- ConnectionListener
 *              (ring, Nagle)  (ring, window,          |
 *                   |          right-sizing)          |
 *                   v               ^                 v
 *                 gather        onPayload        finish, abort
 *                   +--------- Subflow ---------------+
 * </pre>
 *
 * <p>A subflow's tag is a data offset counted from 0. For plain TCP it is also the subflow's own offset.
 */
package net.braid.mptcp;
