/*
 * S-PMSIs, or data MDTs (RFC 6037 sections 6 and 7). Sourced (spmsi_tx.c): a flow of the configured
 * list that is sent on the MTI is announced by MDT Join TLVs and moved to its data MDT after
 * spmsi.delay_ms. Received (spmsi_rx.c): TLVs of remote PEs are cached, and their data MDTs joined
 * while the VRF has receivers of a flow on them.
 */
#ifndef MVPN_REFPE_SPMSI_H
#define MVPN_REFPE_SPMSI_H

#include "emul/refpe/fsm.h"
#include "emul/refpe/pe.h"

#define MDT_INTERVAL_S      60
#define MDT_DATA_TIMEOUT_S  180
#define MDT_DATA_HOLDDOWN_S 60

#endif
