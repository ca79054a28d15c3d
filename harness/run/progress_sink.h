/* Between progress.c, which knows what goes on, and the forms in which it is shown. */
#ifndef MVPN_RUN_PROGRESS_SINK_H
#define MVPN_RUN_PROGRESS_SINK_H

#include "harness/run/progress.h"

#define PROGRESS_TEXT_MAX 512

struct progress_state {
    int64_t began_ns, now_ns; /* steady time */
    char text[PROGRESS_TEXT_MAX];
    struct progress_task own;
    size_t workers; /* slots in use are those with active set */
    bool active[PROGRESS_WORKERS];
    struct progress_task worker[PROGRESS_WORKERS];
    struct progress_total total;
};

/* progress_has_tasks tells whether points of cases are run; else there is the text alone. */
static inline bool progress_has_tasks(const struct progress_state *s)
{
    return s->workers > 0 || s->own.case_id[0] != '\0';
}

/* ---- text (progress_text.c) ---- */

/* progress_clean copies text and leaves nothing in it that a terminal could take for a command:
 * control characters become '?', with ascii_only everything that is not ASCII too. */
void progress_clean(char *out, size_t cap, const char *text, bool ascii_only);

/* progress_duration writes "12 s", "3:20", "5:10:00" or "3 d 04 h". */
#define PROGRESS_DURATION 32
const char *progress_duration(double seconds, char buf[PROGRESS_DURATION]);

/* ---- the view (progress_view.c): pure ---- */

#define VIEW_ROWS 80
#define VIEW_COLS 320

struct progress_view {
    size_t rows;
    char line[VIEW_ROWS][VIEW_COLS + 1]; /* ASCII, each shorter than the screen is wide */
};

/* progress_view_make lays the state out for a screen of cols by rows; a screen too small for it, or
 * a state without a case, gives one line; a state of which nothing is known none. */
void progress_view_make(const struct progress_state *s, size_t cols, size_t rows,
                        struct progress_view *v);

/* ---- the terminal (progress_terminal.c): writes to stderr ---- */

void progress_terminal_open(void);
void progress_terminal_draw(const struct progress_state *s);
void progress_terminal_keep(const char *text); /* a line that stays; written with the next draw */
void progress_terminal_rest(void);             /* nothing of the view stands there any more */
void progress_terminal_close(void);

/* ---- JSON (progress_json.c) ---- */

/* progress_json_event makes one line of an event (fields taken); progress_json_step the line of a
 * task (worker 0: of this process). NULL never; freed by the caller. */
char *progress_json_event(const struct progress_state *s, const char *kind, json_t *fields,
                          const char *text);
char *progress_json_step(const struct progress_state *s, const struct progress_task *t,
                         size_t worker);

#endif
