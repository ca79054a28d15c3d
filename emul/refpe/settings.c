#include "emul/refpe/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setting_kind {
    SET_LIMIT, /* a count, or "none" */
    SET_COUNT,
    SET_TIME, /* a number of units of the scale, kept as scaled integer */
    SET_SWITCH,
    SET_SHARE, /* 0..1 */
    SET_REAL,
    SET_PAIR, /* A:B */
};

struct setting {
    const char *key;
    enum setting_kind kind;
    size_t offset;
    int64_t scale; /* SET_TIME: stored units in one unit of the key */
    const char *help;
};

#define AT(field) offsetof(struct refpe_settings, field)

static const struct setting settings[] = {
    {"limits.mvpns", SET_LIMIT, AT(limits.mvpns), 0, "mVPNs"},
    {"limits.c_interfaces", SET_LIMIT, AT(limits.c_interfaces), 0, "C-interfaces"},
    {"limits.neighbours", SET_LIMIT, AT(limits.neighbours), 0,
     "PIM neighbours on C-interfaces and MTIs together"},
    {"limits.mroutes", SET_LIMIT, AT(limits.mroutes), 0, "C-(*,G) and C-(S,G) together"},
    {"limits.oifs", SET_LIMIT, AT(limits.oifs), 0,
     "outgoing interfaces, summed over all C-mroutes after inheritance"},
    {"limits.spmsi_src", SET_LIMIT, AT(limits.spmsi_src), 0, "S-PMSIs sourced"},
    {"limits.spmsi_rx", SET_LIMIT, AT(limits.spmsi_rx), 0, "S-PMSIs received and joined"},
    {"limits.p_mroutes", SET_LIMIT, AT(limits.p_mroutes), 0, "mroutes of the P instance"},
    {"cpu.message_us", SET_COUNT, AT(cpu_message_us), 0,
     "cost of one control message, microseconds"},
    {"cpu.queue", SET_LIMIT, AT(cpu_queue), 0, "control messages that may wait"},
    {"memory.bytes", SET_COUNT, AT(memory_bytes), 0, "memory there is; 0: not modelled"},
    {"memory.per_mroute", SET_COUNT, AT(memory_per_mroute), 0, "bytes a mroute takes"},
    {"memory.per_neighbour", SET_COUNT, AT(memory_per_neighbour), 0, "bytes a PIM neighbour takes"},
    {"forwarding.delay_us", SET_TIME, AT(forwarding_delay_ns), 1000,
     "time a C-packet spends in the PE"},
    {"spmsi.delay_ms", SET_TIME, AT(spmsi_delay_ms), 1, "announcement to switch-over"},
    {"spmsi.reuse", SET_SWITCH, AT(spmsi_reuse), 0, "several flows on one S-PMSI"},
    {"jp_suppression", SET_SWITCH, AT(jp_suppression), 0,
     "Join suppression and prune override (RFC 7761 4.5.5)"},
    {"recovery.power-cycle_ms", SET_TIME, AT(recovery_ms[0]), 1, "until all works again"},
    {"recovery.processor-switchover_ms", SET_TIME, AT(recovery_ms[1]), 1,
     "until the control plane works again"},
    {"recovery.p-card-oir_ms", SET_TIME, AT(recovery_ms[2]), 1, "until the P side works again"},
    {"recovery.c-card-oir_ms", SET_TIME, AT(recovery_ms[3]), 1, "until the C side works again"},
    {"recovery.p-link-flap_ms", SET_TIME, AT(recovery_ms[4]), 1,
     "cable plugged to P link working again"},
    {"recovery.c-link-flap_ms", SET_TIME, AT(recovery_ms[5]), 1,
     "cable plugged to C link working again"},
    {"recovery.nsf", SET_SWITCH, AT(recovery_nsf), 0,
     "forwarding goes on during a processor switchover"},
    {"faults.drop_flow", SET_COUNT, AT(faults.drop_flow), 0, "every packet of flow N is dropped"},
    {"faults.duplicate_flow", SET_COUNT, AT(faults.duplicate_flow), 0,
     "every packet of flow N is sent twice"},
    {"faults.leak_vpn", SET_PAIR, AT(faults.leak_from), 0,
     "A:B: every C-packet of VPN A also goes out of B's C-interfaces"},
    {"faults.stuck_oif", SET_COUNT, AT(faults.stuck_oif), 0,
     "the N-th (S,G) OIF is listed and forwards nothing"},
    {"faults.lost_after_recovery", SET_COUNT, AT(faults.lost_after_recovery), 0,
     "N mroutes do not come back after a recovery"},
    {"faults.spmsi_announce_only", SET_COUNT, AT(faults.spmsi_announce_only), 0,
     "the N-th S-PMSI sourced is announced, but its flows never move"},
    {"faults.spmsi_silent", SET_COUNT, AT(faults.spmsi_silent), 0,
     "the N-th S-PMSI sourced is used without being announced"},
    {"faults.spmsi_no_join", SET_COUNT, AT(faults.spmsi_no_join), 0,
     "the N-th S-PMSI that is wanted from a remote PE is not joined"},
    {"faults.spmsi_both", SET_COUNT, AT(faults.spmsi_both), 0,
     "the N-th S-PMSI sourced is sent on the default MDT as well"},
    {"link.a1.delay_us", SET_TIME, AT(link_a1.delay_ns), 1000, "C link: delay"},
    {"link.a1.jitter_us", SET_TIME, AT(link_a1.jitter_ns), 1000, "C link: jitter"},
    {"link.a1.loss", SET_SHARE, AT(link_a1.loss), 0, "C link: share of frames lost"},
    {"link.a1.reorder", SET_SHARE, AT(link_a1.reorder), 0, "C link: share overtaken"},
    {"link.a1.rate_mbps", SET_REAL, AT(link_a1.rate_mbps), 0, "C link: rate; 0: any"},
    {"link.a3.delay_us", SET_TIME, AT(link_a3.delay_ns), 1000, "P link: delay"},
    {"link.a3.jitter_us", SET_TIME, AT(link_a3.jitter_ns), 1000, "P link: jitter"},
    {"link.a3.loss", SET_SHARE, AT(link_a3.loss), 0, "P link: share of frames lost"},
    {"link.a3.reorder", SET_SHARE, AT(link_a3.reorder), 0, "P link: share overtaken"},
    {"link.a3.rate_mbps", SET_REAL, AT(link_a3.rate_mbps), 0, "P link: rate; 0: any"},
};

