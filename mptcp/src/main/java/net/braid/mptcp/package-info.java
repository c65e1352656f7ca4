/** The connection above its subflows. */
package net.braid.mptcp;
