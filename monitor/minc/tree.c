#include "monitor/minc/tree.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- the notation ---------------------------------------------------------------------------- */

static bool is_name(char c)
{
    return c != '\0' && (isalnum((unsigned char)c) != 0 || strchr("_.-:/", c) != NULL);
}

static int new_node(struct tree *t, const char *name, size_t len, int parent, struct err *err)
{
    if (t->count == TREE_NODES_MAX) {
        err_set(err, ERR_USE, "a tree has at most %d nodes", TREE_NODES_MAX);
        return -1;
    }
    if (len == 0 || len >= TREE_NAME_MAX) {
        err_set(err, ERR_USE, "a node's name has 1 to %d characters", TREE_NAME_MAX - 1);
        return -1;
    }
    for (size_t i = 0; i < t->count; i++) {
        if (strlen(t->node[i].name) == len && memcmp(t->node[i].name, name, len) == 0) {
            err_set(err, ERR_USE, "the name %.*s stands twice in the tree", (int)len, name);
            return -1;
        }
    }
    int at = (int)t->count++;
    struct tree_node *n = &t->node[at];
    *n = (struct tree_node){.parent = parent, .first_child = -1, .next_sibling = -1, .leaf = -1};
    memcpy(n->name, name, len);
    if (parent < 0)
        return at;
    int *link = &t->node[parent].first_child;
    while (*link >= 0)
        link = &t->node[*link].next_sibling;
    *link = at;
    return at;
}

/* Gives leaves their bits and checks that every other node branches. */
static int finish(struct tree *t, struct err *err)
{
    t->leaves = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct tree_node *n = &t->node[i];
        if (n->first_child >= 0 && t->node[n->first_child].next_sibling < 0) {
            err_set(err, ERR_USE,
                    "node %s has one child only: links in a row cannot be told apart; leave it out",
                    n->name);
            return -1;
        }
        if (n->first_child >= 0)
            continue;
        if (t->leaves == TREE_LEAVES_MAX) {
            err_set(err, ERR_USE, "a tree has at most %d leaves", TREE_LEAVES_MAX);
            return -1;
        }
        n->leaf = (int)t->leaves;
        n->below = (uint64_t)1 << t->leaves++;
    }
    for (size_t i = t->count; i-- > 1;)
        t->node[t->node[i].parent].below |= t->node[i].below;
    if (t->leaves >= 2)
        return 0;
    err_set(err, ERR_USE, "a tree needs two leaves or more");
    return -1;
}

/* The state of reading: inside which node, and the node that has just been read. */
struct reading {
    int parent, last, depth;
};

/* Takes one of ( ) , and says whether it may stand here. */
static bool take_sign(const struct tree *t, struct reading *r, char sign)
{
    if (r->last < 0)
        return false;
    if (sign == '(' && t->node[r->last].first_child < 0) {
        r->parent = r->last;
        r->last = -1;
        r->depth++;
        return true;
    }
    if (sign == ')' && r->depth > 0) {
        r->last = r->parent;
        r->parent = t->node[r->parent].parent;
        r->depth--;
        return true;
    }
    if (sign != ',' || r->depth == 0)
        return false;
    r->last = -1;
    return true;
}

int tree_parse(struct tree *t, const char *text, struct err *err)
{
    struct reading r = {-1, -1, 0};
    const char *p = text;
    *t = (struct tree){0};
    while (*p != '\0') {
        size_t len = 0;
        while (is_name(p[len]))
            len++;
        if (len == 0) {
            if (!take_sign(t, &r, *p))
                break;
            p++;
            continue;
        }
        if (r.last >= 0)
            break;
        r.last = new_node(t, p, len, r.parent, err);
        if (r.last < 0)
            return -1;
        p += len;
    }
    if (*p == '\0' && r.last == 0 && r.depth == 0)
        return finish(t, err);
    err_set(err, ERR_USE, "--tree '%s': not a tree; write it like 'root(b(l2,l3),l4)'", text);
    return -1;
}