#define SETTINGS_COUNT (sizeof(settings) / sizeof(settings[0]))

/* A day: longer delays are surely a slip of units. */
#define TIME_MAX_NS (24 * 3600 * INT64_C(1000000000))
#define KEY_MAX     64

void refpe_settings_default(struct refpe_settings *s)
{
    *s = (struct refpe_settings){
        .limits = {REFPE_NO_LIMIT, REFPE_NO_LIMIT, REFPE_NO_LIMIT, REFPE_NO_LIMIT, REFPE_NO_LIMIT,
                   REFPE_NO_LIMIT, REFPE_NO_LIMIT, REFPE_NO_LIMIT},
        .cpu_queue = REFPE_NO_LIMIT,
        .spmsi_delay_ms = 3000,
        .spmsi_reuse = true,
        .jp_suppression = true,
    };
    for (size_t i = 0; i < REFPE_STIMULI; i++)
        s->recovery_ms[i] = 5000;
}

/* Edit distance (Levenshtein) of two keys. */
static size_t distance(const char *a, const char *b)
{
    size_t row[KEY_MAX + 1];
    size_t n = strlen(b);
    if (n > KEY_MAX)
        n = KEY_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= n; j++) {
            size_t change = diagonal + (a[i] != b[j - 1]);
            size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = change < shorter + 1 ? change : shorter + 1;
        }
    }
    return row[n];
}

static const char *nearest_key(const char *key)
{
    const char *best = settings[0].key;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        size_t d = distance(key, settings[i].key);
        if (d < best_distance) {
            best_distance = d;
            best = settings[i].key;
        }
    }
    return best;
}

static bool read_count(const char *text, const char **end, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *stop;
    errno = 0;
    *out = strtoull(text, &stop, 10);
    *end = stop;
    return errno == 0;
}

static bool read_real(const char *text, double max, double *out)
{
    char *stop;
    errno = 0;
    *out = strtod(text, &stop);
    return stop != text && *stop == '\0' && errno == 0 && isfinite(*out) && *out >= 0 &&
           *out <= max;
}

static int bad_value(struct err *err, const struct setting *s, const char *value,
                     const char *allowed)
{
    err_set(err, ERR_USE, "dut.%s: '%s' is not allowed; give %s", s->key, value, allowed);
    return -1;
}

