/** Requirement report, house rules, checks against other implementations. */
package net.braid.conformance;
