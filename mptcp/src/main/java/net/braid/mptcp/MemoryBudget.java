package net.braid.mptcp;

import net.braid.base.BlockPool;

/**
 * Who may still have memory when the shard's pool runs short. Marks, so that what lets data drain is refused last:
 *
 * <pre>
 *   0 ............ 3/4 ............. 7/8 ............ limit
 *   everybody      one block to      no out-of-order  in-order data
 *                  write for each,   data, no writes  until full
 *                  no wider windows
 * </pre>
 *
 * Under pressure a connection that holds nothing to send may still take one block, as {@code tcp_wmem[0]} is left to
 * each in Linux: else a few with full buffers would silence all others.
 *
 * In-order data goes on until the last block, because only it can complete what out-of-order data already occupies.
 * Acknowledgments need no memory, so send buffers always drain.
 */
public final class MemoryBudget {
    private final BlockPool pool;

    public MemoryBudget(BlockPool pool) {
        this.pool = pool;
    }

    public BlockPool pool() {
        return pool;
    }

    /** Whether the pool is above three quarters of its limit (Linux: the pressure mark of {@code tcp_mem}). */
    public boolean underPressure() {
        return pool.inUse() > pool.limit() - pool.limit() / 4 - 1;
    }

    /** Whether a send stream that holds {@code blocks} may take another. */
    public boolean allowsWrite(int blocks) {
        return pool.available() > 0 && (!underPressure() || blocks == 0 && allowsOutOfOrder());
    }

    /** Whether bytes may be kept that do not yet follow what has arrived. */
    public boolean allowsOutOfOrder() {
        return pool.inUse() < pool.limit() - pool.limit() / 8;
    }

    /** Whether a receive window may be opened further than it already is. */
    public boolean allowsWiderWindow() {
        return !underPressure();
    }
}
