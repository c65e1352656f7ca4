/**
 * The {@code braid} command. {@link net.braid.cli.Braid} is its front door and owns errors and exit codes; every
 * subcommand is one class.
 */
package net.braid.cli;
