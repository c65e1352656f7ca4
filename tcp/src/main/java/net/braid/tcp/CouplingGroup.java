package net.braid.tcp;

/** The flows that share one connection, for coupled congestion control (RFC 6356). Of size 1 for plain TCP. */
public interface CouplingGroup {
    int size();

    FlowView flow(int index);
}
