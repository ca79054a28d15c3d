/* Each flow's numbers of the window of step 7 as a file (report.flows). */
#ifndef MVPN_RUN_FLOW_FILE_H
#define MVPN_RUN_FLOW_FILE_H

#include "harness/run/procedure.h"

/* flow_file_keep asks the network for it, before any window opens; nothing where the run does not
 * want it. */
void flow_file_keep(struct procedure *p);

/* flow_file_write writes DIR/flows-ID.csv from the last window and names it in the record: 0, or
 * -1 with *err. */
int flow_file_write(struct procedure *p, struct err *err);

#endif
