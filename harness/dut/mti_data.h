/*
 * Data MDTs that remote PEs announce to the GRE program (RFC 6037 section 7): every one announced
 * is joined, since FRR cannot tell which C-flows its VRF wants, and left DATA_MDT_TIMEOUT_S after
 * the last TLV that named it.
 */
#ifndef MVPN_DUT_MTI_DATA_H
#define MVPN_DUT_MTI_DATA_H

#include "emul/base/map.h"
#include "harness/dut/mti_joins.h"

#define DATA_MDT_TIMEOUT_S 180u
#define DATA_MDTS_MAX      20000u

struct data_mdt {
    ip4_t pe, group;
    uint32_t vpn; /* index of the program's VPN */
    int socket_number;
    uint64_t until_s;
};

struct data_mdts {
    struct mti_joins *joins;
    struct data_mdt *list;
    size_t count, room;
    struct map by_pe_group;
};

void data_mdts_init(struct data_mdts *d, struct mti_joins *joins);
void data_mdts_free(struct data_mdts *d);

/*
 * data_mdts_take reads an IP packet that came out of the default MDT of a VPN, sent by pe: false
 * if it is no MDT Join datagram, else its data MDTs are joined or refreshed. *bad counts datagrams
 * and TLVs that cannot be followed.
 */
bool data_mdts_take(struct data_mdts *d, ip4_t pe, uint32_t vpn, const uint8_t *packet, size_t len,
                    uint64_t now_s, uint64_t *bad);

/* data_mdts_vpn returns the VPN of (pe, group), or MAP_NONE. */
uint32_t data_mdts_vpn(const struct data_mdts *d, ip4_t pe, ip4_t group);

/* data_mdts_expire leaves what was not announced again in time. */
void data_mdts_expire(struct data_mdts *d, uint64_t now_s);

#endif
