#include "harness/run/flow_file.h"

#include "harness/run/side_file.h"
#include "mvpnbench/emul_flows.h"

#include <inttypes.h>

static bool wanted(const struct procedure *p)
{
    return p->w->settings->report_flows && p->w->dir != NULL;
}

void flow_file_keep(struct procedure *p)
{
    if (wanted(p))
        emul_flows_keep(p->emul);
}

static void put_addr(FILE *f, ip4_t addr)
{
    char text[IP4_TEXT];
    (void)fprintf(f, "%s,", addr == 0 ? "" : ip4_text(addr, text));
}

static void put_latency(FILE *f, int64_t ns)
{
    if (ns >= 0)
        (void)fprintf(f, ",%" PRId64, ns);
    else
        (void)fputc(',', f);
}

static int put_row(void *arg, const struct emul_flow *r)
{
    FILE *f = arg;
    (void)fprintf(f, "%u,%u,%s,", r->vpn, r->flow, r->ingress ? "ingress" : "egress");
    put_addr(f, r->group);
    put_addr(f, r->source);
    (void)fprintf(
        f, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64,
        r->receiver, r->sent, r->received, r->lost, r->not_joined, r->duplicate, r->reordered,
        r->misdelivered);
    put_latency(f, r->latency_min_ns);
    put_latency(f, r->latency_avg_ns);
    put_latency(f, r->latency_max_ns);
    return fputc('\n', f) == EOF ? -1 : 0; /* a full disk is told when the file is closed */
}

int flow_file_write(struct procedure *p, struct err *err)
{
    char name[96];
    if (!wanted(p))
        return 0;
    (void)snprintf(name, sizeof(name), "flows-%s.csv", p->q->id);
    FILE *f = side_file_open(p->w->dir, name, err);
    if (f == NULL)
        return -1;
    (void)fprintf(f, "vpn,flow,direction,group,source,receiver,sent,received,lost,not_joined,"
                     "duplicate,reordered,misdelivered,latency_min_ns,latency_avg_ns,"
                     "latency_max_ns\n");
    (void)emul_flows_each(p->emul, put_row, f);
    json_object_set_new(p->out->record, "flows", json_string(name));
    return side_file_close(f, p->w->dir, name, err);
}
