/** The engine on threads: shards, idle strategies, rings between application and shard, events for JFR. */
module net.braid.runtime {
    requires transitive net.braid.stack;
    requires net.braid.linux;
    requires jdk.jfr;

    exports net.braid.runtime;
}
