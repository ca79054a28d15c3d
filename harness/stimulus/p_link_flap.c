/* P-facing link flap: the cable of the P link is pulled at the P router and plugged again (draft 7,
 * stimulus 5). Tf is the instant of plugging. */
#include "harness/stimulus/stimulus.h"

static int pull(struct emul *e, struct err *err)
{
    return emul_link(e, SIDE_P, false, err);
}

static int plug(struct emul *e, struct err *err)
{
    return emul_link(e, SIDE_P, true, err);
}

const struct stimulus_ops stimulus_p_link_flap = {.id = STIM_P_LINK_FLAP,
                                                  .beginning = "the cable of the P link is out",
                                                  .recovery_action =
                                                      "the cable of the P link is in again",
                                                  .hold_out = true,
                                                  .begin = pull,
                                                  .recover = plug};
