/**
 * What tests of several modules share. A contract is an abstract test class: whoever implements the interface extends
 * it in three lines and gets its tests.
 */
package net.braid.testkit;
