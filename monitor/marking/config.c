#include "monitor/marking/config.h"

#include "emul/base/mem.h"
#include "emul/conf/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX_S  86400.0
#define ORIGIN_MAX_S 4e9

static char *path_of(const struct marking_config *c, const char *path)
{
    return path[0] == '/' ? mem_strdup(path) : mem_printf("%s/%s", c->directory, path);
}

/* ---- flows ----------------------------------------------------------------------------------- */

static bool flow_name(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct marked_flow *)ctx)->name, n, "the flow's name", err);
}

static bool flow_group(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_address(&((struct marked_flow *)ctx)->group, n, err);
}

static bool flow_source(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_address(&((struct marked_flow *)ctx)->source, n, err);
}

static bool read_flow(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {
        {"name", flow_name, true}, {"group", flow_group, true}, {"source", flow_source, false}};
    struct marking_config *c = ctx;
    c->flows = mem_realloc(c->flows, c->flow_count + 1, sizeof(*c->flows));
    struct marked_flow *f = &c->flows[c->flow_count++];
    *f = (struct marked_flow){0};
    if (!fields_read(f, n, table, sizeof(table) / sizeof(table[0]), err))
        return false;
    for (size_t i = 0; i + 1 < c->flow_count; i++) {
        if (strcmp(c->flows[i].name, f->name) == 0) {
            yaml_error(err, n, "a flow '%s' stands here a second time", f->name);
            return false;
        }
    }
    return true;
}

static bool read_flows(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_list(ctx, n, "flows", read_flow, err);
}

/* ---- mark, block, clock ---------------------------------------------------------------------- */

static const char *const mark_fields[] = {"dscp", "probe"};

static bool mark_field(void *ctx, const struct ynode *n, struct err *err)
{
    int word = fields_word(n, mark_fields, 2, err);
    if (word >= 0)
        ((struct marking_config *)ctx)->mark.field = (enum mark_field)word;
    return word >= 0;
}

static bool read_mask(uint8_t *out, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, 1, 63, err))
        return false;
    *out = (uint8_t)v;
    if (v == floor(v) && (*out & (*out - 1)) == 0)
        return true;
    yaml_error(err, n, "a mask is one bit of the 6-bit DSCP: 1, 2, 4, 8, 16 or 32");
    return false;
}

static bool mark_mask(void *ctx, const struct ynode *n, struct err *err)
{
    return read_mask(&((struct marking_config *)ctx)->mark.mask, n, err);
}

static bool double_field(void *ctx, const struct ynode *n, struct err *err)
{
    (void)ctx;
    return fields_word(n, mark_fields, 1, err) >= 0;
}

static bool double_mask(void *ctx, const struct ynode *n, struct err *err)
{
    return read_mask(&((struct marking_config *)ctx)->mark.double_mask, n, err);
}

static bool read_double(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"field", double_field, false},
                                         {"mask", double_mask, true}};
    return fields_read(ctx, n, table, sizeof(table) / sizeof(table[0]), err);
}

static bool read_mark(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {
        {"field", mark_field, true}, {"mask", mark_mask, false}, {"double", read_double, false}};
    struct mark *m = &((struct marking_config *)ctx)->mark;
    if (!fields_read(ctx, n, table, sizeof(table) / sizeof(table[0]), err))
        return false;
    if (m->field == MARK_DSCP && m->mask == 0)
        yaml_error(err, n, "field dscp needs 'mask: ...', the bit that is the colour");
    else if (m->field == MARK_DSCP && m->mask == m->double_mask)
        yaml_error(err, n, "colour and delay mark need a bit each");
    else
        return true;
    return false;
}

static bool block_seconds(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, 0.01, BLOCK_MAX_S, err))
        return false;
    ((struct marking_config *)ctx)->block_ns = llround(v * 1e9);
    return true;
}

static bool block_origin(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, -ORIGIN_MAX_S, ORIGIN_MAX_S, err))
        return false;
    ((struct marking_config *)ctx)->origin_ns = llround(v * 1e9);
    return true;
}

static bool read_block(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"seconds", block_seconds, true},
                                         {"origin", block_origin, false}};
    return fields_read(ctx, n, table, sizeof(table) / sizeof(table[0]), err);
}

