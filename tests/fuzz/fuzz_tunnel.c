/* Whatever arrives at a tunnel, up to the monitor that runs behind it. */
#include "emul/wire/checksum.h"
#include "emul/wire/eth.h"
#include "emul/wire/ipv4.h"
#include "monitor/tunnel/frame.h"
#include "mvpnbench/monitor.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/scope/net.h"

#include <unistd.h>

#define OUTER (ETH_HEADER_BARE + TUNNEL_OVERHEAD)

#define FILE_TEXT                                                                                  \
    "address: 10.60.0.1\ninterface: none\nlegs: inference\nreflector: 10.60.0.9\n"                 \
    "tunnels: [{name: a1, remote: 10.61.1.2, inner_local: 10.9.1.5, inner_remote: 10.9.1.6},\n"    \
    " {name: b1, remote: 10.61.2.2, inner_local: 10.9.2.5, inner_remote: 10.9.2.6},\n"             \
    " {name: b2, remote: 10.61.2.2, local: 10.60.0.2}]\n"                                          \
    "vpns: [{name: red, group: 239.192.0.1}, {name: blue, group: 239.192.0.2}]\n"                  \
    "tasks: [{vpn: red, senders: [a1], receivers: [b1], rate_pps: 100},\n"                         \
    " {vpn: blue, receivers: [b1], passive: true}]\n"

static struct monitor *monitor;
static struct loop *loop;

static void run_on(int64_t ns)
{
    (void)loop_run(loop, instant_add(loop_now(loop), ns));
}

/* A monitor that has sent for a while, so that old probes are its own. */
static void start(void)
{
    char path[] = "/tmp/fuzz_tunnel_XXXXXX";
    struct err err = {0};
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, FILE_TEXT, sizeof(FILE_TEXT) - 1) != (ssize_t)sizeof(FILE_TEXT) - 1)
        abort();
    (void)close(fd);
    loop = loop_new_virtual((struct instant){0});
    net_reset(loop);
    monitor = monitor_open(loop, path, &err);
    (void)unlink(path);
    fuzz_check(monitor == NULL ? err.text : NULL);
    run_on(5 * NS_PER_S);
}

/* A packet whose checksums are right, whatever else is in it: else few get far. */
static void deliver_repaired(const uint8_t *packet, size_t len)
{
    static uint8_t copy[4096];
    if (len < IPV4_HEADER || len > sizeof(copy))
        return;
    memcpy(copy, packet, len);
    size_t header = (size_t)(copy[0] & 15) * 4, at = 0;
    if (header < IPV4_HEADER || header > len)
        return;
    copy[10] = copy[11] = 0;
    uint16_t sum = inet_checksum(copy, header);
    copy[10] = (uint8_t)(sum >> 8);
    copy[11] = (uint8_t)sum;
    if (copy[9] == IPPROTO_NUM_UDP)
        at = header + 6;
    if (copy[9] == IPPROTO_NUM_ICMP || copy[9] == IPPROTO_NUM_IGMP)
        at = header + 2;
    if (at != 0 && at + 2 <= len) {
        copy[at] = copy[at + 1] = 0; /* UDP: none */
        sum = copy[9] == IPPROTO_NUM_UDP ? 0 : inet_checksum(copy + header, len - header);
        copy[at] = (uint8_t)(sum >> 8);
        copy[at + 1] = (uint8_t)sum;
    }
    net_deliver(1, copy, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tunnel_frame f;
    if (monitor == NULL)
        start();
    if (size > OUTER)
        deliver_repaired(data + OUTER, size - OUTER);
    if (tunnel_frame_read(data, size, &f) != TUNNEL_FRAME_GRE)
        return 0;
    fuzz_check(f.packet < data || f.packet + f.len > data + size ? "a packet outside of its frame"
                                                                 : NULL);
    net_deliver(f.src & 1, f.packet, f.len);
    run_on(NS_PER_MS);
    return 0;
}
