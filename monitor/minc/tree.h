/*
 * Loss inference on a general multicast tree (PROTOCOLS 10.2): from which leaves saw each probe to
 * the pass probability of every link. A tree is written 'root(b(l2,l3),l4)': a name is a node and
 * the link that ends at it; the source sits above the outermost name. Every node that is no leaf
 * has two children or more: links in a row cannot be told apart.
 */
#ifndef MVPN_MINC_TREE_H
#define MVPN_MINC_TREE_H

#include "emul/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define TREE_LEAVES_MAX 64
#define TREE_NODES_MAX  128
#define TREE_NAME_MAX   64

struct tree_node {
    char name[TREE_NAME_MAX];
    int parent;      /* -1: below the source */
    int first_child; /* -1: a leaf */
    int next_sibling;
    int leaf;       /* bit in a pattern, in order of appearance; -1: none */
    uint64_t below; /* leaves below, the node itself included */
};

struct tree {
    size_t count; /* parents stand before their children */
    struct tree_node node[TREE_NODES_MAX];
    size_t leaves;
};

/* tree_parse reads the notation above; -1 with *err (ERR_USE) that says where it went wrong. */
int tree_parse(struct tree *t, const char *text, struct err *err);

/* tree_star makes the default: one branch, named root, with all leaves below it. */
int tree_star(struct tree *t, const char *const *leaves, size_t count, struct err *err);

/* tree_leaf returns the node of that name if it is a leaf, else -1. */
int tree_leaf(const struct tree *t, const char *name);

/* So many probes were seen by exactly these leaves (bits); each pattern stands once. */
struct tree_pattern {
    uint64_t leaves;
    uint64_t probes;
};

/* tree_estimate fills in pass probability and standard error (delta method on the patterns'
 * frequencies) of the link that ends at each node; NAN: not identifiable. */
void tree_estimate(const struct tree *t, const struct tree_pattern *list, size_t count,
                   double pass[TREE_NODES_MAX], double error[TREE_NODES_MAX]);

#endif
