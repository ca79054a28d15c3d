/* Results of the operator's side as tables for people: links, and single figures below them. */
#include "mvpnbench/monitor.h"

#include <string.h>
#include <time.h>

static void number(FILE *f, const json_t *v, int width, int digits)
{
    if (json_is_integer(v))
        (void)fprintf(f, " %*" JSON_INTEGER_FORMAT, width, json_integer_value(v));
    else if (json_is_real(v))
        (void)fprintf(f, " %*.*f", width, digits, json_real_value(v));
    else
        (void)fprintf(f, " %*s", width, "-");
}

/* Names come from users' files: one line, no control characters. */
static void text(FILE *f, const char *s, int width)
{
    int n = 0;
    for (; s != NULL && s[n] != '\0' && n < width; n++)
        (void)fputc((unsigned char)s[n] < 0x20 || s[n] == 0x7f ? '?' : s[n], f);
    (void)fprintf(f, "%*s", width - n, "");
}

static void print_links(FILE *f, const json_t *links)
{
    size_t i;
    json_t *l;
    (void)fprintf(f, "%-24s %12s %12s %12s\n", "link", "loss %", "95% from", "to");
    json_array_foreach(links, i, l)
    {
        const json_t *ci = json_object_get(l, "ci95");
        text(f, json_string_value(json_object_get(l, "name")), 24);
        if (!json_is_true(json_object_get(l, "identifiable"))) {
            (void)fputs("   not identifiable\n", f);
            continue;
        }
        double loss = json_number_value(json_object_get(l, "loss"));
        (void)fprintf(f, " %12.5f %12.5f %12.5f\n", 100 * loss,
                      100 * json_number_value(json_array_get(ci, 0)),
                      100 * json_number_value(json_array_get(ci, 1)));
    }
}

static void print_rest(FILE *f, const json_t *result)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)result, key, v)
    {
        if (json_is_number(v)) {
            (void)fprintf(f, "%s:", key);
            number(f, v, 1, 6);
            (void)fputc('\n', f);
        } else if (json_is_string(v)) {
            (void)fprintf(f, "%s: ", key);
            text(f, json_string_value(v), (int)json_string_length(v));
            (void)fputc('\n', f);
        } else if (json_is_array(v) && json_is_number(json_array_get(v, 0))) {
            size_t i;
            json_t *item;
            (void)fprintf(f, "%s:", key);
            json_array_foreach(v, i, item) number(f, item, 1, 6);
            (void)fputc('\n', f);
        }
    }
}

/* When a block began, UTC. */
static void print_begin(FILE *f, const json_t *block)
{
    char at[40];
    struct tm t;
    time_t s = (time_t)json_number_value(json_object_get(block, "begin"));
    if (gmtime_r(&s, &t) != NULL && strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &t) > 0)
        (void)fprintf(f, "          block %" JSON_INTEGER_FORMAT ", %s: ",
                      json_integer_value(json_object_get(block, "n")), at);
}

static void print_pair(FILE *f, const json_t *p, const char *what)
{
    size_t i;
    json_t *b;
    text(f, what, 10);
    text(f, json_string_value(json_object_get(p, "from")), 20);
    text(f, json_string_value(json_object_get(p, "to")), 20);
    number(f, json_object_get(p, "sent"), 10, 0);
    number(f, json_object_get(p, "received"), 10, 0);
    number(f, json_object_get(p, "lost"), 8, 0);
    number(f, json_object_get(p, "discarded_blocks"), 9, 0);
    (void)fputc('\n', f);
    json_array_foreach(json_object_get(p, "blocks"), i, b)
    {
        const json_t *lost = json_object_get(b, "lost");
        const char *why = json_string_value(json_object_get(b, "discarded"));
        if (why == NULL && json_integer_value(lost) == 0)
            continue;
        print_begin(f, b);
        if (why == NULL)
            (void)fprintf(f, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " lost\n",
                          json_integer_value(lost), json_integer_value(json_object_get(b, "sent")));
        else
            (void)fprintf(f, "discarded: %s\n", why);
    }
}

/* Segments with their losses; of blocks only those that lost packets or were discarded. */
static void print_flows(FILE *f, const json_t *flows)
{
    size_t i, k;
    json_t *flow, *p;
    json_array_foreach(flows, i, flow)
    {
        (void)fputs("flow ", f);
        text(f, json_string_value(json_object_get(flow, "name")), 60);
        (void)fprintf(f, "\n%-10s%-20s%-20s %10s %10s %8s %9s\n", "", "from", "to", "sent",
                      "received", "lost", "discarded");
        json_array_foreach(json_object_get(flow, "segments"), k, p) print_pair(f, p, "segment");
        const json_t *end = json_object_get(flow, "end_to_end");
        const json_t *paths = json_object_get(end, "paths");
        json_array_foreach(paths, k, p) print_pair(f, p, "path");
        if (paths == NULL)
            print_pair(f, end, "in all");
    }
}

