"""Speaks for the tests of braid up: a stack on a TUN device in a few lines, and who it speaks to.

  probe.py echo ADDRESS PORT             answers datagrams with the sender's address
  probe.py ask DEVICE FROM TO PORT SIZE  sends one from a TUN device, and prints the answer
  probe.py hear DEVICE                   prints the first TCP segment that arrives on a TUN device
  probe.py knock ADDRESS PORT            sends a SYN
"""
import fcntl
import ipaddress
import os
import select
import socket
import struct
import sys
import time


def attach(device):
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", device.encode(), 0x1001))  # IFF_TUN | IFF_NO_PI
    return tun


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source, destination, port, payload):
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    length = 8 + len(payload)
    pseudo = a.packed + b.packed + struct.pack("!IHH", length, 0, 17)
    udp = struct.pack("!HHHH", 4242, port, length, 0)
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp + payload)) + payload
    if a.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, 17, 64) + a.packed + b.packed + udp
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0x4000, 64, 17, 0) + a.packed + b.packed
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp


def parse(packet):
    """Protocol, source, destination, what follows the IP header."""
    if packet[0] >> 4 == 6:
        return packet[6], ipaddress.ip_address(packet[8:24]), ipaddress.ip_address(packet[24:40]), packet[40:]
    length = (packet[0] & 15) * 4
    return packet[9], ipaddress.ip_address(packet[12:16]), ipaddress.ip_address(packet[16:20]), packet[length:]


def packets(tun, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([tun], [], [], max(0, end - time.monotonic()))[0]:
            yield parse(os.read(tun, 65536))


def ask(device, source, destination, port, size):
    tun = attach(device)
    for attempt in range(6):
        os.write(tun, datagram(source, destination, int(port), b"x" * int(size)))
        for protocol, a, b, rest in packets(tun, 0.5):
            if protocol == 17:
                print("answer", rest[8:].decode(), "to", b)
                return
            if protocol == 1 and rest[0] == 3:
                print("unreachable" if rest[1] != 4 else f"too big {struct.unpack('!H', rest[6:8])[0]}")
                return
            if protocol == 58 and rest[0] in (1, 2):
                print("unreachable" if rest[0] == 1 else f"too big {struct.unpack('!I', rest[4:8])[0]}")
                return
    print("silence")


def hear(device):
    tun = attach(device)
    print("ready", flush=True)
    for protocol, a, b, rest in packets(tun, 10):
        if protocol == 6:
            print("segment to", b, "port", struct.unpack("!H", rest[2:4])[0])
            return
    print("silence")


def echo(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind((address, int(port)))
        print("ready", flush=True)
        while True:
            _, peer = server.recvfrom(65536)
            server.sendto(peer[0].encode(), peer)


def knock(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(3)
        try:
            client.connect((address, int(port)))
        except OSError:
            pass


if __name__ == "__main__":
    {"ask": ask, "hear": hear, "echo": echo, "knock": knock}[sys.argv[1]](*sys.argv[2:])
