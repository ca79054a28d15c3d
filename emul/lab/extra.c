/* Draft 10.2 and 9.13 at the door: the joins of PE3, and Registers before traffic. */
#include "emul/lab/lab.h"

void emul_pe3_join(struct emul *e)
{
    remote_pes_pe3_join(e->pes);
}

bool emul_pe3_joined(const struct emul *e)
{
    struct pim_us_counts counts = {0};
    if (remote_pes_pe3_joins(e->pes) != NULL)
        pim_us_counts_get(remote_pes_pe3_joins(e->pes), &counts);
    return counts.unsent == 0 && counts.unrefreshed == 0;
}

void emul_jp_count_reset(struct emul *e)
{
    remote_pes_jp_count_reset(e->pes);
}

void emul_jp_count_get(const struct emul *e, struct emul_jp_count *out)
{
    remote_pes_jp_count(e->pes, out);
}

void emul_register_begin(struct emul *e)
{
    register_drs_announce(e->drs);
}

void emul_register_end(struct emul *e)
{
    register_drs_announce_end(e->drs);
}

void emul_register_get(const struct emul *e, struct emul_register_joins *out)
{
    register_drs_joins(e->drs, out);
}
