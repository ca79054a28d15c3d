#include "harness/case/settings.h"

#include "harness/case/ids.h"
#include "harness/case/values.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* One key of --set. A setter reads the text into the field, or says in *err what is allowed. */
struct setting {
    const char *key;
    const char *help;
    int (*set)(struct run_settings *s, const struct setting *k, const char *value, struct err *err);
    size_t offset;        /* of the field in struct run_settings */
    double min, max;      /* of numbers */
    const char *accepted; /* words that are taken, separated by '|' */
};

static int set_count(struct run_settings *s, const struct setting *k, const char *value,
                     struct err *err)
{
    uint64_t v;
    if (!value_whole(k->key, value, k->min, k->max, &v, err))
        return -1;
    memcpy((char *)s + k->offset, &v, sizeof(v));
    return 0;
}

static int set_number(struct run_settings *s, const struct setting *k, const char *value,
                      struct err *err)
{
    double v;
    if (!value_number(k->key, value, k->min, k->max, &v, err))
        return -1;
    memcpy((char *)s + k->offset, &v, sizeof(v));
    return 0;
}

static int set_bool(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    bool v;
    if (!value_bool(k->key, value, &v, err))
        return -1;
    memcpy((char *)s + k->offset, &v, sizeof(v));
    return 0;
}

/* set_word stores the index of the word among the accepted ones (an enum). */
static int set_word(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    int ix = value_word(k->key, value, k->accepted, err);
    if (ix < 0)
        return -1;
    unsigned v = (unsigned)ix;
    memcpy((char *)s + k->offset, &v, sizeof(v));
    return 0;
}

/* set_future takes the default value of a key whose feature comes later, and refuses the rest. */
static int set_future(struct run_settings *s, const struct setting *k, const char *value,
                      struct err *err)
{
    (void)s;
    if (k->accepted != NULL && strcmp(value, k->accepted) == 0)
        return 0;
    if (k->accepted != NULL)
        err_set(err, ERR_USE, "%s=%.60s does not exist yet in this version; leave it at %s", k->key,
                value, k->accepted);
    else
        err_set(err, ERR_USE, "%s does not exist yet in this version; leave it out", k->key);
    return -1;
}

static int set_repeat(struct run_settings *s, const struct setting *k, const char *value,
                      struct err *err)
{
    uint64_t v;
    if (!value_whole(k->key, value, k->min, k->max, &v, err))
        return -1;
    s->stimulus_repeat = (unsigned)v;
    return 0;
}

static int set_packet_bytes(struct run_settings *s, const struct setting *k, const char *value,
                            struct err *err)
{
    uint64_t v;
    if (!value_whole(k->key, value, k->min, k->max, &v, NULL)) {
        err_set(err, ERR_USE,
                "%s=%.60s cannot be; give a whole number from %.0f (headers 28, probe 32) to %.0f",
                k->key, value, k->min, k->max);
        return -1;
    }
    s->packet_bytes = (uint32_t)v;
    return 0;
}

static int set_mdt_default(struct run_settings *s, const struct setting *k, const char *value,
                           struct err *err)
{
    int ix = value_word(k->key, value, k->accepted, err);
    if (ix < 0)
        return -1;
    s->mdt_default_set = true;
    s->mdt_default = (enum mdt_mode)ix;
    return 0;
}

/* set_only takes the one word that there is to choose from. */
static int set_only(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    (void)s;
    return value_word(k->key, value, k->accepted, err) < 0 ? -1 : 0;
}

static int set_igmp(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    static const uint8_t versions[] = {0, 2, 3};
    int ix = value_word(k->key, value, k->accepted, err);
    if (ix < 0)
        return -1;
    s->receivers_igmp = versions[ix];
    return 0;
}

static int set_c_rp(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    int ix = value_word(k->key, value, k->accepted, err);
    if (ix < 0)
        return -1;
    s->c_rp_set = true;
    s->c_rp_on_dut = ix == 1;
    return 0;
}

/* share_of returns the place of value among shares, by number (0.50 and 0.5 are the same); -1. */
static int share_of(const char *key, const char *value, const double *shares, int count)
{
    double v;
    for (int i = 0; i < count; i++) {
        if (value_number(key, value, shares[i], shares[i], &v, NULL))
            return i;
    }
    return -1;
}