static bool clock_offset(void *ctx, const struct ynode *n, struct err *err)
{
    double v;
    if (!fields_number(&v, n, 0, 1e9, err))
        return false;
    ((struct marking_config *)ctx)->clock_offset_ns = llround(v * 1e6);
    return true;
}

static bool read_clock(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"max_offset_ms", clock_offset, true}};
    struct marking_config *c = ctx;
    c->clock_known = n->kind != YNODE_SCALAR;
    if (!c->clock_known) {
        static const char *const words[] = {"unknown"};
        return fields_word(n, words, 1, err) >= 0;
    }
    return fields_read(ctx, n, table, 1, err);
}

static bool read_seconds(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_number(&((struct marking_config *)ctx)->seconds, n, 0.1, 1e9, err);
}

/* ---- points ---------------------------------------------------------------------------------- */

/* What a point is given by; the config is there for paths. */
struct point_ctx {
    const struct marking_config *config;
    struct mark_point *point;
    unsigned ways; /* how many of capture, interface, command, nftables */
};

static bool point_name(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct point_ctx *)ctx)->point->name, n, "the point's name", err);
}

static bool point_is(struct point_ctx *p, enum point_kind kind, const struct ynode *n,
                     const char *what, struct err *err)
{
    p->ways++;
    p->point->kind = kind;
    return fields_text(&p->point->what, n, what, err);
}

static bool point_capture(void *ctx, const struct ynode *n, struct err *err)
{
    struct point_ctx *p = ctx;
    if (!point_is(p, POINT_CAPTURE, n, "the path of a capture", err))
        return false;
    char *path = path_of(p->config, p->point->what);
    free(p->point->what);
    p->point->what = path;
    return true;
}

static bool point_interface(void *ctx, const struct ynode *n, struct err *err)
{
    return point_is(ctx, POINT_INTERFACE, n, "an interface", err);
}

static bool point_namespace(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_text(&((struct point_ctx *)ctx)->point->netns, n, "a network namespace", err);
}

static bool point_command(void *ctx, const struct ynode *n, struct err *err)
{
    return point_is(ctx, POINT_COMMAND, n, "a command", err);
}

static bool point_nftables(void *ctx, const struct ynode *n, struct err *err)
{
    static const char *const what = "a table of nftables, e.g. 'ip colours',";
    char family[16], table[64];
    int end = 0;
    if (!point_is(ctx, POINT_NFTABLES, n, what, err))
        return false;
    if (sscanf(n->text, "%15[a-z0-9] %63[A-Za-z0-9_./\\-]%n", family, table, &end) == 2 &&
        n->text[end] == '\0' && table[0] != '-')
        return true;
    yaml_error(err, n, "%s must stand here", what);
    return false;
}

static bool point_direction(void *ctx, const struct ynode *n, struct err *err)
{
    static const char *const words[] = {
        [POINT_BOTH] = "both", [POINT_IN] = "in", [POINT_OUT] = "out"};
    int word = fields_word(n, words, 3, err);
    if (word >= 0)
        ((struct point_ctx *)ctx)->point->direction = (enum point_direction)word;
    return word >= 0;
}

static bool read_point(void *ctx, const struct ynode *n, struct err *err)
{
    static const struct field table[] = {{"name", point_name, true},
                                         {"capture", point_capture, false},
                                         {"interface", point_interface, false},
                                         {"namespace", point_namespace, false},
                                         {"direction", point_direction, false},
                                         {"command", point_command, false},
                                         {"nftables", point_nftables, false}};
    struct marking_config *c = ctx;
    c->points = mem_realloc(c->points, c->point_count + 1, sizeof(*c->points));
    struct mark_point *point = &c->points[c->point_count++];
    *point = (struct mark_point){0};
    struct point_ctx p = {c, point, 0};
    if (!fields_read(&p, n, table, sizeof(table) / sizeof(table[0]), err))
        return false;
    for (size_t i = 0; i + 1 < c->point_count; i++) {
        if (strcmp(c->points[i].name, point->name) == 0) {
            yaml_error(err, n, "a point '%s' stands here a second time", point->name);
            return false;
        }
    }
    if (p.ways != 1)
        yaml_error(err, n, "a point has one of capture, interface, command, nftables");
    else if (point->direction != POINT_BOTH && point->kind != POINT_INTERFACE)
        yaml_error(err, n, "a direction is for points that are an interface; leave it out");
    else if (point->netns != NULL && point->kind == POINT_CAPTURE)
        yaml_error(err, n, "a capture has no namespace; leave it out");
    else
        return true;
    return false;
}

