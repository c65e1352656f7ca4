/**
 * Benchmarks with JMH, one class per room of the house, and the program that runs them. On the class path, because JMH
 * is not made of modules.
 */
package net.braid.bench;
