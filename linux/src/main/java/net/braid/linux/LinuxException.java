package net.braid.linux;

import java.io.IOException;

/** A call to the kernel has failed. The message is one sentence for people. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /** @param what that could not be done, as in "cannot open /dev/net/tun" */
    LinuxException(String what, int errno) {
        super(what + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** Number of the error, as in errno(3). */
    public int errno() {
        return errno;
    }

    /** Whether another user, or another capability, would have been allowed to. */
    public boolean isPermission() {
        return errno == Errno.EPERM || errno == Errno.EACCES;
    }

    /** @throws LinuxException when {@code result} is a negated error number */
    static int check(long result, String what) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(what, (int) -result);
        }
        return (int) result;
    }
}
