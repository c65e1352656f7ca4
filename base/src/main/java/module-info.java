/** Native memory, stream rings, ranges, deadlines, queues, primitive maps, randomness. Knows nothing of networks. */
module net.braid.base {
    exports net.braid.base;
}
