package net.braid.sim;

/** Something that a cable can be plugged into: a host's link or a router's port. */
public sealed interface CableEnd permits SimLink, RouterPort {
    String name();
}
