/** One shard's engine. */
package net.braid.stack;
