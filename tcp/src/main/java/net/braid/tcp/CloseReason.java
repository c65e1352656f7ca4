package net.braid.tcp;

/** Why a flow is gone. What an application is told (RFC 9293 MUST-12): only {@link Finished} is an orderly end. */
public sealed interface CloseReason {
    /** Both directions ended with FIN. */
    record Finished() implements CloseReason {
    }

    /** RST from the peer. {@code mptcpReason} is that of MP_TCPRST, 0 when there was none. */
    record ResetByPeer(int mptcpReason) implements CloseReason {
    }

    /** RST in answer to our SYN. */
    record Refused() implements CloseReason {
    }

    /** R2 of RFC 9293 section 3.8.3, the user timeout, or keep-alive ran out. */
    record TimedOut(int retransmissions) implements CloseReason {
    }

    /** ICMP told us so while connecting (RFC 5461, RFC 9293 section 3.9.2.2). */
    record Unreachable(int icmpType, int icmpCode) implements CloseReason {
    }

    /** We reset it: by the application's wish, or by a rule that {@code why} names. */
    record Aborted(String why) implements CloseReason {
    }
}
