"""A program of the kernel's Multipath TCP for the interop tests. Prints one line per event: a word, then key=value.

  peer.py serve   tcp|mptcp ADDRESS PORT COUNT STEPS          accepts COUNT connections, each in a thread of its own
  peer.py connect tcp|mptcp ADDRESS PORT COUNT STEPS [FROM]   opens COUNT connections
  peer.py pong ADDRESS PORT                                   sends datagrams back
  peer.py ping ADDRESS PORT COUNT                             sends COUNT, and says how many came back, and how soon

STEPS are separated by commas, and done one after the other on each connection:
  send:BYTES     random bytes; prints how many and their SHA-256
  recv           reads to the end of the stream; prints how many and their SHA-256
  recv:BYTES     reads so many
  both:BYTES     send, shut and recv, at once
  echo           sends back what comes, to the end of the stream
  shut           ends its direction
  abort          closes with SO_LINGER 0
  sleep:SECONDS
  wait           for a line on standard input
  info           prints what the kernel says about the connection
At the end of its steps a connection is closed.
"""
import errno
import hashlib
import random
import socket
import struct
import sys
import threading
import time

MPTCP = 262
SOL_MPTCP = 284
MPTCP_INFO = 1
CHUNK = 64 * 1024

printing = threading.Lock()


def say(word, **values):
    with printing:
        print(word, *[f"{key}={value}" for key, value in values.items()], flush=True)


def chunks(size):
    """Blocks that all differ."""
    block = random.randbytes(CHUNK)
    for i in range(0, size, CHUNK):
        yield (struct.pack("!Q", i) + block[8:])[:min(CHUNK, size - i)]


def send(s, number, size):
    digest = hashlib.sha256()
    for chunk in chunks(size):
        s.sendall(chunk)
        digest.update(chunk)
    say("sent", conn=number, bytes=size, sha=digest.hexdigest())


def receive(s, number, size):
    digest = hashlib.sha256()
    count = 0
    while count < size:
        data = s.recv(min(CHUNK * 4, size - count))
        if not data:
            break
        digest.update(data)
        count += len(data)
    say("received", conn=number, bytes=count, sha=digest.hexdigest())


def echo(s, number):
    count = 0
    while data := s.recv(CHUNK):
        s.sendall(data)
        count += len(data)
    say("echoed", conn=number, bytes=count)


def both(s, number, size):
    def write():
        try:
            send(s, number, size)
            s.shutdown(socket.SHUT_WR)
        except OSError as problem:
            failed(number, problem)
    writer = threading.Thread(target=write)
    writer.start()
    receive(s, number, 1 << 62)
    writer.join()


def info(s, number):
    try:
        raw = s.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)
        say("info", conn=number, multipath="yes", subflows=1 + raw[0], fallback=raw[8] & 1)
    except OSError as problem:
        say("info", conn=number, multipath="no", why=errno.errorcode.get(problem.errno, problem.errno))


def failed(number, problem):
    say("failed", conn=number, why=errno.errorcode.get(problem.errno, str(problem).replace(" ", "_")))


def step(s, number, text):
    word, _, value = text.partition(":")
    if word == "send":
        send(s, number, int(value))
    elif word == "recv":
        receive(s, number, int(value) if value else 1 << 62)
    elif word == "both":
        both(s, number, int(value))
    elif word == "echo":
        echo(s, number)
    elif word == "shut":
        s.shutdown(socket.SHUT_WR)
    elif word == "abort":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    elif word == "sleep":
        time.sleep(float(value))
    elif word == "wait":
        say("waiting", conn=number)
        sys.stdin.readline()
    elif word == "info":
        info(s, number)
    else:
        raise SystemExit(f"no step is called {word}")


def play(s, number, steps):
    try:
        with s:
            for text in steps:
                step(s, number, text)
    except OSError as problem:
        failed(number, problem)
    say("closed", conn=number)


def create(kind, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM, MPTCP if kind == "mptcp" else 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return s


def serve(kind, address, port, count, steps):
    threads = []
    with create(kind, address) as listener:
        listener.bind((address, port))
        listener.listen(128)
        say("listening", port=port)
        for number in range(count):
            s, peer = listener.accept()
            say("connected", conn=number, peer=peer[0], port=peer[1])
            threads.append(threading.Thread(target=play, args=(s, number, steps)))
            threads[-1].start()
        for thread in threads:
            thread.join()


def open_one(kind, address, port, number, steps, source):
    s = create(kind, address)
    try:
        if source:
            s.bind((source, 0))
        s.connect((address, port))
    except OSError as problem:
        failed(number, problem)
        return
    say("connected", conn=number, peer=address, port=port)
    play(s, number, steps)


def connect(kind, address, port, count, steps, source):
    threads = [threading.Thread(target=open_one, args=(kind, address, port, n, steps, source)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def pong(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, port))
        say("listening", port=port)
        while True:
            data, peer = s.recvfrom(2048)
            s.sendto(data, peer)


def ping(address, port, count):
    """One every 5 ms; those that are not back a second after the last are lost."""
    back = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((address, port))

        def send_all():
            for number in range(count):
                s.send(struct.pack("!Id", number, time.monotonic()))
                time.sleep(0.005)
        sender = threading.Thread(target=send_all)
        sender.start()
        s.settimeout(0.1)
        end = time.monotonic() + count * 0.005 + 1
        while len(back) < count and time.monotonic() < end:
            try:
                number, sent = struct.unpack("!Id", s.recv(2048))
                back[number] = time.monotonic() - sent
            except OSError:
                pass
        sender.join()
    say("pinged", back=len(back), ms=1000 * min(back.values(), default=0))


def main(role, kind, address, port, count, steps, source=None):
    steps = steps.split(",")
    if role == "serve":
        serve(kind, address, int(port), int(count), steps)
    else:
        connect(kind, address, int(port), int(count), steps, source)
    say("done")


if __name__ == "__main__":
    if sys.argv[1] == "pong":
        pong(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "ping":
        ping(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*sys.argv[1:])
