#include "harness/dut/dut_settings.h"

#include "emul/base/mem.h"
#include "emul/refpe/settings.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_S 86400.0

void dut_settings_init(struct dut_settings *s)
{
    *s = (struct dut_settings){0};
}

void dut_settings_fini(struct dut_settings *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->items[i].key);
        free(s->items[i].value);
    }
    free(s->items);
    *s = (struct dut_settings){0};
}

void dut_settings_add(struct dut_settings *s, const char *key, const char *value)
{
    s->items = array_grow(s->items, s->count, &s->cap, sizeof(*s->items));
    s->items[s->count++] = (struct dut_setting){mem_strdup(key), mem_strdup(value)};
}

const char *dut_settings_control(const struct dut_settings *s)
{
    const char *path = NULL;
    for (size_t i = 0; s != NULL && i < s->count; i++) {
        if (strcmp(s->items[i].key, DUT_SETTING_CONTROL) == 0)
            path = s->items[i].value;
    }
    return path;
}

static int check_reference(const struct dut_settings *s, struct err *err)
{
    struct refpe_settings scratch;
    refpe_settings_default(&scratch);
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->items[i].key, DUT_SETTING_CONTROL) != 0 &&
            refpe_settings_set(&scratch, s->items[i].key, s->items[i].value, err) != 0)
            return -1;
    }
    return 0;
}

/* Of a router outside: how it is called in the report, and for commands their time-out. */
static int check_outside(const struct dut_settings *s, const char *driver, struct err *err)
{
    bool hook = strcmp(driver, "hook") == 0;
    for (size_t i = 0; i < s->count; i++) {
        const char *key = s->items[i].key, *value = s->items[i].value;
        char *end = NULL;
        bool timeout = hook && strcmp(key, "timeout_s") == 0;
        if (!timeout && strcmp(key, "name") != 0 && strcmp(key, "version") != 0) {
            err_set(err, ERR_USE, "dut.%.60s: the driver '%s' has no such setting; there are: %s",
                    key, driver, hook ? "name, version, timeout_s" : "name, version");
            return -1;
        }
        double seconds = timeout ? strtod(value, &end) : 1;
        if (value[0] == '\0' ||
            (timeout && (*end != '\0' || !(seconds > 0 && seconds <= TIMEOUT_MAX_S)))) {
            err_set(err, ERR_USE, "dut.%s=%.60s: %s must stand here", key, value,
                    timeout ? "a number of seconds" : "a text");
            return -1;
        }
    }
    return 0;
}

int dut_settings_check(const struct dut_settings *s, const char *driver, struct err *err)
{
    if (strcmp(driver, "reference") == 0)
        return check_reference(s, err);
    if (strcmp(driver, "hook") == 0 || strcmp(driver, "manual") == 0)
        return check_outside(s, driver, err);
    if (s->count == 0)
        return 0;
    err_set(err, ERR_USE, "dut.%s: the driver '%s' has no settings; leave it out", s->items[0].key,
            driver);
    return -1;
}
