package net.braid.tcp;

/** Every event worth counting, under the name that Linux gives it ({@code nstat}), or a name of ours in its style. */
public enum Counter {
    TCP_ACTIVE_OPENS("TcpActiveOpens"),
    TCP_PASSIVE_OPENS("TcpPassiveOpens"),
    TCP_ATTEMPT_FAILS("TcpAttemptFails"),
    TCP_ESTAB_RESETS("TcpEstabResets"),
    TCP_IN_SEGS("TcpInSegs"),
    TCP_OUT_SEGS("TcpOutSegs"),
    TCP_RETRANS_SEGS("TcpRetransSegs"),
    TCP_IN_ERRS("TcpInErrs"),
    TCP_OUT_RSTS("TcpOutRsts"),
    TCP_IN_CSUM_ERRORS("TcpInCsumErrors"),
    IP_IN_HDR_ERRORS("IpInHdrErrors"),
    IP_IN_ADDR_ERRORS("IpInAddrErrors"),
    IP_IN_UNKNOWN_PROTOS("IpInUnknownProtos"),
    IP_REASM_FAILS("IpReasmFails"),
    ICMP_IN_MSGS("IcmpInMsgs"),
    ICMP_IN_ERRORS("IcmpInErrors"),
    TCP_TIMEOUTS("TcpExtTCPTimeouts"),
    TCP_SYN_RETRANS("TcpExtTCPSynRetrans"),
    TCP_SPURIOUS_RTOS("TcpExtTCPSpuriousRTOs"),
    TCP_LOSS_PROBES("TcpExtTCPLossProbes"),
    TCP_LOSS_PROBE_RECOVERY("TcpExtTCPLossProbeRecovery"),
    TCP_SACK_RECOVERY("TcpExtTCPSackRecovery"),
    TCP_RENO_RECOVERY("TcpExtTCPRenoRecovery"),
    TCP_FAST_RETRANS("TcpExtTCPFastRetrans"),
    TCP_SLOW_START_RETRANS("TcpExtTCPSlowStartRetrans"),
    TCP_LOST_RETRANSMIT("TcpExtTCPLostRetransmit"),
    TCP_FULL_UNDO("TcpExtTCPFullUndo"),
    TCP_DSACK_UNDO("TcpExtTCPDSACKUndo"),
    TCP_SACK_RENEGING("TcpExtTCPSACKReneging"),
    TCP_SACK_REORDER("TcpExtTCPSACKReorder"),
    TCP_DSACK_RECV("TcpExtTCPDSACKRecv"),
    TCP_DSACK_OLD_SENT("TcpExtTCPDSACKOldSent"),
    TCP_DSACK_OFO_SENT("TcpExtTCPDSACKOfoSent"),
    TCP_OFO_QUEUE("TcpExtTCPOFOQueue"),
    TCP_OFO_DROP("TcpExtTCPOFODrop"),
    OFO_PRUNED("TcpExtOfoPruned"),
    TCP_RCV_Q_DROP("TcpExtTCPRcvQDrop"),
    TCP_ZERO_WINDOW_DROP("TcpExtTCPZeroWindowDrop"),
    TCP_TO_ZERO_WINDOW_ADV("TcpExtTCPToZeroWindowAdv"),
    TCP_FROM_ZERO_WINDOW_ADV("TcpExtTCPFromZeroWindowAdv"),
    TCP_WIN_PROBE("TcpExtTCPWinProbe"),
    TCP_KEEP_ALIVE("TcpExtTCPKeepAlive"),
    TCP_DELAYED_ACKS("TcpExtDelayedACKs"),
    TCP_CHALLENGE_ACK("TcpExtTCPChallengeACK"),
    TCP_SYN_CHALLENGE("TcpExtTCPSYNChallenge"),
    TCP_ACK_SKIPPED_CHALLENGE("TcpExtTCPACKSkippedChallenge"),
    PAWS_ESTAB_REJECTED("TcpExtPAWSEstabRejected"),
    TCP_TIMESTAMP_MISSING("TcpExtTCPTimestampMissing"),
    TCP_OUT_OF_WINDOW("TcpExtOutOfWindow"),
    TCP_ACK_UNACCEPTABLE("TcpExtTCPAckUnacceptable"),
    TCP_BACKLOG_DROP("TcpExtTCPBacklogDrop"),
    LISTEN_OVERFLOWS("TcpExtListenOverflows"),
    LISTEN_DROPS("TcpExtListenDrops"),
    TCP_NO_PORTS("TcpExtTCPNoPorts"),
    TW("TcpExtTW"),
    TW_RECYCLED("TcpExtTWRecycled"),
    TW_OVERFLOW("TcpExtTCPTimeWaitOverflow"),
    TCP_ABORT_ON_DATA("TcpExtTCPAbortOnData"),
    TCP_ABORT_ON_CLOSE("TcpExtTCPAbortOnClose"),
    TCP_ABORT_ON_TIMEOUT("TcpExtTCPAbortOnTimeout"),
    TCP_ABORT_ON_MEMORY("TcpExtTCPAbortOnMemory"),
    TCP_MTU_PROBE("TcpExtTCPMTUPSuccess"),
    TCP_MTU_PROBE_FAIL("TcpExtTCPMTUPFail"),
    TCP_PMTU_BLACKHOLE("TcpExtTCPMTUBlackhole"),
    LOCK_DROPPED_ICMPS("TcpExtOutOfWindowIcmps"),
    TCP_ECN_REDUCTION("TcpExtTCPEcnReduction"),
    TCP_URGENT("TcpExtTCPUrgentSeen"),
    TCP_MEMORY_PRESSURES("TcpExtTCPMemoryPressures");

    private final String linuxName;

    Counter(String linuxName) {
        this.linuxName = linuxName;
    }

    public String linuxName() {
        return linuxName;
    }
}