static int set_load(struct run_settings *s, const struct setting *k, const char *value,
                    struct err *err)
{
    static const double loads[] = {0.1, 0.2, 0.5, 0.9};
    int ix = share_of(k->key, value, loads, 4);
    if (ix < 0)
        ix = value_word(k->key, value, k->accepted, err); /* says what is taken */
    if (ix < 0)
        return -1;
    s->traffic_load = loads[ix];
    return 0;
}

static int set_calibration(struct run_settings *s, const struct setting *k, const char *value,
                           struct err *err)
{
    size_t len = strlen(value);
    bool good = len > 0 && len < sizeof(s->calibration);
    for (size_t i = 0; good && i < len; i++)
        good = (unsigned char)value[i] >= 0x20 && value[i] != 0x7f; /* it is named in lines */
    if (!good) {
        err_set(err, ERR_USE, "%s: the name of a file, printable and shorter than %zu characters",
                k->key, sizeof(s->calibration));
        return -1;
    }
    memcpy(s->calibration, value, len + 1);
    return 0;
}

static int set_receivers_share(struct run_settings *s, const struct setting *k, const char *value,
                               struct err *err)
{
    static const double shares[] = {0, 0.25, 0.5, 1};
    int ix = share_of(k->key, value, shares + 1, 3) + 1;
    if (ix == 0)
        ix = value_word(k->key, value, k->accepted, err);
    if (ix < 0)
        return -1;
    s->receivers_share_set = true;
    s->receivers_one = ix == 0;
    s->receivers_share = shares[ix];
    return 0;
}

static int set_sources(struct run_settings *s, const struct setting *k, const char *value,
                       struct err *err)
{
    return param_set(s, PARAM_SOURCES, true, k->key, value, err);
}

#define FIELD(f) offsetof(struct run_settings, f)

