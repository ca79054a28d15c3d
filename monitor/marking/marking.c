/* `mvpnbench marking`: counts at the live points, reads the captures, lets the blocks be settled by
 * the first point's colours, and compares. */
#include "emul/base/mem.h"
#include "emul/io/capture.h"
#include "monitor/marking/live.h"
#include "monitor/marking/segments.h"
#include "mvpnbench/monitor.h"

#include <stdlib.h>

static int read_capture(struct point_blocks *p, const char *path, struct err *err)
{
    struct capture_reader *r = capture_reader_open(path, err);
    if (r == NULL)
        return -1;
    const uint8_t *frame;
    size_t len;
    struct instant at;
    int more;
    while ((more = capture_reader_next(r, &frame, &len, &at, err)) == 1)
        blocks_frame(p, frame, len, at);
    capture_reader_close(r);
    return more;
}

static int read_captures(const struct marking_config *c, struct point_blocks *points,
                         struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->point_count; i++) {
        if (c->points[i].kind == POINT_CAPTURE)
            rc = read_capture(&points[i], c->points[i].what, err);
    }
    return rc;
}

/* The first point whose packets we see tells which colour belongs to blocks of odd number. */
static bool find_inverted(const struct marking_config *c, const struct point_blocks *points)
{
    uint64_t with = 0, against = 0;
    for (size_t i = 0; with + against == 0 && i < c->point_count; i++)
        blocks_votes(&points[i], &with, &against);
    return against > with;
}

static json_t *evaluate(const struct marking_config *c, struct point_blocks *points,
                        struct marking_live *live)
{
    bool inverted = find_inverted(c, points);
    for (size_t i = 0; i < c->point_count; i++)
        blocks_settle(&points[i], inverted);
    if (live != NULL)
        marking_live_settle(live, points, inverted);
    return segments_json(c, points, inverted);
}

static bool any_live(const struct marking_config *c)
{
    for (size_t i = 0; i < c->point_count; i++) {
        if (marking_is_live(&c->points[i]))
            return true;
    }
    return false;
}

/* Captures are read last: they may be written while live points are counted. */
int marking_run(const char *file, volatile sig_atomic_t *stop, monitor_step_fn *step, json_t **out,
                struct err *err)
{
    struct marking_config *c = marking_load(file, err);
    if (c == NULL)
        return -1;
    struct point_blocks *points = mem_zalloc(c->point_count, sizeof(*points));
    struct marking_live *live = NULL;
    for (size_t i = 0; i < c->point_count; i++)
        blocks_init(&points[i], c);
    if (any_live(c))
        live = marking_live_run(c, points, stop, step, err);
    int rc = any_live(c) && live == NULL ? -1 : read_captures(c, points, err);
    if (rc == 0)
        *out = evaluate(c, points, live);
    for (size_t i = 0; i < c->point_count; i++)
        blocks_fini(&points[i]);
    free(points);
    marking_live_free(live);
    marking_config_free(c);
    return rc;
}
