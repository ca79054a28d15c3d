#include "emul/refpe/cpu.h"

#include "emul/base/mem.h"
#include "emul/refpe/control.h"
#include "emul/refpe/pe.h"

static int64_t cost_ns(const struct refpe *pe)
{
    return (int64_t)pe->settings.cpu_message_us * NS_PER_US;
}

/* Adds busy time [from, to) to the seconds of the observation. */
static void account(struct cpu *c, int64_t from_ns, int64_t to_ns)
{
    if (from_ns < c->begin_ns)
        from_ns = c->begin_ns;
    while (from_ns < to_ns) {
        int64_t second = (from_ns - c->begin_ns) / NS_PER_S;
        int64_t end = c->begin_ns + (second + 1) * NS_PER_S;
        int64_t until = to_ns < end ? to_ns : end;
        if (second != c->second) {
            c->second = second;
            c->second_busy_ns = 0;
        }
        c->second_busy_ns += until - from_ns;
        c->busy_ns += until - from_ns;
        if (c->second_busy_ns > c->peak_ns)
            c->peak_ns = c->second_busy_ns;
        from_ns = until;
    }
}

static int64_t charge(struct refpe *pe)
{
    struct cpu *c = &pe->cpu;
    int64_t now_ns = pe_now(pe);
    if (now_ns >= c->busy_until_ns) {
        account(c, c->busy_from_ns, c->busy_until_ns);
        c->busy_from_ns = c->busy_until_ns = now_ns;
    }
    c->busy_until_ns += cost_ns(pe);
    return c->busy_until_ns;
}

static void serve(void *arg)
{
    struct refpe *pe = arg;
    struct cpu *c = &pe->cpu;
    struct cpu_job job = c->ring[c->head];
    c->head = (c->head + 1) % c->cap;
    c->count--;
    if (c->count > 0)
        timer_set(pe->loop, &c->timer, (struct instant){c->ring[c->head].done_ns});
    control_input(pe, &job.packet);
    free((void *)(uintptr_t)job.packet.bytes);
}

static void grow(struct cpu *c)
{
    size_t cap = c->cap == 0 ? 64 : c->cap * 2;
    struct cpu_job *ring = mem_zalloc(cap, sizeof(*ring));
    for (size_t i = 0; i < c->count; i++)
        ring[i] = c->ring[(c->head + i) % c->cap];
    free(c->ring);
    c->ring = ring;
    c->cap = cap;
    c->head = 0;
}

void cpu_receive(struct refpe *pe, const struct control_packet *p)
{
    struct cpu *c = &pe->cpu;
    if (pe->settings.cpu_message_us == 0) {
        control_input(pe, p);
        return;
    }
    /* The first in line is being worked on, the others wait. */
    if (c->count > 0 && c->count - 1 >= pe->settings.cpu_queue) {
        c->dropped++;
        return;
    }
    if (c->count == c->cap)
        grow(c);
    uint8_t *copy = mem_zalloc(p->len, 1);
    memcpy(copy, p->bytes, p->len);
    struct cpu_job *job = &c->ring[(c->head + c->count) % c->cap];
    *job = (struct cpu_job){charge(pe), *p};
    job->packet.bytes = copy;
    if (c->count++ == 0)
        timer_set(pe->loop, &c->timer, (struct instant){job->done_ns});
}

void cpu_charge_send(struct refpe *pe)
{
    if (pe->settings.cpu_message_us > 0)
        (void)charge(pe);
}

void cpu_init(struct refpe *pe)
{
    timer_init(&pe->cpu.timer, "refpe cpu", serve, pe);
    cpu_begin(pe);
}

void cpu_clear(struct refpe *pe)
{
    struct cpu *c = &pe->cpu;
    for (; c->count > 0; c->count--) {
        free((void *)(uintptr_t)c->ring[c->head].packet.bytes);
        c->head = (c->head + 1) % c->cap;
    }
    timer_cancel(pe->loop, &c->timer);
    c->busy_from_ns = c->busy_until_ns = 0;
}

void cpu_fini(struct refpe *pe)
{
    cpu_clear(pe);
    free(pe->cpu.ring);
    pe->cpu.ring = NULL;
    pe->cpu.cap = 0;
}

void cpu_begin(struct refpe *pe)
{
    struct cpu *c = &pe->cpu;
    c->begin_ns = pe_now(pe);
    c->busy_ns = c->peak_ns = c->second_busy_ns = c->second = 0;
    c->dropped = 0;
}

void cpu_figures(const struct refpe *pe, struct cpu_figures *out)
{
    struct cpu c = pe->cpu;
    int64_t now_ns = pe_now(pe);
    account(&c, c.busy_from_ns, c.busy_until_ns < now_ns ? c.busy_until_ns : now_ns);
    double span = (double)(now_ns - c.begin_ns);
    out->percent = span > 0 ? 100.0 * (double)c.busy_ns / span : 0;
    out->peak_percent = 100.0 * (double)c.peak_ns / (double)NS_PER_S;
    if (span > 0 && span < (double)NS_PER_S)
        out->peak_percent = out->percent;
    out->dropped = c.dropped;
}