static const struct setting settings[] = {
    {"search.min", "smallest value that the search tries (1)", set_count, FIELD(search_min), 1, 1e9,
     NULL},
    {"search.max", "largest value that the search tries (N 1000, c 64, g 10000, R 1000)", set_count,
     FIELD(search_max), 1, 1e9, NULL},
    {"search.resolution", "the search ends when last pass and first fail are this close (1)",
     set_count, FIELD(search_resolution), 1, 1e6, NULL},
    {"search.instances", "at least this many different values are reported (5)", set_count,
     FIELD(search_instances), 1, 1000, NULL},
    {"search.start", "first value tried (search.min)", set_count, FIELD(search_start), 1, 1e9,
     NULL},
    {"search.growth", "factor from one value to the next while all pass (2)", set_number,
     FIELD(search_growth), 1.1, 100, NULL},
    {"search.recover", "health check of the DUT between tries (off)", set_bool,
     FIELD(search_recover), 0, 0, NULL},
    {"search.time_s", "time for the search at one point of the sweep, in seconds (0: no limit)",
     set_number, FIELD(search_time_s), 0, 1e9, NULL},
    {"stimulus.at", "maximum (default), or every: stimuli at every instance", set_word,
     FIELD(stimulus_at), 0, 0, "maximum|every"},
    {"stimulus.repeat", "how often each stimulus is applied (virtual 1, real 3)", set_repeat, 0, 1,
     100, NULL},
    {"traffic.rate_pps", "packets a second of each flow (virtual 1, real 10)", set_number,
     FIELD(traffic_rate_pps), 0.01, 1e6, NULL},
    {"traffic.packet_bytes", "length of each C-flow's IP packet (100)", set_packet_bytes, 0,
     PACKET_BYTES_MIN, 65000, NULL},
    {"traffic.load", "0.1, 0.2, 0.5 or 0.9 of the idle throughput instead of a rate (draft 6.5)",
     set_load, 0, 0, 0, "0.1|0.2|0.5|0.9"},
    {"traffic.probe_pps", "packets a second of the flows that 9.11 and 9.12 measure (1000)",
     set_number, FIELD(probe_pps), 1, 1e5, NULL},
    {"run.calibration", "file of `mvpnbench calibrate --out`: what exceeds it is not tried",
     set_calibration, 0, 0, 0, NULL},
    {"traffic.marking", "colours in the probes, and losses by branch and block (off)", set_bool,
     FIELD(marking), 0, 0, NULL},
    {"report.flows", "a file of each instance's flows: one row a flow and receiver (off)", set_bool,
     FIELD(report_flows), 0, 0, NULL},
    {"pe_pe", "signalling between PEs (pim)", set_future, 0, 0, 0, "pim"},
    {"compare.pe_pe", "run with PIM and with BGP (false)", set_future, 0, 0, 0, "false"},
    {"mdt.default", "P-instance of the default MDTs (the case's first variant)", set_mdt_default, 0,
     0, 0, "asm|ssm|bidir"},
    {"mdt.data", "P-instance of the data MDTs (ssm)", set_only, 0, 0, 0, "ssm"},
    {"jp.oversize", "80 entries that exceed the MTU: fit (default) or fragment", set_word,
     FIELD(jp_oversize), 0, 0, "fit|fragment"},
    {"jp.suppression", "Join suppression of the emulated PEs (on)", set_bool, FIELD(jp_suppression),
     0, 0, NULL},
    {"receivers.share", "remote PEs with a receiver a group: one, 0.25, 0.5 (default) or 1",
     set_receivers_share, 0, 0, 0, "one|0.25|0.5|1"},
    {"receivers.igmp", "receivers on C-interfaces are IGMP hosts: none (default), v2 or v3",
     set_igmp, 0, 0, 0, "none|v2|v3"},
    {"igmp.spacing_ms",
     "between two messages of one IGMP host (100; draft 6.3: at least that often)", set_number,
     FIELD(igmp_spacing_ms), 1, 10000, NULL},
    {"c_rp.location", "C-RPs: at the sources' site (default), or on the dut", set_c_rp, 0, 0, 0,
     "site|dut"},
    {"sources.per_group", "another name of case.sources_per_group", set_sources, 0, 0, 0, NULL},
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

void run_settings_default(struct run_settings *s)
{
    *s = (struct run_settings){
        .search_min = 1,
        .search_resolution = 1,
        .search_instances = 5,
        .search_growth = 2,
        .probe_pps = 1000,
        .packet_bytes = 100,
        .mdt_default = MDT_ASM,
        .jp_oversize = JP_FIT,
        .jp_suppression = true,
        .receivers_share = 0.5,
        .igmp_spacing_ms = 100,
    };
    (void)timing_load(&s->timing, "draft", NULL);
}

void run_settings_finish(struct run_settings *s, bool virtual_clock)
{
    if (s->traffic_rate_pps <= 0)
        s->traffic_rate_pps = virtual_clock ? 1 : 10;
    if (s->stimulus_repeat == 0)
        s->stimulus_repeat = virtual_clock ? 1 : 3;
}

int run_settings_check_mtu(const struct run_settings *s, uint32_t mtu, struct err *err)
{
    if (mtu == 0 || s->packet_bytes + GRE_BYTES <= mtu)
        return 0;
    err_set(
        err, ERR_USE,
        "traffic.packet_bytes=%u cannot be: with %d bytes of IPv4 and GRE headers it exceeds the "
        "MTU of %u; choose at most %u",
        s->packet_bytes, GRE_BYTES, mtu, mtu > GRE_BYTES ? mtu - GRE_BYTES : 0);
    return -1;
}

/* Keys whose middle or end is a name: search.<case>.max, case.<param>, sweep.<param>. */
static int set_case_max(struct run_settings *s, const char *key, const char *id, const char *value,
                        struct err *err)
{
    uint64_t v;
    if (!case_id_check(id, key, err) || !value_whole(key, value, 1, 1e9, &v, err))
        return -1;
    size_t i = 0;
    while (i < s->case_max_count && strcmp(s->case_max[i].id, id) != 0)
        i++;
    if (i == sizeof(s->case_max) / sizeof(s->case_max[0])) {
        err_set(err, ERR_USE, "%s: too many search.<case>.max keys", key);
        return -1;
    }
    if (i == s->case_max_count)
        s->case_max_count++;
    (void)snprintf(s->case_max[i].id, sizeof(s->case_max[i].id), "%s", id);
    s->case_max[i].max = v;
    return 0;
}

static int set_param(struct run_settings *s, const char *key, const char *name, bool from_case,
                     const char *value, struct err *err)
{
    enum case_param p = case_param_by_name(name);
    if (p != PARAM_COUNT)
        return param_set(s, p, from_case, key, value, err);
    const char *names[PARAM_COUNT];
    for (int i = 0; i < PARAM_COUNT; i++)
        names[i] = case_param_name((enum case_param)i);
    err_set(err, ERR_USE, "unknown parameter '%.60s' in --set %.60s; did you mean '%s'?", name, key,
            text_nearest(name, names, PARAM_COUNT));
    return -1;
}

/* between_search returns the id in "search.<id>.max", or false. */
static bool between_search(const char *key, char id[16])
{
    size_t len = strlen(key);
    if (strncmp(key, "search.", 7) != 0 || len < 12 || len - 11 >= 16 ||
        strcmp(key + len - 4, ".max") != 0)
        return false;
    (void)snprintf(id, 16, "%.*s", (int)(len - 11), key + 7);
    return true;
}

/* Keys of B.4, which need "dut." before them. */
static bool is_dut_key(const char *key)
{
    static const char *const heads[] = {"limits.", "cpu.",    "memory.",   "forwarding.",
                                        "spmsi.",  "faults.", "recovery.", "link."};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (strncmp(key, heads[i], strlen(heads[i])) == 0)
            return true;
    }
    return false;
}

