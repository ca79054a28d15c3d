/* Routers outside: the shipped profiles, dut.* settings, and what is refused before any port. */
#include "harness/case/profile.h"
#include "harness/case/testbed.h"
#include "harness/dut/dut_settings.h"
#include "mvpnbench/dut.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct profile *load(const char *text)
{
    char path[] = "/tmp/mvpn-profile-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    struct err err = {0};
    struct profile *p = profile_load(path, &err);
    if (p == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    (void)unlink(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    return p;
}

static const char *command_of(const struct profile *p, const char *name)
{
    const json_t *entry = json_object_get(json_object_get(p->tree, "commands"), name);
    return json_string_value(json_object_get(entry, "command"));
}

static void shipped(void)
{
    static const char *const profiles[] = {"testcases/duts/frr-lab/dut.yaml",
                                           "testcases/duts/ssh-router/dut.yaml",
                                           "testcases/duts/manual.yaml"};
    static const char *const testbeds[] = {"testcases/duts/frr-lab/testbed.yaml",
                                           "testcases/duts/ssh-router/testbed.yaml"};
    struct err err = {0};
    for (size_t i = 0; i < 3; i++) {
        struct profile *p = profile_load(profiles[i], &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_STRING_EQUAL(p->driver, i == 2 ? "manual" : "hook");
        profile_free(p);
    }
    for (size_t i = 0; i < 2; i++) {
        struct testbed *t = testbed_load(testbeds[i], &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        CU_ASSERT_EQUAL(t->trunk, i == 1);
        testbed_free(t);
    }
}

/* Commands are texts, also those that YAML would take for something else, and have their places. */
static void commands(void)
{
    struct profile *p =
        load("driver: hook\nname: 7750\nversion: 1.10\nhook:\n  configure: true\n"
             "  unconfigure: 12\n  timeout_s: 2.5\n  stimulus: {c-card-oir: x y}\n");
    CU_ASSERT_STRING_EQUAL(command_of(p, "configure"), "true");
    CU_ASSERT_STRING_EQUAL(command_of(p, "unconfigure"), "12");
    CU_ASSERT_STRING_EQUAL(command_of(p, "stimulus c-card-oir"), "x y");
    CU_ASSERT_PTR_NULL(command_of(p, "timeout_s"));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(p->tree, "name")), "7750");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(p->tree, "version")), "1.10");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(p->tree, "directory")), "/tmp");
    CU_ASSERT_DOUBLE_EQUAL(json_number_value(json_object_get(p->tree, "timeout_s")), 2.5, 1e-9);
    const json_t *entry =
        json_object_get(json_object_get(p->tree, "commands"), "stimulus c-card-oir");
    const char *where = json_string_value(json_object_get(entry, "where"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(where);
    CU_ASSERT_PTR_NOT_NULL(strstr(where, ":8:26"));
    profile_free(p);
}

/* The profile and the drivers know the same stimuli. */
static void stimuli(void)
{
    for (int s = 0; s < STIM_COUNT; s++) {
        char text[160];
        (void)snprintf(text, sizeof(text),
                       "driver: hook\nhook: {configure: x, unconfigure: x, stimulus: {%s: x}}\n",
                       stimulus_name((enum stimulus)s));
        profile_free(load(text));
    }
}

static void settings(void)
{
    static const struct {
        const char *driver, *key, *value, *wrong; /* NULL: nothing is */
    } rows[] = {
        {"hook", "timeout_s", "5", NULL},
        {"hook", "timeout_s", "0", "seconds"},
        {"hook", "timeout_s", "5x", "seconds"},
        {"hook", "timeout_s", "nan", "seconds"},
        {"hook", "version", "7.3", NULL},
        {"hook", "version", "", "a text"},
        {"hook", "limits.mvpns", "3", "there are: name, version, timeout_s"},
        {"manual", "timeout_s", "5", "there are: name, version"},
        {"manual", "name", "x", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct dut_settings s;
        struct err err = {0};
        dut_settings_init(&s);
        dut_settings_add(&s, rows[i].key, rows[i].value);
        CU_ASSERT_EQUAL(dut_settings_check(&s, rows[i].driver, &err), rows[i].wrong ? -1 : 0);
        if (rows[i].wrong != NULL)
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].wrong));
        dut_settings_fini(&s);
    }
}

/* Without a profile hooks are not known, without a testbed file ports are not. */
static void refused(void)
{
    struct dut_context ctx = {.mtu = 1500};
    struct err err = {0};
    struct dut hook = {.driver = dut_driver_find("hook")};
    struct dut manual = {.driver = dut_driver_find("manual")};
    CU_ASSERT_PTR_NOT_NULL_FATAL(hook.driver);
    CU_ASSERT_PTR_NOT_NULL_FATAL(manual.driver);
    CU_ASSERT_EQUAL(hook.driver->open(&hook, &ctx, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "write a DUT profile"));
    err = (struct err){0};
    CU_ASSERT_EQUAL(manual.driver->open(&manual, &ctx, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--testbed FILE"));
    struct profile *p = load("driver: hook\nhook: {configure: x, unconfigure: x}\n");
    ctx.profile = p->tree;
    err = (struct err){0};
    CU_ASSERT_EQUAL(hook.driver->open(&hook, &ctx, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--testbed FILE"));
    hook.driver->close(&hook);
    profile_free(p);
}

static const struct cu_test tests[] = {
    {"shipped profiles", shipped},
    {"commands", commands},
    {"stimuli", stimuli},
    {"settings", settings},
    {"refused before any port", refused},
};
CU_MAIN("routers outside", tests)
