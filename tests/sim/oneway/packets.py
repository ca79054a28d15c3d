"""Captures of probes and of marked packets, written as anybody else would."""
import struct


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def address(text):
    return bytes(int(part) for part in text.split("."))


def ip(source, target, protocol, payload, tos=0, ttl=16):
    head = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), 0, 0, ttl, protocol,
                                 0, address(source), address(target)))
    head[10:12] = struct.pack("!H", checksum(bytes(head)))
    return bytes(head) + payload


def udp(sport, dport, payload, wrong_checksum=False):
    """Without a checksum, or with one that a card has yet to write."""
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0x1234 * wrong_checksum) + payload


def probe(flow, sequence, vpn=1, flags=0, sent_ns=0, **more):
    return udp(19300, 19300, struct.pack("!4sBBHIIQQ", b"MVPB", 1, flags, 32, vpn, flow, sequence,
                                         sent_ns) + bytes(20), **more)


def gre(source, target, packet):
    return ip(source, target, 47, struct.pack("!HH", 0, 0x0800) + packet)


def frame(packet, vlan=None):
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    return bytes.fromhex("01005e010101") + bytes.fromhex("020000000001") + tag + b"\x08\0" + packet


def write(path, frames):
    """frames: (time in ns, bytes); nanosecond pcap, Ethernet."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
        for at, data in sorted(frames, key=lambda x: x[0]):
            f.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(data), len(data)) + data)
