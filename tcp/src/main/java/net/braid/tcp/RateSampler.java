package net.braid.tcp;

/**
 * Delivery rate: how fast the path delivers, measured over the time one segment was under way
 * (draft-cheng-iccrg-delivery-rate-estimation, as BBR uses it).
 */
final class RateSampler {
    private static final long SHORTEST_WINDOW_NANOS = 100_000_000L;

    private long delivered;
    private long deliveredTime;
    private long firstSentTime;
    /** Delivered count up to which samples are limited by the application; 0: they are not. */
    private long applicationLimitedUntil;

    /** The newest segment that the acknowledgment under way covers. */
    private boolean sampled;
    private long priorDelivered;
    private long priorTime;
    private long sendElapsed;
    private boolean limited;
    private long rate;
    private long currentMaximum;
    private long previousMaximum;
    private long windowEnd;

    /** Before a segment is recorded as sent. {@code pipe}: bytes in flight before it. */
    void onSend(SentSegments sent, int slot, long pipe, long now) {
        if (pipe == 0) {
            firstSentTime = now;
            deliveredTime = now;
        }
        sent.stampDelivery(slot, delivered, deliveredTime, firstSentTime, applicationLimitedUntil != 0);
    }

    void beginAck() {
        sampled = false;
    }

    void onDelivered(SentSegments sent, int slot, long now) {
        delivered += sent.end(slot) - sent.start(slot);
        deliveredTime = now;
        if (!sampled || sent.deliveredWhenSent(slot) > priorDelivered) {
            sampled = true;
            priorDelivered = sent.deliveredWhenSent(slot);
            priorTime = sent.deliveredTimeWhenSent(slot);
            limited = sent.has(slot, SentSegments.APPLICATION_LIMITED);
            sendElapsed = sent.sentAt(slot) - sent.firstSentAt(slot);
            firstSentTime = sent.sentAt(slot);
        }
    }

    /** Puts the sample of this acknowledgment, if there is one, into {@code sample}. */
    void endAck(AckSample sample, long minimumRtt) {
        if (applicationLimitedUntil != 0 && delivered > applicationLimitedUntil) {
            applicationLimitedUntil = 0;
        }
        sample.deliveredBytes = delivered;
        sample.priorDeliveredBytes = sampled ? priorDelivered : delivered;
        sample.applicationLimited = sampled && limited;
        sample.deliveryRate = 0;
        if (sampled) {
            long interval = Math.max(sendElapsed, deliveredTime - priorTime);
            // An interval below the minimum round trip is ACK compression, not speed.
            if (interval > 0 && interval >= minimumRtt) {
                rate = (long) ((delivered - priorDelivered) * 1e9 / interval);
                sample.deliveryRate = rate;
                onRate(rate, limited, minimumRtt);
            }
        }
    }

    /** Two windows of ten round trips; what the application limited counts only when it is more than is known. */
    private void onRate(long bytesPerSecond, boolean applicationLimited, long minimumRtt) {
        if (deliveredTime >= windowEnd) {
            previousMaximum = currentMaximum;
            currentMaximum = 0;
            windowEnd = deliveredTime + Math.max(10 * minimumRtt, SHORTEST_WINDOW_NANOS);
        }
        if (!applicationLimited || bytesPerSecond > maximum()) {
            currentMaximum = Math.max(currentMaximum, bytesPerSecond);
        }
    }

    /** Largest sample of the last ten to twenty round trips, bytes per second, or 0. */
    long maximum() {
        return Math.max(currentMaximum, previousMaximum);
    }

    /** The application has nothing more to send although the window would allow it. */
    void onApplicationLimited(long pipe) {
        applicationLimitedUntil = Math.max(1, delivered + pipe);
    }

    /** Latest sample in bytes per second, or 0. */
    long rate() {
        return rate;
    }

    long delivered() {
        return delivered;
    }
}
