#!/usr/bin/env python3
"""A static multicast router: mroute.py SOURCE GROUP[,GROUP...] IN OUT... in a namespace. Holds its
kernel entries until it is ended; prints "ready" when they stand."""
import signal
import socket
import struct
import sys

MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC = 200, 202, 204
VIFF_USE_IFINDEX = 0x8
MAXVIFS = 32


def main():
    source, groups, interfaces = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    s.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
    for vif, name in enumerate(interfaces):
        s.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF, struct.pack(
            "@HBBIi4x", vif, VIFF_USE_IFINDEX, 1, 0, socket.if_nametoindex(name)))
    ttls = bytes([0] + [1] * (len(interfaces) - 1)).ljust(MAXVIFS, b"\0")
    for group in groups:
        s.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC,
                     socket.inet_aton(source) + socket.inet_aton(group) +
                     struct.pack("@H32s2xIIIi", 0, ttls, 0, 0, 0, 0))
    print("ready", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
