package net.braid.bench;

import java.io.IOException;
import net.braid.wire.IpAddress;

/** The Multipath TCP of the kernel. */
final class KernelHost implements Host {
    private final IpAddress address;
    private final int port;
    private final KernelSocket listening;

    /** @param server whether to listen at the address, not to connect to it */
    KernelHost(boolean server, IpAddress address, int port) throws IOException {
        this.address = address;
        this.port = port;
        this.listening = server ? KernelSocket.listen(address, port) : null;
    }

    @Override
    public Line connect(int subflows) throws IOException {
        return KernelSocket.connect(address, port);
    }

    @Override
    public Line accept() throws IOException {
        return listening.accept();
    }

    @Override
    public void close() {
        if (listening != null) {
            listening.close();
        }
    }
}
