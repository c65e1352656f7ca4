/** Policies: each a small class, found by name. */
package net.braid.policy;
