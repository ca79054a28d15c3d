/*
 * dut.* settings as the user gave them: keys and texts, handed to the driver unread. The harness
 * never looks into them (DESIGN A.2 rule 6). Later settings of the same key win.
 */
#ifndef MVPN_DUT_SETTINGS_H
#define MVPN_DUT_SETTINGS_H

#include "emul/base/err.h"

#include <stddef.h>

struct dut_setting {
    char *key; /* without "dut." */
    char *value;
};

struct dut_settings {
    struct dut_setting *items;
    size_t count, cap;
};

void dut_settings_init(struct dut_settings *s);
void dut_settings_fini(struct dut_settings *s);

/* dut_settings_add remembers one key and its text (copied). */
void dut_settings_add(struct dut_settings *s, const char *key, const char *value);

/* dut_settings_check lets the driver of that name say now whether keys and values can be. */
int dut_settings_check(const struct dut_settings *s, const char *driver, struct err *err);

/*
 * dut.control=PATH is no setting of the reference PE but the place where one that somebody else
 * started listens; dut_settings_control returns it, or NULL.
 */
#define DUT_SETTING_CONTROL "control"
const char *dut_settings_control(const struct dut_settings *s);

#endif
