"""One end of a bulk transfer over the kernel's Multipath TCP.

kernel-peer.py sink ADDRESS PORT SECONDS      reads, and prints the bytes of each second
kernel-peer.py source ADDRESS PORT SECONDS    connects and writes
kernel-peer.py serve ADDRESS PORT SECONDS     accepts and writes
"""
import resource
import socket
import sys
import time

what, address, port, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
block = bytearray(1 << 20)
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
if what == 'source':
    s.connect((address, port))
    c = s
else:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(1)
    print('listening', flush=True)
    c, _ = s.accept()
begin = last = time.monotonic()
count = 0
try:
    while time.monotonic() - begin < seconds:
        if what == 'sink':
            n = c.recv_into(block)
            if not n:
                break
        else:
            n = c.send(block)
        count += n
        now = time.monotonic()
        if now - last >= 1:
            print('second %d' % (count / (now - last)), flush=True)
            last, count = now, 0
except OSError:
    pass
usage = resource.getrusage(resource.RUSAGE_SELF)
print('cpu %.3f' % (usage.ru_utime + usage.ru_stime), flush=True)