static int set_count(const struct setting *s, void *field, const char *value, struct err *err)
{
    uint64_t n;
    const char *end;
    if (s->kind == SET_LIMIT && strcmp(value, "none") == 0) {
        *(uint64_t *)field = REFPE_NO_LIMIT;
        return 0;
    }
    if (!read_count(value, &end, &n) || *end != '\0' || n == UINT64_MAX)
        return bad_value(err, s, value,
                         s->kind == SET_LIMIT ? "a whole number from 0 or 'none'"
                                              : "a whole number from 0");
    if (s->kind == SET_COUNT && n > UINT32_MAX && s->offset == AT(cpu_message_us))
        return bad_value(err, s, value, "at most 4294967295 microseconds");
    *(uint64_t *)field = n;
    return 0;
}

static int set_switch(const struct setting *s, void *field, const char *value, struct err *err)
{
    bool on = strcmp(value, "on") == 0 || strcmp(value, "true") == 0;
    if (!on && strcmp(value, "off") != 0 && strcmp(value, "false") != 0)
        return bad_value(err, s, value, "on or off");
    *(bool *)field = on;
    return 0;
}

static int set_pair(const struct setting *s, void *field, const char *value, struct err *err)
{
    uint64_t a, b;
    const char *end;
    if (!read_count(value, &end, &a) || *end != ':' || !read_count(end + 1, &end, &b) ||
        *end != '\0' || a == 0 || b == 0 || a > UINT32_MAX || b > UINT32_MAX || a == b)
        return bad_value(err, s, value, "two different VPN numbers A:B, counted from 1");
    uint32_t *pair = field;
    pair[0] = (uint32_t)a;
    pair[1] = (uint32_t)b;
    return 0;
}

static int set_real(const struct setting *s, void *field, const char *value, struct err *err)
{
    double v;
    if (s->kind == SET_TIME) {
        if (!read_real(value, (double)(TIME_MAX_NS / 1000), &v) ||
            v * (double)s->scale > (double)TIME_MAX_NS)
            return bad_value(err, s, value, "a number from 0, at most one day");
        *(int64_t *)field = llround(v * (double)s->scale);
        return 0;
    }
    if (!read_real(value, s->kind == SET_SHARE ? 1.0 : 1e9, &v))
        return bad_value(err, s, value,
                         s->kind == SET_SHARE ? "a number from 0 to 1" : "a number from 0");
    *(double *)field = v;
    return 0;
}

int refpe_settings_set(struct refpe_settings *s, const char *key, const char *value,
                       struct err *err)
{
    const struct setting *found = NULL;
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (strcmp(settings[i].key, key) == 0)
            found = &settings[i];
    }
    if (found == NULL) {
        err_set(err, ERR_USE, "the reference PE has no setting dut.%s; did you mean dut.%s?", key,
                nearest_key(key));
        return -1;
    }
    void *field = (char *)s + found->offset;
    switch (found->kind) {
    case SET_LIMIT:
    case SET_COUNT:
        return set_count(found, field, value, err);
    case SET_SWITCH:
        return set_switch(found, field, value, err);
    case SET_PAIR:
        return set_pair(found, field, value, err);
    case SET_TIME:
    case SET_SHARE:
    case SET_REAL:
        break;
    }
    return set_real(found, field, value, err);
}

const char *refpe_settings_key(size_t n, const char **help)
{
    if (n >= SETTINGS_COUNT)
        return NULL;
    if (help != NULL)
        *help = settings[n].help;
    return settings[n].key;
}

const char *refpe_settings_words(size_t n)
{
    return n < SETTINGS_COUNT && settings[n].kind == SET_SWITCH ? "on|off" : NULL;
}

const char *refpe_settings_standard(size_t n, char text[32])
{
    struct refpe_settings standard;
    refpe_settings_default(&standard);
    const struct setting *s = &settings[n < SETTINGS_COUNT ? n : 0];
    const void *field = (const char *)&standard + s->offset;
    switch (s->kind) {
    case SET_LIMIT:
    case SET_COUNT:
        if (*(const uint64_t *)field == REFPE_NO_LIMIT)
            (void)snprintf(text, 32, "none");
        else
            (void)snprintf(text, 32, "%" PRIu64, *(const uint64_t *)field);
        break;
    case SET_TIME:
        (void)snprintf(text, 32, "%g", (double)*(const int64_t *)field / (double)s->scale);
        break;
    case SET_SWITCH:
        (void)snprintf(text, 32, "%s", *(const bool *)field ? "on" : "off");
        break;
    case SET_SHARE:
    case SET_REAL:
        (void)snprintf(text, 32, "%g", *(const double *)field);
        break;
    case SET_PAIR:
        (void)snprintf(text, 32, "none");
        break;
    }
    return text;
}
