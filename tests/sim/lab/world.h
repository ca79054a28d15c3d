/*
 * A virtual world: the emulated network and the reference PE, joined by two memory links.
 *
 *   C-routers ==a1==[ reference PE ]==a3== P router, remote PEs
 */
#ifndef MVPN_TESTS_WORLD_H
#define MVPN_TESTS_WORLD_H

#include "emul/io/capture.h"
#include "emul/io/memlink.h"
#include "emul/loop/loop.h"
#include "emul/refpe/refpe.h"
#include "mvpnbench/emul.h"
#include "mvpnbench/topology.h"

struct world {
    struct loop *loop;
    struct instance_spec spec;
    struct port *(*a1)[2], *a3[2]; /* [0] ours, [1] the PE's; one A1 link, or one a C-link */
    size_t a1_count;
    struct refpe_settings settings;
    struct refpe *pe;
    struct emul *emul;
    char capture_path[2][32]; /* a1, a3 */
    struct capture *capture[2];
};

/* world_spec returns a small instance: change what the test is about. */
struct instance_spec world_spec(void);

/* world_new builds both sides and starts them; settings may be NULL. world_new_in does so on a loop
 * of either clock, which it takes over. */
struct world *world_new(const struct instance_spec *spec, const struct refpe_settings *settings);
struct world *world_new_in(struct loop *loop, const struct instance_spec *spec,
                           const struct refpe_settings *settings);

/* world_new_other builds them with a PE that is configured for another instance. */
struct world *world_new_other(const struct instance_spec *spec, const struct instance_spec *pe_spec,
                              const struct refpe_settings *settings);
void world_free(struct world *w);

/* world_capture records both links into temporary files from now on; world_capture_end closes
 * them (their names stay in capture_path until world_free removes them). */
void world_capture(struct world *w);
void world_capture_end(struct world *w);

/* world_run lets time pass. */
void world_run(struct world *w, double seconds);

/* world_until runs until done says so, at most limit_s; returns whether it did. */
bool world_until(struct world *w, bool (*done)(struct world *w), double limit_s);

bool world_is_up(struct world *w);
bool world_refreshed(struct world *w);
bool world_flowing(struct world *w);
bool world_withdrawn(struct world *w);

/* world_steady brings everything up to the state of the draft's step 6; false: it does not. */
bool world_steady(struct world *w);

#endif
