/* One instance's network, brought up and held: what the files of the command emulate share. */
#ifndef MVPN_CLI_CMD_EMULATE_H
#define MVPN_CLI_CMD_EMULATE_H

#include "harness/cli/control.h"
#include "harness/cli/run_args.h"
#include "harness/run/known.h"
#include "harness/run/setup.h"
#include "harness/run/world.h"
#include "mvpnbench/emul_live.h"

struct emulate_args {
    struct run_args run; /* options that run has too */
    const char *control; /* path, or NULL */
    const char *script;  /* file, or NULL */
    uint64_t value;      /* of the searched parameter; 0: its minimum */
    double seconds;      /* to hold it; 0: until told to stop */
    bool no_traffic, no_configure;
};

enum emulate_phase { EMULATE_BRING_UP, EMULATE_JOINING, EMULATE_UP, EMULATE_ENDING };

/* emulate_phase_name returns "bring-up", "joining", "up", "ending". */
const char *emulate_phase_name(enum emulate_phase p);

/* A counting window that somebody asked for. */
struct emulate_window {
    struct control_call *call; /* NULL: none is under way */
    struct timer timer;
    bool closed; /* waits for packets that are still on their way */
};

struct emulate_script;

struct emulate {
    const struct emulate_args *args;
    struct run_setup setup;
    struct world world;
    bool world_open, configured;
    json_t *from; /* the earlier run of --from, or NULL */
    struct known known;
    struct case_context context;
    struct case_point point;
    uint64_t value;
    struct case_values values;
    struct instance_spec spec;
    struct dut_ports ports;
    struct emul *emul;
    enum emulate_phase phase;
    struct instant held; /* since when it is up */
    bool stop;           /* a command said so */
    struct control_table table;
    struct control *control;
    struct emulate_window window;
    struct emulate_script *script;
};

/* cmd_emulate_life.c: emulate_run does it all; returns 0, or -1 with *err. */
int emulate_run(struct emulate *e, struct err *err);
double emulate_held_s(const struct emulate *e);

/* cmd_emulate_control.c: the commands (emulate_commands: their table); emulate_window_cancel ends a
 * window that is under way. */
const struct control_command *emulate_commands(size_t *count);
void emulate_commands_init(struct emulate *e);
void emulate_window_cancel(struct emulate *e);

/* cmd_emulate_show.c: views as JSON (new references). Lists append at most cap rows of a VPN from
 * the first-th (0...) on to an array; neighbours and flows return how many the VPN has in all. */
#define EMULATE_PAGE 200u
typedef size_t emulate_list_fn(struct emulate *e, uint32_t vpn, size_t first, size_t cap,
                               json_t *rows);
emulate_list_fn emulate_neighbours, emulate_flows;
void emulate_vpns(struct emulate *e, size_t first, size_t cap, json_t *rows);
json_t *emulate_summary(struct emulate *e);
json_t *emulate_result(struct emulate *e);

/* cmd_emulate_screen.c: what the operator sees while it is held. */
void emulate_screen(struct emulate *e);
void emulate_say(struct emulate *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* cmd_emulate_script.c: commands from a file ("at 30 group 1 2 off"); times count from when the
 * network is up. emulate_script_load: NULL with *err (FILE:LINE:COL). emulate_script_start arms
 * them, emulate_script_answers returns what they gave (borrowed). */
struct emulate_script *emulate_script_load(const char *path, struct err *err);
void emulate_script_free(struct emulate_script *s);
void emulate_script_start(struct emulate *e);
void emulate_script_stop(struct emulate *e);
json_t *emulate_script_answers(const struct emulate_script *s);

#endif
