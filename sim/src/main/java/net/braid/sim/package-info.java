/** The simulator. */
package net.braid.sim;
