/* S-PMSIs on the bench: MDT Join TLVs both ways, and data on data MDTs. */
#ifndef MVPN_TEST_REFPE_BENCH_SPMSI_H
#define MVPN_TEST_REFPE_BENCH_SPMSI_H

#include "bench.h"
#include "emul/wire/mdt.h"

/* bench_tlvs sends one datagram with TLVs of remote PE pe over the default MDT of VRF v. */
void bench_tlvs(struct bench *b, unsigned v, ip4_t pe, const struct mdt_join *tlvs, size_t count);

/* bench_tlv sends one TLV for (source, group) on data MDT p_group. */
void bench_tlv(struct bench *b, unsigned v, ip4_t pe, ip4_t source, ip4_t group, ip4_t p_group);

/* bench_tlvs_seen counts TLVs of the PE for (source, group) on p_group; at_ns gets the instant of
 * the last, datagrams the number of datagrams with any TLV (both may be NULL). */
unsigned bench_tlvs_seen(const struct bench *b, unsigned v, ip4_t source, ip4_t group,
                         ip4_t p_group, int64_t *at_ns, unsigned *datagrams);

/* bench_data_on_seen counts packets of a flow that left on a P-group. */
unsigned bench_data_on_seen(const struct bench *b, ip4_t p_group, ip4_t source, ip4_t group);

struct refpe_spmsi bench_spmsi(const struct bench *b);

#endif
