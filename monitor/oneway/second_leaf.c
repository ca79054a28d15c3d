/* What the second leaf of a live measurement saw, and the estimate from both. */
#include "emul/base/mem.h"
#include "emul/io/udpsock.h"
#include "monitor/minc/minc.h"
#include "monitor/oneway/counters.h"
#include "monitor/oneway/host.h"
#include "monitor/oneway/links.h"

#include <math.h>
#include <stdlib.h>

#define ASK_TRIES   20u
#define ASK_WAIT_NS (200 * NS_PER_MS)
#define TICK_NS     NS_PER_MS

/* An interval of a rate that is no whole number of probes has one more or less. */
uint64_t host_interval(const struct host *h, uint64_t sequence)
{
    return (uint64_t)((double)sequence / (h->file->rate_pps * h->file->interval_s));
}

/* Asks for one chunk and takes what comes within a while. */
static bool ask(struct host *h, uint64_t base)
{
    uint8_t request[SEEN_REQUEST_BYTES], data[SEEN_ANSWER_BYTES + 1];
    seen_request(request, h->run, base);
    (void)udpsock_send(h->udp, h->file->second_host, h->file->port, request, sizeof(request));
    for (int64_t waited = 0; waited < ASK_WAIT_NS; waited += TICK_NS) {
        ip4_t from;
        uint16_t port;
        uint64_t got;
        (void)loop_run(h->loop, instant_add(loop_now(h->loop), TICK_NS));
        ssize_t n = udpsock_receive(h->udp, data, sizeof(data), &from, &port);
        if (n > 0 && from == h->file->second_host && port == h->file->port &&
            seen_answer_read(&h->second, data, (size_t)n, h->run, &got) && got == base)
            return true;
    }
    return false;
}

bool second_leaf_answers(struct host *h)
{
    return ask(h, 0);
}

static int ask_all(struct host *h, struct err *err)
{
    char text[IP4_TEXT];
    for (uint64_t base = 0; base < h->sent; base += SEEN_CHUNK) {
        unsigned tries = 0;
        while (tries < ASK_TRIES && !ask(h, base))
            tries++;
        if (tries < ASK_TRIES)
            continue;
        err_set(err, ERR_TESTBED,
                "M2 (%s:%u) does not tell what it saw any more; let 'mvpnbench oneway reflect "
                "FILE --count-only' run there until this command has ended",
                ip4_text(h->file->second_host, text), h->file->port);
        return -1;
    }
    return 0;
}

static void add_runs(struct loss_runs *r, const struct seen *s, uint64_t sent)
{
    r->before = false;
    for (uint64_t i = 0; i < sent; i++)
        loss_runs_add(r, !seen_has(s, i));
}

static json_t *links_of(struct host *h, const struct minc_estimate *e, const char *estimator)
{
    static const char *const names[][MINC_LINKS] = {['A'] = {"root", "s", "t"},
                                                    ['B'] = {"root", "s", "router"},
                                                    ['C'] = {"root", "direct", "reflected"}};
    json_t *o = links_new(h->sent, estimator);
    for (int l = 0; l < MINC_LINKS; l++)
        links_add(json_object_get(o, "links"), names[(unsigned char)h->config][l], e->pass[l],
                  e->error[l], h->sent);
    return o;
}

static json_t *individual(struct host *h)
{
    struct minc_counts n = {0};
    struct minc_estimate e;
    struct loss_runs runs = {0};
    for (uint64_t i = 0; i < h->sent; i++) {
        uint64_t *cell[] = {&n.n00, &n.n10, &n.n01, &n.n11};
        ++*cell[(seen_has(&h->direct, i) ? 1 : 0) | (seen_has(&h->second, i) ? 2 : 0)];
    }
    if (h->config == 'C')
        minc_reflected(&n, &e);
    else
        minc_individual(&n, &e);
    json_t *o = links_of(h, &e, h->config == 'C' ? "reflected" : "individual");
    json_object_set_new(o, "counts", links_counts(&n));
    add_runs(&runs, &h->direct, h->sent);
    add_runs(&runs, &h->second, h->sent);
    links_burst(o, &runs);
    return o;
}

/* B: intervals of which the router did not report, or counted more than was sent, are left out and
 * said. */
static json_t *aggregate(struct host *h, const struct counters *c)
{
    uint64_t all = h->sent == 0 ? 0 : host_interval(h, h->sent - 1) + 1, used = 0, missing = 0;
    struct minc_interval *list = mem_zalloc(all, sizeof(*list));
    struct minc_estimate e;
    struct loss_runs runs = {0};
    for (uint64_t i = 0; i < h->sent; i++) {
        list[host_interval(h, i)].sent++;
        list[host_interval(h, i)].leaf2 += seen_has(&h->direct, i);
    }
    for (uint64_t i = 0; i < all; i++) {
        uint64_t packets;
        bool reported = counters_get(c, i, &packets);
        missing += !reported;
        if (!reported || packets > list[i].sent)
            continue;
        list[used] = list[i];
        list[used++].leaf3 = packets;
    }
    minc_aggregate(list, used, &e);
    json_t *o = links_of(h, &e, "aggregate");
    json_object_set_new(o, "intervals", json_integer((json_int_t)used));
    json_object_set_new(o, "intervals_missing", json_integer((json_int_t)missing));
    json_object_set_new(o, "intervals_impossible",
                        json_integer((json_int_t)(all - used - missing)));
    add_runs(&runs, &h->direct, h->sent);
    links_burst(o, &runs);
    free(list);
    return o;
}

int host_evaluate(struct host *h, json_t **out, struct err *err)
{
    if (h->config == 'A' && ask_all(h, err) != 0)
        return -1;
    if (h->config != 'B') {
        *out = individual(h);
    } else {
        struct counters c = {0};
        if (counters_read(&c, h->file, err) != 0)
            return -1;
        *out = aggregate(h, &c);
        counters_free(&c);
    }
    struct tunnels_stats s;
    tunnels_stats_get(h->tunnels, &s);
    json_object_set_new(*out, "repeated", json_integer((json_int_t)h->repeated));
    json_object_set_new(*out, "not_sent", json_integer((json_int_t)s.send_errors));
    json_object_set_new(*out, "ring_dropped", json_integer((json_int_t)s.ring_dropped));
    return 0;
}
