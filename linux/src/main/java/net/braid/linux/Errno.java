package net.braid.linux;

/** Error numbers of Linux that mean something to us; they are the same on x86-64 and AArch64. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EBADFD = 77;
    static final int EADDRINUSE = 98;
    static final int EADDRNOTAVAIL = 99;
    static final int ENETDOWN = 100;
    static final int ENETUNREACH = 101;
    static final int ENOBUFS = 105;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;

    private Errno() {
    }

    /** In a few words, as a sentence about a failure ends. */
    static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "permission denied (CAP_NET_ADMIN is needed)";
            case EACCES -> "permission denied";
            case ENOENT -> "no such file";
            case EIO -> "input/output error";
            case ENOMEM, ENOBUFS -> "out of memory";
            case EBUSY -> "in use by another program";
            case EEXIST -> "exists already";
            case ENODEV -> "no such device";
            case EINVAL -> "invalid argument";
            case EMSGSIZE -> "packet too large";
            case EADDRINUSE -> "address in use";
            case EADDRNOTAVAIL -> "not an address of this machine";
            case ENETDOWN -> "the interface is down";
            case ENETUNREACH -> "network unreachable";
            case ECONNREFUSED -> "connection refused";
            case EHOSTUNREACH -> "no route to host";
            default -> "error " + errno;
        };
    }
}
