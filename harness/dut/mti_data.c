#include "harness/dut/mti_data.h"

#include "emul/base/mem.h"
#include "emul/wire/ipv4.h"
#include "emul/wire/mdt.h"

#include <stdlib.h>

#define UDP_HEADER_BYTES 8u

void data_mdts_init(struct data_mdts *d, struct mti_joins *joins)
{
    *d = (struct data_mdts){.joins = joins};
    map_init(&d->by_pe_group);
}

void data_mdts_free(struct data_mdts *d)
{
    map_fini(&d->by_pe_group);
    free(d->list);
    d->list = NULL;
}

static uint64_t key_of(ip4_t pe, ip4_t group)
{
    return (uint64_t)pe << 32 | group;
}

uint32_t data_mdts_vpn(const struct data_mdts *d, ip4_t pe, ip4_t group)
{
    uint32_t i = map_get(&d->by_pe_group, key_of(pe, group));
    return i == MAP_NONE ? MAP_NONE : d->list[i].vpn;
}

static bool is_ssm(ip4_t group)
{
    return group >> 24 == 232;
}

/* Joins or refreshes one data MDT; false if that cannot be. */
static bool announce(struct data_mdts *d, ip4_t pe, ip4_t group, uint32_t vpn, uint64_t now_s)
{
    uint32_t i = map_get(&d->by_pe_group, key_of(pe, group));
    if (i != MAP_NONE) {
        if (d->list[i].vpn != vpn)
            return false;
        d->list[i].until_s = now_s + DATA_MDT_TIMEOUT_S;
        return true;
    }
    struct err why = {0};
    if (!is_ssm(group) || d->count == DATA_MDTS_MAX)
        return false;
    int number = mti_joins_source(d->joins, pe, group, &why);
    if (number < 0)
        return false;
    if (d->count == d->room) {
        d->room = d->room == 0 ? 64 : d->room * 2;
        d->list = mem_realloc(d->list, d->room, sizeof *d->list);
    }
    map_put(&d->by_pe_group, key_of(pe, group), (uint32_t)d->count);
    d->list[d->count++] = (struct data_mdt){.pe = pe,
                                            .group = group,
                                            .vpn = vpn,
                                            .socket_number = number,
                                            .until_s = now_s + DATA_MDT_TIMEOUT_S};
    return true;
}

/* The MDT Join datagram in an IP packet: false if it is none; payload stays NULL if it is cut off.
 */
static bool datagram(const uint8_t *packet, size_t len, const uint8_t **payload, size_t *bytes)
{
    size_t header = len >= 20 ? (size_t)(packet[0] & 15) * 4 : 0;
    if (header < 20 || packet[0] >> 4 != 4 || packet[9] != IPPROTO_NUM_UDP ||
        len < header + UDP_HEADER_BYTES)
        return false;
    struct rd address = rd_init(packet + 16, 4), udp = rd_init(packet + header, UDP_HEADER_BYTES);
    (void)rd_u16(&udp);
    if (rd_u32(&address) != IPV4_ALL_PIM_ROUTERS || rd_u16(&udp) != MDT_PORT)
        return false;
    size_t udp_bytes = rd_u16(&udp);
    if (udp_bytes >= UDP_HEADER_BYTES && udp_bytes <= len - header) {
        *payload = packet + header + UDP_HEADER_BYTES;
        *bytes = udp_bytes - UDP_HEADER_BYTES;
    }
    return true;
}

bool data_mdts_take(struct data_mdts *d, ip4_t pe, uint32_t vpn, const uint8_t *packet, size_t len,
                    uint64_t now_s, uint64_t *bad)
{
    const uint8_t *payload = NULL;
    size_t bytes = 0;
    if (!datagram(packet, len, &payload, &bytes))
        return false;
    if (payload == NULL || mdt_join_check(payload, bytes) != WIRE_OK) {
        ++*bad;
        return true;
    }
    struct rd r = rd_init(payload, bytes);
    struct mdt_join join;
    while (mdt_join_next(&r, &join))
        *bad += !announce(d, pe, join.p_group, vpn, now_s);
    return true;
}

void data_mdts_expire(struct data_mdts *d, uint64_t now_s)
{
    for (size_t i = 0; i < d->count;) {
        struct data_mdt *m = &d->list[i];
        if (m->until_s > now_s) {
            i++;
            continue;
        }
        mti_joins_leave(d->joins, m->socket_number, m->pe, m->group);
        (void)map_del(&d->by_pe_group, key_of(m->pe, m->group));
        *m = d->list[--d->count];
        if (i < d->count)
            map_put(&d->by_pe_group, key_of(m->pe, m->group), (uint32_t)i);
    }
}
