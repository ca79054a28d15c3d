/* What the two faces of the reference driver share. */
#ifndef MVPN_DUT_REFERENCE_H
#define MVPN_DUT_REFERENCE_H

#include "emul/refpe/settings.h"
#include "harness/dut/drivers.h"

#define REFERENCE_MTU_DEFAULT 1500

/* reference_settings reads the dut.* settings of the context; -1 with *err. */
int reference_settings(const struct dut_context *ctx, struct refpe_settings *out, struct err *err);

/* reference_name copies the profile's name, or a default. */
void reference_name(const struct dut_context *ctx, char *out, size_t cap);

/* reference_version copies the profile's version, or the program's: a reference PE may play any
 * build. */
void reference_version(const struct dut_context *ctx, char *out, size_t cap);

/* reference_describe sets the built-in plan of addresses on a trunk. */
void reference_describe(struct instance_spec *spec, uint32_t mtu);

enum stimulus_way reference_can(struct dut *d, enum stimulus s, const char **reason);
bool reference_supports(struct dut *d, enum mdt_mode mode, const char **reason);
unsigned reference_spmsi(struct dut *d, const char **reason);
bool reference_fits(struct dut *d, const struct instance_spec *spec, struct err *err);
void reference_deviations(struct dut *d, void (*add)(void *arg, const char *text), void *arg);

#endif
