package net.braid.sim;

/** Where a cable is plugged into a router. */
public final class RouterPort implements CableEnd {
    private final Router router;
    private final int index;
    private Pipe out;

    RouterPort(Router router, int index) {
        this.router = router;
        this.index = index;
    }

    public Router router() {
        return router;
    }

    @Override
    public String name() {
        return router.name() + "." + index;
    }

    void connect(Pipe outgoing) {
        assert out == null : "a port takes one cable";
        out = outgoing;
    }

    Pipe out() {
        return out;
    }

    @Override
    public String toString() {
        return name();
    }
}
