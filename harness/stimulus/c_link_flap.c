/* C-facing link flap: the cable of the C link is pulled at the apparatus and plugged again (draft
 * 7, stimulus 6): the trunk with all its VLANs, or the interface of VPN 1. Tf is the plugging. */
#include "harness/stimulus/stimulus.h"

static int pull(struct emul *e, struct err *err)
{
    return emul_link(e, SIDE_C, false, err);
}

static int plug(struct emul *e, struct err *err)
{
    return emul_link(e, SIDE_C, true, err);
}

const struct stimulus_ops stimulus_c_link_flap = {.id = STIM_C_LINK_FLAP,
                                                  .beginning = "the cable of the C link is out",
                                                  .recovery_action =
                                                      "the cable of the C link is in again",
                                                  .hold_out = true,
                                                  .begin = pull,
                                                  .recover = plug};
