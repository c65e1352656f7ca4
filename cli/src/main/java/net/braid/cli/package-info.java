/** The {@code braid} command. */
package net.braid.cli;
