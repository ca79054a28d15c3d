/*
 * Comparing a rendering with the file that stands for what is right. MVPN_WRITE_GOLDEN=1 in the
 * environment writes the files instead: read the difference before it is committed.
 */
#ifndef MVPN_TESTS_REPORTS_GOLDEN_H
#define MVPN_TESTS_REPORTS_GOLDEN_H

#include "reports/reports.h"

#include <jansson.h>
#include <stdio.h>

#define TREES "tests/unit/reports/trees/"

/* rendered returns what render prints for the tree; the caller frees. */
char *rendered(report_render *render, const json_t *tree);

/* tree_load loads TREES name.json; the caller decrefs. */
json_t *tree_load(const char *name);

/* golden_check asserts that text is the content of TREES file. */
void golden_check(const char *file, const char *text);

#endif
