package net.braid.tcp;

/** What a segment under construction is for; decides which options belong on it. */
public enum SegmentKind {
    SYN, SYN_ACK, ACK, DATA, FIN, RESET
}