/* A delay in milliseconds. */
static void ms(FILE *f, const json_t *ns, int width)
{
    if (json_is_integer(ns))
        (void)fprintf(f, " %*.3f", width, (double)json_integer_value(ns) / 1e6);
    else
        (void)fprintf(f, " %*s", width, "-");
}

static void percent(FILE *f, const json_t *share, int width)
{
    if (json_is_number(share))
        (void)fprintf(f, " %*.3f", width, 100 * json_number_value(share));
    else
        (void)fprintf(f, " %*s", width, "-");
}

/* End to end, and behind the bar what of it belongs to the way between the two routers. */
static void print_pairs(FILE *f, const json_t *pairs)
{
    size_t i;
    json_t *p;
    (void)fprintf(f, "%-12s %-12s %-12s %9s %8s %7s %8s %8s | %7s %8s\n", "VPN", "from", "to",
                  "sent", "lost", "loss %", "p50 ms", "p99 ms", "loss %", "ms");
    json_array_foreach(pairs, i, p)
    {
        const json_t *delay = json_object_get(p, "delay_ns");
        const json_t *rest = json_object_get(p, "backbone");
        text(f, json_string_value(json_object_get(p, "vpn")), 13);
        text(f, json_string_value(json_object_get(p, "from")), 13);
        text(f, json_string_value(json_object_get(p, "to")), 12);
        number(f, json_object_get(p, "sent"), 9, 0);
        number(f, json_object_get(p, "lost"), 8, 0);
        percent(f, json_object_get(p, "loss"), 7);
        ms(f, json_object_get(delay, "p50"), 8);
        ms(f, json_object_get(delay, "p99"), 8);
        (void)fputs(" |", f);
        percent(f, json_object_get(rest, "loss"), 7);
        ms(f, json_object_get(rest, "delay_ns"), 8);
        (void)fputc('\n', f);
    }
}

static void print_tunnels(FILE *f, const json_t *tunnels)
{
    size_t i;
    json_t *t;
    (void)fprintf(f, "\n%-16s %-16s %-16s %-14s %9s %9s %8s\n", "tunnel", "local", "remote",
                  "state", "pings", "answers", "rtt ms");
    json_array_foreach(tunnels, i, t)
    {
        text(f, json_string_value(json_object_get(t, "name")), 17);
        text(f, json_string_value(json_object_get(t, "local")), 17);
        text(f, json_string_value(json_object_get(t, "remote")), 17);
        text(f, json_string_value(json_object_get(t, "state")), 14);
        number(f, json_object_get(t, "pings"), 9, 0);
        number(f, json_object_get(t, "answers"), 9, 0);
        ms(f, json_object_get(json_object_get(t, "rtt_ns"), "p50"), 8);
        (void)fputc('\n', f);
    }
}

static void print_passive(FILE *f, const json_t *passive)
{
    size_t i;
    json_t *p;
    (void)fprintf(f, "\n%-16s %-16s %-16s %10s %12s %10s %8s\n", "passive: VPN", "from", "to",
                  "packets", "bytes", "pps", "loss %");
    json_array_foreach(passive, i, p)
    {
        text(f, json_string_value(json_object_get(p, "vpn")), 17);
        text(f, json_string_value(json_object_get(p, "from")), 17);
        text(f, json_string_value(json_object_get(p, "to")), 16);
        number(f, json_object_get(p, "packets"), 10, 0);
        number(f, json_object_get(p, "bytes"), 12, 0);
        number(f, json_object_get(p, "rate_pps"), 10, 1);
        percent(f, json_object_get(p, "loss"), 8);
        (void)fputc('\n', f);
    }
}

static void print_anomalies(FILE *f, const json_t *anomalies)
{
    size_t i;
    json_t *a;
    json_array_foreach(anomalies, i, a)
    {
        const char *what = json_string_value(json_object_get(a, "text"));
        json_int_t times = json_integer_value(json_object_get(a, "count"));
        (void)fputs(i == 0 ? "\n! " : "! ", f);
        text(f, what, what == NULL ? 0 : (int)strlen(what));
        if (times > 1)
            (void)fprintf(f, " (%lld times)", (long long)times);
        (void)fputc('\n', f);
    }
}

void monitor_print(FILE *f, const json_t *result)
{
    const json_t *pairs = json_object_get(result, "pairs");
    if (pairs != NULL) {
        print_pairs(f, pairs);
        if (json_object_get(result, "passive") != NULL)
            print_passive(f, json_object_get(result, "passive"));
        if (json_object_get(result, "tunnels") != NULL)
            print_tunnels(f, json_object_get(result, "tunnels"));
        print_anomalies(f, json_object_get(result, "anomalies"));
        return;
    }
    const json_t *flows = json_object_get(result, "flows");
    if (flows != NULL)
        print_flows(f, flows);
    const json_t *links = json_object_get(result, "links");
    if (links != NULL)
        print_links(f, links);
    print_rest(f, result);
}
