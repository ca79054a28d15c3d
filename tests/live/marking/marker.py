#!/usr/bin/env python3
"""A source that marks what it sends: marker.py BLOCK_SECONDS SECONDS MASK GROUP=PPS... Colour
1 (the DSCP bit MASK) in blocks of odd number, so many seconds since the epoch each."""
import socket
import sys
import time

PORT = 5000


def main():
    block, seconds, mask = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    flows = []
    for word in sys.argv[4:]:
        group, pps = word.split("=")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 16)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        flows.append([s, group, float(pps), 0])
    begin, colour = time.time(), None
    while True:
        now = time.time()
        if now - begin >= seconds:
            break
        odd = int(now // block) & 1
        if odd != colour:
            colour = odd
            for s, *_ in flows:
                s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, (mask << 2) * odd)
        for flow in flows:
            if flow[3] <= (now - begin) * flow[2]:
                flow[0].sendto(flow[3].to_bytes(8, "big") + bytes(100), (flow[1], PORT))
                flow[3] += 1
        time.sleep(0.0005)
    print(*(f"{group}={sent}" for _, group, _, sent in flows))


if __name__ == "__main__":
    main()
