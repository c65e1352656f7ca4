package net.braid.runtime;

import net.braid.stack.Stack;

/** Something that another thread wants done on the shard's thread. */
@FunctionalInterface
interface ShardTask {
    void run(Stack stack, long now);
}
