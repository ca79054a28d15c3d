#include "harness/case/values.h"

#include "mvpnbench/topology.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 4096 /* of all sweeps that the user gives, as a product */

/*
 * Ranges: mVPNs as far as default-MDT groups (a /16) reach, C-interfaces as far as sites are
 * numbered (topology.h), remote PEs as far as the built-in /20 of their addresses reaches, groups
 * and sources as one /16 a site holds them, S-PMSIs as data-MDT groups are dealt to VPNs.
 */
static const struct {
    const char *name, *symbol;
    double min, max;
    bool whole;
    uint64_t search_max;
} params[] = {
    [PARAM_MVPNS] = {"mvpns", "N", 1, 65535, true, 1000},
    [PARAM_C_INTERFACES] = {"c_interfaces", "c", 1, 64, true, 64},
    [PARAM_REMOTE_PES] = {"remote_pes", "R", 1, 4000, true, 1000},
    [PARAM_GROUPS] = {"groups", "g", 1, 65535, true, 10000},
    [PARAM_INGRESS_SHARE] = {"ingress_share", "ingress_share", 0, 1, false, 1},
    [PARAM_SOURCES] = {"sources_per_group", "s", 1, 65000, true, 1000},
    [PARAM_SPMSI_SRC] = {"spmsi_src", "spmsi_src", 0, DATA_MDTS_PER_VPN, true, DATA_MDTS_PER_VPN},
    [PARAM_SPMSI_RX] = {"spmsi_rx", "spmsi_rx", 0, DATA_MDTS_PER_VPN, true, DATA_MDTS_PER_VPN},
    [PARAM_SPMSI_SRC_FLOWS] = {"spmsi_src_flows", "spmsi_src_flows", 0, 1e6, true, 1000},
    [PARAM_SPMSI_RX_FLOWS] = {"spmsi_rx_flows", "spmsi_rx_flows", 0, 1e6, true, 1000},
    [PARAM_RECEIVER_C_IFS] = {"receiver_c_interfaces", "d", 1, 64, true, 64},
    [PARAM_SPMSI_SRC_TOTAL] = {"spmsi_src_total", "U*Dvpn", 1, 65535.0 * DATA_MDTS_PER_VPN, true,
                               65535u * DATA_MDTS_PER_VPN},
    [PARAM_SPMSI_RX_TOTAL] = {"spmsi_rx_total", "U*Dvpn", 1, 65535.0 * DATA_MDTS_PER_VPN, true,
                              65535u * DATA_MDTS_PER_VPN},
    [PARAM_REUSE] = {"reuse", "I", 1, 1e6, true, 1000000},
    [PARAM_COUNT] = {"-", "-", 0, 0, false, 0}, /* a case without a searched parameter */
};

const char *case_param_name(enum case_param p)
{
    return params[p].name;
}

const char *case_param_symbol(enum case_param p)
{
    return params[p].symbol;
}

enum case_param case_param_by_name(const char *name)
{
    int p = 0;
    while (p < PARAM_COUNT && strcmp(params[p].name, name) != 0)
        p++;
    return (enum case_param)p;
}

bool param_optional(enum case_param p)
{
    return p >= PARAM_SPMSI_SRC;
}

double param_max(enum case_param p)
{
    return params[p].max;
}

uint64_t param_default_max(enum case_param p)
{
    return params[p].search_max;
}

double param_round(enum case_param p, double v)
{
    if (isnan(v) || !params[p].whole)
        return v;
    v = floor(v + 1e-9);
    return v < params[p].min ? params[p].min : v;
}

char *param_number_text(double v, char buf[32])
{
    (void)snprintf(buf, 32, v == floor(v) && fabs(v) < 1e15 ? "%.0f" : "%.10g", v);
    return buf;
}

