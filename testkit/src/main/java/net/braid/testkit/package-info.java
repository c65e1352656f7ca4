/** Tools for tests. */
package net.braid.testkit;
