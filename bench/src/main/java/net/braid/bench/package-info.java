/** Benchmarks. */
package net.braid.bench;