static bool plain_number(const char *text, double *out)
{
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    char *end;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

bool value_number(const char *key, const char *value, double min, double max, double *out,
                  struct err *err)
{
    char lo[32], hi[32];
    double v;
    if (plain_number(value, &v) && v >= min && v <= max) {
        *out = v;
        return true;
    }
    err_set(err, ERR_USE, "%s=%.60s cannot be; give a number from %s to %s", key, value,
            param_number_text(min, lo), param_number_text(max, hi));
    return false;
}

bool value_whole(const char *key, const char *value, double min, double max, uint64_t *out,
                 struct err *err)
{
    char lo[32], hi[32];
    double v;
    if (plain_number(value, &v) && v >= min && v <= max && v == floor(v)) {
        *out = (uint64_t)v;
        return true;
    }
    err_set(err, ERR_USE, "%s=%.60s cannot be; give a whole number from %s to %s", key, value,
            param_number_text(min, lo), param_number_text(max, hi));
    return false;
}

bool value_bool(const char *key, const char *value, bool *out, struct err *err)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(value, words[i]) == 0) {
            *out = (i & 1) != 0;
            return true;
        }
    }
    err_set(err, ERR_USE, "%s=%.60s cannot be; give on or off", key, value);
    return false;
}

int value_word(const char *key, const char *value, const char *words, struct err *err)
{
    size_t len = strlen(value);
    int ix = 0;
    for (const char *w = words;; ix++) {
        size_t n = strcspn(w, "|");
        if (n == len && strncmp(w, value, n) == 0)
            return ix;
        if (w[n] == '\0')
            break;
        w += n + 1;
    }
    char list[128];
    (void)snprintf(list, sizeof(list), "%s", words);
    for (char *p = strchr(list, '|'); p != NULL; p = strchr(p, '|'))
        *p = ' ';
    err_set(err, ERR_USE, "%s=%.60s cannot be; give one of: %s", key, value, list);
    return -1;
}

bool param_check(enum case_param p, const char *key, double v, struct err *err)
{
    char text[32], lo[32], hi[32];
    if (v >= params[p].min && v <= params[p].max && (!params[p].whole || v == floor(v)))
        return true;
    err_set(err, ERR_USE, "%s=%s cannot be; give a %snumber from %s to %s", key,
            param_number_text(v, text), params[p].whole ? "whole " : "",
            param_number_text(params[p].min, lo), param_number_text(params[p].max, hi));
    return false;
}

static bool has(const struct param_override *o, double v)
{
    for (size_t i = 0; i < o->count; i++) {
        if (fabs(o->values[i] - v) < 1e-12)
            return true;
    }
    return false;
}

int param_set(struct run_settings *s, enum case_param p, bool from_case, const char *key,
              const char *value, struct err *err)
{
    struct param_override o = {.from_case = from_case};
    const char *at = value;
    for (;;) {
        char item[40];
        size_t n = strcspn(at, ",");
        (void)snprintf(item, sizeof(item), "%.*s", (int)(n < sizeof(item) ? n : sizeof(item) - 1),
                       at);
        double v;
        if (!plain_number(item, &v)) {
            err_set(err, ERR_USE, "%s=%.60s cannot be; give %s", key, value,
                    from_case ? "one number" : "numbers, separated by commas");
            return -1;
        }
        if (!param_check(p, key, v, err))
            return -1;
        if (o.count == SWEEP_MAX || (from_case && at[n] == ',')) {
            err_set(err, ERR_USE, "%s=%.60s cannot be; give %s", key, value,
                    from_case ? "one number (a list goes into sweep.)" : "at most 64 values");
            return -1;
        }
        if (!has(&o, v))
            o.values[o.count++] = v;
        if (at[n] == '\0')
            break;
        at += n + 1;
    }
    size_t points = o.count;
    for (int i = 0; i < PARAM_COUNT; i++)
        points *= i == (int)p || s->param[i].count == 0 ? 1 : s->param[i].count;
    if (points > POINTS_MAX) {
        err_set(err, ERR_USE, "%s=%.60s makes %zu points of the sweeps; %d are allowed", key, value,
                points, POINTS_MAX);
        return -1;
    }
    s->param[p] = o;
    return 0;
}
