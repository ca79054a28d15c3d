/*
 * The headers of a pcap file with nanoseconds, in host order as the format wants it (the magic
 * tells readers which). Written by ourselves: libpcap cannot cut a file and go on behind the cut.
 */
#ifndef MVPN_IO_CAPTURE_FORMAT_H
#define MVPN_IO_CAPTURE_FORMAT_H

#include <stdint.h>

#define CAPTURE_MAGIC_NS 0xa1b23c4du
#define CAPTURE_SNAPLEN  65535u
#define CAPTURE_ETHERNET 1u

struct capture_header {
    uint32_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t zone;
    uint32_t sigfigs;
    uint32_t snaplen;
    uint32_t linktype;
};

#define CAPTURE_HEADER_NS                                                                          \
    {                                                                                              \
        CAPTURE_MAGIC_NS, 2, 4, 0, 0, CAPTURE_SNAPLEN, CAPTURE_ETHERNET                            \
    }

struct capture_record {
    uint32_t sec;
    uint32_t nsec;
    uint32_t caplen;
    uint32_t len;
};

#endif
