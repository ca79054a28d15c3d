#include "harness/run/setup.h"

#include "harness/case/ids.h"
#include "mvpnbench/dut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load_cases(struct run_setup *s, const struct run_options *o, struct err *err)
{
    static const char *const by_default[] = {"9.1", "9.3", "10.1"};
    const char *const *ids = o->cases;
    size_t count = o->case_count;
    if (count == 0) {
        ids = by_default;
        count = sizeof(by_default) / sizeof(by_default[0]);
    } else if (count == 1 && strcmp(ids[0], "all") == 0) {
        ids = case_ids(&count);
    }
    for (size_t i = 0; i < count; i++) {
        s->cases[i] = case_find(ids[i], err);
        if (s->cases[i] == NULL)
            return -1;
        s->case_count++;
    }
    return 0;
}

/* A word that is meant as a file is not compared with names of drivers. */
static bool looks_like_file(const char *word)
{
    return strchr(word, '/') != NULL || strchr(word, '.') != NULL || access(word, F_OK) == 0;
}

static int unknown_dut(const char *dut, struct err *err)
{
    static const char *const names[] = {"reference", "frr", "hook", "manual", "small"};
    err_set(err, ERR_USE, "--dut %.60s: no such driver, profile or file; did you mean '%s'?", dut,
            text_nearest(dut, names, sizeof(names) / sizeof(names[0])));
    return -1;
}

static int load_profile(struct run_setup *s, const char *path, struct err *err)
{
    s->profile = profile_load(path, err);
    if (s->profile == NULL)
        return -1;
    s->driver = s->profile->driver;
    for (size_t i = 0; i < s->profile->setting_count; i++) {
        const struct profile_setting *set = &s->profile->settings[i];
        dut_settings_add(&s->dut_settings, set->key, set->value);
        struct err own = {0};
        if (dut_settings_check(&s->dut_settings, s->driver, &own) != 0) {
            err_set(err, own.code, "%s: %s", set->where, own.text);
            return -1;
        }
    }
    return 0;
}

static int load_dut(struct run_setup *s, const struct run_options *o, struct err *err)
{
    char path[4096];
    const char *dut = o->dut;
    if (dut == NULL)
        dut = o->case_count == 0 ? "small" : "reference";
    s->driver = dut;
    if (dut_driver_find(dut) != NULL)
        return 0;
    if (profile_shipped(dut, path, sizeof(path)))
        return load_profile(s, path, err);
    return looks_like_file(dut) ? load_profile(s, dut, err) : unknown_dut(dut, err);
}

static int load_settings(struct run_setup *s, const struct run_options *o, struct err *err)
{
    for (size_t i = 0; i < o->set_count; i++) {
        char key[128];
        const char *text = o->sets[i], *equal = strchr(text, '=');
        if (equal == NULL || equal == text || (size_t)(equal - text) >= sizeof(key)) {
            err_set(err, ERR_USE, "--set %.60s: write KEY=VALUE", text);
            return -1;
        }
        (void)snprintf(key, sizeof(key), "%.*s", (int)(equal - text), text);
        if (strncmp(key, "dut.", 4) == 0) {
            dut_settings_add(&s->dut_settings, key + 4, equal + 1);
            if (dut_settings_check(&s->dut_settings, s->driver, err) != 0)
                return -1;
        } else if (run_settings_set(&s->settings, key, equal + 1, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int choose_clock(struct run_setup *s, const struct run_options *o, struct err *err)
{
    const struct dut_driver *driver = dut_driver_find(s->driver);
    if (driver == NULL) {
        err_set(err, ERR_USE, "the DUT driver '%s' is not part of this build (there are: %s)",
                s->driver, dut_driver_names());
        return -1;
    }
    if (o->clock == CLOCK_VIRTUAL && driver->real_clock_only) {
        err_set(err, ERR_USE, "--clock virtual: the DUT %s works on the real clock only",
                s->driver);
        return -1;
    }
    s->virtual_clock =
        o->clock == CLOCK_VIRTUAL || (o->clock == CLOCK_DEFAULT && !driver->real_clock_only);
    const char *timing = o->timing;
    if (timing == NULL)
        timing = s->virtual_clock ? "draft" : "quick";
    if (timing_load(&s->settings.timing, timing, err) != 0)
        return -1;
    run_settings_finish(&s->settings, s->virtual_clock);
    return 0;
}

/* A sweep that no case of the run makes would be lost without a word. */
static int check_sweeps(const struct run_setup *s, struct err *err)
{
    for (int p = 0; p < PARAM_COUNT; p++) {
        const struct param_override *o = &s->settings.param[p];
        bool used = o->count == 0 || o->from_case;
        for (size_t i = 0; i < s->case_count && !used; i++)
            used = case_sweeps(s->cases[i], &s->settings, (enum case_param)p);
        if (!used) {
            err_set(err, ERR_USE,
                    "sweep.%s: case %s searches %s; use search.min and search.max, or case.%s",
                    case_param_name((enum case_param)p), case_id(s->cases[0]),
                    case_param_name((enum case_param)p), case_param_name((enum case_param)p));
            return -1;
        }
    }
    return 0;
}

/* Whether the case takes results that are not there yet. */
static bool waits(const struct run_setup *s, const struct test_case *tc)
{
    const char *id;
    for (size_t n = 0; (id = case_after(tc, n)) != NULL; n++) {
        for (size_t i = 0; i < s->case_count; i++) {
            if (strcmp(case_id(s->cases[i]), id) == 0)
                return true;
        }
    }
    return false;
}

/* Every case's bounds and the smallest instance of its points; where these follow from results
 * that the run has yet to find, of the first point only. */
static int check_case(const struct run_setup *s, const struct test_case *tc, struct err *err)
{
    struct case_point *points;
    struct search_bounds bounds;
    struct case_context c;
    char why[CASE_WHY_MAX];
    size_t count = 0;
    case_context_default(&c, &s->settings);
    if (!case_points(tc, &c, &points, &count, why)) /* it will be omitted, with the reason */
        return 0;
    bool measures = case_kind(tc) == CASE_MEASURE;
    int rc = count == 0 || measures ? 0 : case_bounds(tc, &c, &points[0], &bounds, err);
    if (waits(s, tc) && count > 1)
        count = 1;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct instance_spec spec = {.mtu = s->mtu};
        struct case_values values;
        struct case_try least = {measures ? 0 : bounds.min, 0};
        rc = case_instance(tc, &c, &points[i], &least, &spec, &values, err);
    }
    free(points);
    return rc;
}

int run_setup_open(struct run_setup *s, const struct run_options *o, struct err *err)
{
    *s = (struct run_setup){.mtu = TESTBED_MTU_DEFAULT};
    run_settings_default(&s->settings);
    dut_settings_init(&s->dut_settings);
    if (load_cases(s, o, err) != 0 || load_dut(s, o, err) != 0 || load_settings(s, o, err) != 0 ||
        choose_clock(s, o, err) != 0)
        return -1;
    if (o->testbed != NULL) {
        s->testbed = testbed_load(o->testbed, err);
        if (s->testbed == NULL)
            return -1;
        s->mtu = s->testbed->mtu;
    }
    if (check_sweeps(s, err) != 0)
        return -1;
    for (size_t i = 0; i < s->case_count; i++) {
        if (check_case(s, s->cases[i], err) != 0)
            return -1;
    }
    return 0;
}

void run_setup_close(struct run_setup *s)
{
    for (size_t i = 0; i < s->case_count; i++)
        case_free(s->cases[i]);
    dut_settings_fini(&s->dut_settings);
    profile_free(s->profile);
    testbed_free(s->testbed);
}
