package net.braid.cli;

/** A run that is over. */
record DemoRun(DemoSettings settings, DemoTrace trace, DemoVerdict verdict) {
}
