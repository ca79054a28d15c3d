/* The same flows at another rate. What was counted of the old ones has no meaning for the new. */
#include "emul/lab/lab.h"
#include "mvpnbench/emul_extra.h"

void emul_pace(struct emul *e, int64_t period_ns)
{
    struct instance_spec *s = &e->net.spec;
    generator_free(e->generator);
    analyser_free(e->analyser);
    s->period_ns = period_ns;
    e->analyser = analyser_new(s);
    e->generator = generator_new(e->net.loop, s, lab_emit, e);
}
