/* `mvpnbench marking`: reads the points, lets the blocks be settled by the first one's colours, and
 * compares. */
#include "emul/base/mem.h"
#include "emul/io/capture.h"
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

static int read_points(const struct marking_config *c, struct point_blocks *points, struct err *err)
{
    for (size_t i = 0; i < c->point_count; i++) {
        const struct mark_point *point = &c->points[i];
        if (point->kind != POINT_CAPTURE) {
            err_set(err, ERR_USE, "%s: point %s: only captures can be read yet", c->file,
                    point->name);
            return -1;
        }
        if (read_capture(&points[i], point->what, err) != 0)
            return -1;
    }
    return 0;
}

int marking_run(const char *file, volatile sig_atomic_t *stop, json_t **out, struct err *err)
{
    (void)stop;
    struct marking_config *c = marking_load(file, err);
    if (c == NULL)
        return -1;
    struct point_blocks *points = mem_zalloc(c->point_count, sizeof(*points));
    for (size_t i = 0; i < c->point_count; i++)
        blocks_init(&points[i], c);
    int rc = read_points(c, points, err);
    bool inverted = blocks_inverted(&points[0]);
    for (size_t i = 0; rc == 0 && i < c->point_count; i++)
        blocks_settle(&points[i], inverted);
    if (rc == 0)
        *out = segments_json(c, points);
    for (size_t i = 0; i < c->point_count; i++)
        blocks_fini(&points[i]);
    free(points);
    marking_config_free(c);
    return rc;
}
