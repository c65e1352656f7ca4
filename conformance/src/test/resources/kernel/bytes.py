"""A kernel peer that speaks Multipath TCP and knows only bytes: bytes.py sink|source PORT BYTES, dribble PORT ADDRESS

Serves one connection after the other; for each it prints what it has received or sent.
"""
import socket
import sys
import time

IPPROTO_MPTCP = 262
mode, port = sys.argv[1], int(sys.argv[2])
if mode == "dribble":
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) as server:
        server.connect((sys.argv[3], port))
        while True:
            server.sendall(b"x" * 1000)
            time.sleep(0.1)
amount = int(sys.argv[3])
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", port))
listener.listen(16)
print("listening", flush=True)
while True:
    peer, _ = listener.accept()
    total = 0
    try:
        while mode == "source" and total < amount:
            chunk = min(65536, amount - total)
            peer.sendall(b"x" * chunk)
            total += chunk
        peer.shutdown(socket.SHUT_WR) if mode == "source" else None
        while True:
            data = peer.recv(1 << 20)
            if not data:
                break
            total += len(data)
    except OSError as problem:
        print("problem", problem, flush=True)
    print(total, flush=True)
    peer.close()
