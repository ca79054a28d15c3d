/* `oneway captures`: one-way loss from what was sent and what each leaf received. */
#include "emul/base/mem.h"
#include "monitor/minc/tree.h"
#include "monitor/oneway/captures.h"
#include "monitor/oneway/links.h"
#include "mvpnbench/monitor.h"

#include <stdlib.h>
#include <string.h>

static int read_all(struct seen_probes *p, const struct oneway_captures *c, const struct tree *t,
                    struct err *err)
{
    if (probes_sent(p, c->root, err) != 0)
        return -1;
    for (size_t i = 0; i < c->leaf_count; i++) {
        int at = tree_leaf(t, c->leaf_names[i]);
        if (at < 0) {
            err_set(err, ERR_USE, "--leaf %s: the tree has no leaf of that name", c->leaf_names[i]);
            return -1;
        }
        if (probes_received(p, c->leaf_files[i], (unsigned)t->node[at].leaf, err) != 0)
            return -1;
    }
    probes_in_order(p);
    return 0;
}

/* ---- bursts ---------------------------------------------------------------------------------- */

static void add_burst(json_t *o, const struct seen_probes *p, size_t leaves)
{
    struct loss_runs r = {0};
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        r.before = false;
        for (size_t i = 0; i < p->count; i++)
            loss_runs_add(&r, (p->list[i].leaves >> leaf & 1) == 0);
    }
    links_burst(o, &r);
    json_object_set_new(o, "foreign", json_integer((json_int_t)p->foreign));
    json_object_set_new(o, "repeated", json_integer((json_int_t)p->repeated));
}

/* ---- individual probes ----------------------------------------------------------------------- */

static int by_leaves(const void *left, const void *right)
{
    const struct tree_pattern *a = left, *b = right;
    return (a->leaves > b->leaves) - (a->leaves < b->leaves);
}

/* The patterns that occur, each once. */
static size_t patterns_of(const struct seen_probes *p, struct tree_pattern **out)
{
    struct tree_pattern *list = mem_zalloc(p->count, sizeof(*list));
    for (size_t i = 0; i < p->count; i++)
        list[i] = (struct tree_pattern){p->list[i].leaves, 1};
    qsort(list, p->count, sizeof(*list), by_leaves);
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (kept > 0 && list[kept - 1].leaves == list[i].leaves)
            list[kept - 1].probes++;
        else
            list[kept++] = list[i];
    }
    *out = list;
    return kept;
}

static struct minc_counts counts_of(const struct tree_pattern *list, size_t count)
{
    struct minc_counts n = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t *cell[] = {&n.n00, &n.n10, &n.n01, &n.n11};
        *cell[list[i].leaves & 3] += list[i].probes;
    }
    return n;
}

static json_t *two_leaves(const struct seen_probes *p, const struct tree *t,
                          const struct minc_counts *n)
{
    struct minc_estimate e;
    json_t *o = links_new(p->count, "individual");
    minc_individual(n, &e);
    for (int l = 0; l < MINC_LINKS; l++)
        links_add(json_object_get(o, "links"), t->node[l].name, e.pass[l], e.error[l], p->count);
    return o;
}

static json_t *many_leaves(const struct seen_probes *p, const struct tree *t,
                           const struct tree_pattern *list, size_t count)
{
    double pass[TREE_NODES_MAX], error[TREE_NODES_MAX];
    json_t *o = links_new(p->count, "individual");
    tree_estimate(t, list, count, pass, error);
    for (size_t k = 0; k < t->count; k++)
        links_add(json_object_get(o, "links"), t->node[k].name, pass[k], error[k], p->count);
    return o;
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static json_t *aggregate(const struct seen_probes *p, const struct tree *t, double interval_s)
{
    int64_t first = p->list[0].at_ns, step = (int64_t)(interval_s * 1e9);
    struct minc_interval *list = NULL;
    struct minc_estimate e;
    size_t count = 0, cap = 0;
    int64_t now = -1;
    for (size_t i = 0; i < p->count; i++) {
        int64_t n = (p->list[i].at_ns - first) / step;
        if (n != now) {
            list = array_grow(list, count, &cap, sizeof(*list));
            list[count++] = (struct minc_interval){0, 0, 0};
            now = n;
        }
        list[count - 1].sent++;
        list[count - 1].leaf2 += p->list[i].leaves & 1;
        list[count - 1].leaf3 += p->list[i].leaves >> 1 & 1;
    }
    minc_aggregate(list, count, &e);
    json_t *o = links_new(p->count, "aggregate");
    for (int l = 0; l < MINC_LINKS; l++)
        links_add(json_object_get(o, "links"), t->node[l].name, e.pass[l], e.error[l], p->count);
    json_object_set_new(o, "intervals", json_integer((json_int_t)count));
    free(list);
    return o;
}

static int make_tree(const struct oneway_captures *c, struct tree *t, struct err *err)
{
    int made = c->tree != NULL ? tree_parse(t, c->tree, err)
                               : tree_star(t, c->leaf_names, c->leaf_count, err);
    if (made != 0)
        return -1;
    for (size_t i = 0; i < c->leaf_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(c->leaf_names[i], c->leaf_names[k]) == 0) {
                err_set(err, ERR_USE, "--leaf %s stands twice", c->leaf_names[i]);
                return -1;
            }
        }
    }
    if (c->leaf_count != t->leaves)
        err_set(err, ERR_USE, "the tree has %zu leaves and %zu are given; give each a --leaf",
                t->leaves, c->leaf_count);
    else if (c->interval_s > 0 && t->leaves != 2)
        err_set(err, ERR_USE, "--interval: aggregates are for two leaves, not for %zu", t->leaves);
    else
        return 0;
    return -1;
}

static json_t *estimate(const struct oneway_captures *c, const struct seen_probes *p,
                        const struct tree *t)
{
    struct tree_pattern *list;
    size_t count = patterns_of(p, &list);
    json_t *o;
    if (t->leaves > 2) {
        o = many_leaves(p, t, list, count);
    } else {
        struct minc_counts n = counts_of(list, count);
        o = c->interval_s > 0 ? aggregate(p, t, c->interval_s) : two_leaves(p, t, &n);
        json_object_set_new(o, "counts", links_counts(&n));
    }
    free(list);
    return o;
}

int oneway_captures(const struct oneway_captures *c, json_t **out, struct err *err)
{
    struct tree *t = mem_zalloc(1, sizeof(*t));
    struct seen_probes p = {0};
    int rc = make_tree(c, t, err);
    if (rc == 0)
        rc = read_all(&p, c, t, err);
    if (rc == 0) {
        *out = estimate(c, &p, t);
        add_burst(*out, &p, t->leaves);
    }
    probes_free(&p);
    free(t);
    return rc;
}