/* all_keys lists every key as the user spells it, for the nearest one. */
#define KEY_LIST_MAX (SETTINGS + 2 * PARAM_COUNT)
static const char *nearest_key(const char *key)
{
    static char names[2 * PARAM_COUNT][40];
    const char *list[KEY_LIST_MAX];
    size_t n = 0;
    for (; n < SETTINGS; n++)
        list[n] = settings[n].key;
    for (size_t i = 0; i < 2 * PARAM_COUNT; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%s.%s", i % 2 == 0 ? "case" : "sweep",
                       case_param_name((enum case_param)(i / 2)));
        list[n++] = names[i];
    }
    return text_nearest(key, list, n);
}

int run_settings_set(struct run_settings *s, const char *key, const char *value, struct err *err)
{
    char id[16];
    for (size_t i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].key, key) == 0)
            return settings[i].set(s, &settings[i], value, err);
    }
    if (strncmp(key, "case.", 5) == 0)
        return set_param(s, key, key + 5, true, value, err);
    if (strncmp(key, "sweep.", 6) == 0)
        return set_param(s, key, key + 6, false, value, err);
    if (between_search(key, id))
        return set_case_max(s, key, id, value, err);
    if (is_dut_key(key))
        err_set(err, ERR_USE, "unknown key '%.60s'; did you mean 'dut.%.60s'?", key, key);
    else
        err_set(err, ERR_USE, "unknown key '%.60s'; did you mean '%s'?", key, nearest_key(key));
    return -1;
}

const char *run_settings_key(size_t n, const char **help)
{
    static const struct {
        const char *key, *help;
    } patterns[] = {
        {"search.<case>.max", "search.max of one case, e.g. search.9.1.max"},
        {"case.<parameter>", "fixed value of mvpns, c_interfaces, remote_pes, groups, "
                             "ingress_share, sources_per_group"},
        {"case.spmsi_<src|rx>", "S-PMSIs an mVPN that the DUT sources, or receives (0)"},
        {"case.spmsi_<..>_flows", "flows on them (0: one each); more than S-PMSIs: reuse"},
        {"sweep.<parameter>", "values of the outer sweep: a,b,c"},
        {"dut.<key>", "a setting of the DUT's driver, e.g. dut.limits.mvpns"},
    };
    if (n < SETTINGS) {
        *help = settings[n].help;
        return settings[n].key;
    }
    n -= SETTINGS;
    if (n >= sizeof(patterns) / sizeof(patterns[0]))
        return NULL;
    *help = patterns[n].help;
    return patterns[n].key;
}

const char *run_settings_words(size_t n)
{
    if (n >= SETTINGS)
        return NULL;
    return settings[n].set == set_bool ? "true|false" : settings[n].accepted;
}