int tree_star(struct tree *t, const char *const *leaves, size_t count, struct err *err)
{
    *t = (struct tree){0};
    if (new_node(t, "root", 4, -1, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (new_node(t, leaves[i], strlen(leaves[i]), 0, err) < 0)
            return -1;
    }
    return finish(t, err);
}

int tree_leaf(const struct tree *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->node[i].leaf >= 0 && strcmp(t->node[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- the estimate ---------------------------------------------------------------------------- */

struct fit {
    const struct tree *t;
    double gamma[TREE_NODES_MAX]; /* share of probes seen below the node */
    double reach[TREE_NODES_MAX]; /* A: pass probability from the source to the node */
};

/* (1 - gk/A) - prod (1 - gj/A): negative at gk, positive for large A. */
static double excess(const struct fit *f, int k, double a)
{
    double product = 1;
    for (int c = f->t->node[k].first_child; c >= 0; c = f->t->node[c].next_sibling)
        product *= 1 - f->gamma[c] / a;
    return (1 - f->gamma[k] / a) - product;
}

static double solve(const struct fit *f, int k)
{
    double gk = f->gamma[k], sum = 0;
    int children = 0;
    double pair[2] = {0, 0};
    for (int c = f->t->node[k].first_child; c >= 0; c = f->t->node[c].next_sibling) {
        if (children < 2)
            pair[children] = f->gamma[c];
        children++;
        sum += f->gamma[c];
    }
    if (gk <= 0 || sum <= gk)
        return NAN; /* no probe was seen below two children */
    if (children == 2)
        return pair[0] * pair[1] / (sum - gk);
    double low = gk, high = fmax(2, 2 * gk);
    while (excess(f, k, high) < 0 && high < 1e9)
        high *= 2;
    if (high >= 1e9)
        return NAN;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (excess(f, k, middle) < 0)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* Adds weight * d(reach of k) / d(gamma) to the gradient, by the implicit function. */
static void add_gradient(const struct fit *f, int k, double weight, double *gradient)
{
    const struct tree *t = f->t;
    if (t->node[k].first_child < 0) {
        gradient[k] += weight;
        return;
    }
    double a = f->reach[k], slope = f->gamma[k] / (a * a);
    double others[TREE_NODES_MAX];
    for (int c = t->node[k].first_child; c >= 0; c = t->node[c].next_sibling) {
        double product = 1;
        for (int i = t->node[k].first_child; i >= 0; i = t->node[i].next_sibling)
            product *= i == c ? 1 : 1 - f->gamma[i] / a;
        others[c] = product;
        slope -= f->gamma[c] / (a * a) * product;
    }
    gradient[k] += weight * (1 / a) / slope;
    for (int c = t->node[k].first_child; c >= 0; c = t->node[c].next_sibling)
        gradient[c] -= weight * others[c] / a / slope;
}

/* The standard deviation of the mean of sum(gradient * seen below) over the probes. */
static double spread(const struct fit *f, const double *gradient, const struct tree_pattern *list,
                     size_t count, double n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double v = 0;
        for (size_t k = 0; k < f->t->count; k++)
            v += (list[i].leaves & f->t->node[k].below) != 0 ? gradient[k] : 0;
        sum += v * (double)list[i].probes;
        squares += v * v * (double)list[i].probes;
    }
    double variance = squares / n - (sum / n) * (sum / n);
    return sqrt((variance > 0 ? variance : 0) / n);
}

void tree_estimate(const struct tree *t, const struct tree_pattern *list, size_t count,
                   double pass[TREE_NODES_MAX], double error[TREE_NODES_MAX])
{
    struct fit f = {.t = t};
    double n = 0;
    for (size_t i = 0; i < count; i++) {
        n += (double)list[i].probes;
        for (size_t k = 0; k < t->count; k++) {
            if ((list[i].leaves & t->node[k].below) != 0)
                f.gamma[k] += (double)list[i].probes;
        }
    }
    for (size_t k = 0; k < t->count; k++)
        f.gamma[k] /= n;
    for (size_t k = 0; k < t->count; k++) {
        f.reach[k] = t->node[k].first_child < 0 ? f.gamma[k] : solve(&f, (int)k);
        int up = t->node[k].parent;
        double above = up < 0 ? 1 : f.reach[up];
        pass[k] = above > 0 ? f.reach[k] / above : NAN;
        error[k] = NAN;
        if (!isfinite(pass[k]))
            continue;
        double gradient[TREE_NODES_MAX] = {0};
        add_gradient(&f, (int)k, 1 / above, gradient);
        if (up >= 0)
            add_gradient(&f, up, -f.reach[k] / (above * above), gradient);
        error[k] = spread(&f, gradient, list, count, n);
    }
}
