/*
 * A running program that takes commands over a local socket. The server knows nothing of the
 * program: it gets a table of commands. One command is one line of printable words; each is
 * answered by one line, a JSON object: {"ok": true, ...} or {"ok": false, "code": 2, "error":
 * "..."} with the exit code that `mvpnbench ctl` ends with. Lists stand under "rows" as objects
 * with the same keys; where they are long, "next" is the command that gives the rest. A client may
 * send many lines; they are answered in order. Commands are also taken from elsewhere (scripts).
 *
 * Whatever clients send, and however they go away, the program goes on: lines that are too long are
 * refused, clients that do not read are dropped, and when there are too many the one that has been
 * silent for longest makes room.
 */
#ifndef MVPN_CLI_CONTROL_H
#define MVPN_CLI_CONTROL_H

#include "emul/base/err.h"
#include "emul/loop/loop.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTROL_PATH_MAX 108 /* what a local socket's address holds */
#define CONTROL_LINE_MAX 1024
#define CONTROL_WORDS    16
#define CONTROL_CLIENTS  32

struct control_table;

/* A command under way. done gets its answer (owned) once, at once or later. */
struct control_call {
    void (*done)(struct control_call *call, json_t *answer);
};

/*
 * control_fn carries a command out: argv[0] is its name. It returns the answer (an object, owned by
 * the caller, without "ok"), or NULL with *err, or NULL without one: then control_answer or
 * control_refuse is called later.
 */
typedef json_t *control_fn(void *arg, struct control_call *call, int argc, char **argv,
                           struct err *err);

struct control_command {
    const char *name, *args, *help;
    control_fn *fn;
};

struct control_table {
    const struct control_command *commands;
    size_t count;
    void *arg;
};

/* control_execute carries one line (changed) out. `help` is answered from the table itself. */
void control_execute(const struct control_table *t, char *line, struct control_call *call);
void control_answer(struct control_call *call, json_t *answer);
void control_refuse(struct control_call *call, const struct err *err);

/* control_number reads a whole number 1...UINT32_MAX; -1 with *err that names what. control_choice
 * returns which of the two words it is (0, 1), or -1 with *err. */
int control_number(const char *what, const char *word, uint32_t *out, struct err *err);
int control_choice(const char *word, const char *first, const char *second, struct err *err);

/*
 * control_listen makes the socket (mode 0600) on a loop of the real clock and serves until
 * control_free, which also removes it; table is borrowed. A socket that nobody listens at any more
 * is replaced. NULL with *err.
 */
struct control;
struct control *control_listen(struct loop *loop, const char *path, const struct control_table *t,
                               struct err *err);
void control_free(struct control *c);

/* control_default_path writes where this process listens unless told otherwise: in
 * XDG_RUNTIME_DIR, or the directory for temporary files. control_sweep removes what processes that
 * are gone left there. */
void control_default_path(char out[CONTROL_PATH_MAX]);
void control_sweep(void);

/* control_find looks for running programs of this user at default paths: writes the first and
 * returns how many there are. */
size_t control_find(char out[CONTROL_PATH_MAX]);

/* control_connect returns a descriptor, or -1 with *err (ERR_TESTBED: nobody listens there).
 * control_ask sends one line (without its end) and waits for the answer; NULL with *err. */
int control_connect(const char *path, struct err *err);
json_t *control_ask(int fd, const char *line, struct err *err);

#endif
