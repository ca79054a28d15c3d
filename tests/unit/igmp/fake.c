#include "tests/unit/igmp/fake.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"
#include "emul/wire/be.h"

#include <stdlib.h>
#include <string.h>

static void member_of(void *arg, uint32_t host, uint32_t ix, struct igmp_member *out)
{
    const struct fake *f = arg;
    (void)host;
    *out = (struct igmp_member){FAKE_GROUP + ix, f->source_count, f->sources};
}

static uint32_t find(void *arg, uint32_t host, ip4_t group)
{
    const struct fake *f = arg;
    (void)host;
    return group - FAKE_GROUP < f->count ? group - FAKE_GROUP : IGMP_NO_MEMBER;
}

static void keep_records(struct fake_message *m, const struct igmp *v)
{
    size_t pos = 0;
    struct igmp_record r;
    while (igmp_record_next(v, &pos, &r)) {
        struct fake_record *out = &m->record[m->count++];
        *out = (struct fake_record){r.type, r.group, r.source_count, {0}};
        for (unsigned i = 0; i < r.source_count && i < 4; i++)
            out->source[i] = be_get32(r.sources + 4 * i);
    }
}

/* A message is kept as the wire would show it: encoded and decoded. */
static bool send_message(void *arg, uint32_t host, ip4_t dst, const struct igmp *message)
{
    struct fake *f = arg;
    uint8_t bytes[2048];
    struct wr w = wr_init(bytes, sizeof(bytes));
    struct igmp v;
    if (f->down)
        return false;
    if (f->sent == FAKE_MESSAGES || igmp_encode(&w, message) != WIRE_OK || w.pos > 1476)
        fatal("a message that cannot be");
    struct rd r = rd_init(bytes, w.pos);
    if (igmp_decode(&r, &v) != WIRE_OK)
        fatal("a message that does not decode");
    struct fake_message *m = &f->log[f->sent++];
    *m = (struct fake_message){loop_now(f->loop), host, dst, v.type, v.group, 0, {{0}}};
    if (v.type == IGMP_V3_REPORT)
        keep_records(m, &v);
    return true;
}

static const struct igmp_host_ops ops = {member_of, find, send_message};

struct fake *fake_new(uint8_t version, uint32_t hosts, uint32_t count)
{
    struct fake *f = mem_zalloc(1, sizeof(*f));
    struct igmp_host_config config = {version, 100 * NS_PER_MS, 1476, 7};
    f->loop = loop_new_virtual((struct instant){0});
    f->count = count;
    f->log = mem_zalloc(FAKE_MESSAGES, sizeof(*f->log));
    f->set = igmp_hosts_new(f->loop, "fake", &config, &ops, f);
    for (uint32_t h = 0; h < hosts; h++)
        (void)igmp_host_add(f->set, count);
    return f;
}

void fake_free(struct fake *f)
{
    igmp_hosts_free(f->set);
    loop_free(f->loop);
    free(f->log);
    free(f);
}

void fake_run(struct fake *f, double seconds)
{
    (void)loop_run(f->loop, instant_add(loop_now(f->loop), (int64_t)(seconds * 1e9)));
}

void fake_clear(struct fake *f)
{
    f->sent = 0;
}

void fake_join_all(struct fake *f, uint32_t host)
{
    for (uint32_t ix = 0; ix < f->count; ix++)
        igmp_host_join(f->set, host, ix, 0);
}

void fake_query(struct fake *f, uint32_t host, uint8_t version, ip4_t group, uint32_t max_resp_ms)
{
    struct igmp q = {.type = IGMP_QUERY,
                     .version = version,
                     .group = group,
                     .max_resp_ms = max_resp_ms,
                     .robustness = 2,
                     .query_interval_s = 125};
    igmp_host_query(f->set, host, &q);
}

void fake_query_sources(struct fake *f, uint32_t host, ip4_t group, const ip4_t *sources,
                        uint16_t count, uint32_t max_resp_ms)
{
    uint8_t list[4 * 512];
    for (size_t i = 0; i < count; i++)
        be_put32(list + 4 * i, sources[i]);
    struct igmp q = {.type = IGMP_QUERY,
                     .version = 3,
                     .group = group,
                     .max_resp_ms = max_resp_ms,
                     .robustness = 2,
                     .query_interval_s = 125,
                     .count = count,
                     .list = list,
                     .list_bytes = 4u * count};
    igmp_host_query(f->set, host, &q);
}

size_t fake_sent(const struct fake *f, uint8_t type)
{
    size_t n = 0;
    for (size_t i = 0; i < f->sent; i++)
        n += f->log[i].type == type;
    return n;
}

size_t fake_records(const struct fake *f, uint8_t type)
{
    size_t n = 0;
    for (size_t i = 0; i < f->sent; i++) {
        for (unsigned r = 0; r < f->log[i].count; r++)
            n += f->log[i].record[r].type == type;
    }
    return n;
}

double fake_seconds(struct instant t)
{
    return (double)t.ns / 1e9;
}