static bool read_points(void *ctx, const struct ynode *n, struct err *err)
{
    return fields_list(ctx, n, "points", read_point, err);
}

/* ---- segments -------------------------------------------------------------------------------- */

static bool find_point(const struct marking_config *c, const struct ynode *n, size_t *out,
                       struct err *err)
{
    for (size_t i = 0; n->kind == YNODE_SCALAR && i < c->point_count; i++) {
        if (strcmp(c->points[i].name, n->text) == 0) {
            *out = i;
            return true;
        }
    }
    yaml_error(err, n, "the name of one of the points must stand here");
    return false;
}

static void add_segment(struct marking_config *c, size_t from, size_t to)
{
    c->segments = mem_realloc(c->segments, c->segment_count + 1, sizeof(*c->segments));
    c->segments[c->segment_count++] = (struct mark_segment){from, to};
}

static bool in_circle(const struct marking_config *c, size_t point)
{
    size_t at = point;
    for (size_t steps = 0; steps < c->segment_count; steps++) {
        size_t i = 0;
        while (i < c->segment_count && c->segments[i].to != at)
            i++;
        if (i == c->segment_count)
            return false;
        at = c->segments[i].from;
        if (at == point)
            return true;
    }
    return false;
}

static bool read_segment(void *ctx, const struct ynode *n, struct err *err)
{
    struct marking_config *c = ctx;
    size_t from, to;
    if (n->kind != YNODE_LIST || n->count != 2) {
        yaml_error(err, n, "two points must stand here, e.g. [R1.in, R1.out]");
        return false;
    }
    if (!find_point(c, n->items[0], &from, err) || !find_point(c, n->items[1], &to, err))
        return false;
    for (size_t i = 0; i < c->segment_count; i++) {
        if (c->segments[i].to == to) {
            yaml_error(err, n, "packets reach point '%s' by two segments; a tree has one",
                       c->points[to].name);
            return false;
        }
    }
    add_segment(c, from, to);
    if (!in_circle(c, to))
        return true;
    yaml_error(err, n, "the segments lead in a circle");
    return false;
}

/* Points stand before segments whatever the order in the file. */
static bool read_segments(struct marking_config *c, const struct ynode *root, struct err *err)
{
    const struct ynode *n = yaml_get(root, "segments");
    if (c->point_count < 2) {
        yaml_error(err, yaml_get(root, "points"), "two points or more are needed");
        return false;
    }
    if (n != NULL)
        return fields_list(c, n, "segments", read_segment, err);
    for (size_t i = 0; i + 1 < c->point_count; i++)
        add_segment(c, i, i + 1);
    return true;
}

static bool later(void *ctx, const struct ynode *n, struct err *err)
{
    (void)ctx;
    (void)n;
    (void)err;
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool read_root(struct marking_config *c, const struct ynode *root, struct err *err)
{
    static const struct field table[] = {
        {"flows", read_flows, true},     {"mark", read_mark, true},     {"block", read_block, true},
        {"clock", read_clock, false},    {"points", read_points, true}, {"segments", later, false},
        {"seconds", read_seconds, false}};
    return fields_read(c, root, table, sizeof(table) / sizeof(table[0]), err) &&
           read_segments(c, root, err);
}

struct marking_config *marking_load(const char *path, struct err *err)
{
    struct ynode *root = yaml_load(path, err);
    if (root == NULL)
        return NULL;
    struct marking_config *c = mem_zalloc(1, sizeof(*c));
    c->file = mem_strdup(path);
    c->directory = fields_directory(path);
    bool good = read_root(c, root, err);
    ynode_free(root);
    if (good)
        return c;
    marking_config_free(c);
    return NULL;
}

void marking_config_free(struct marking_config *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->flow_count; i++)
        free(c->flows[i].name);
    for (size_t i = 0; i < c->point_count; i++) {
        free(c->points[i].name);
        free(c->points[i].what);
        free(c->points[i].netns);
    }
    free(c->flows);
    free(c->points);
    free(c->segments);
    free(c->file);
    free(c->directory);
    free(c);
}
