/*
 * Reports: one walk over the result tree (mvpnbench/result.h), many renderings. Strings in a
 * result come from DUTs, hooks and users: each rendering escapes or cleans all of them.
 */
#ifndef MVPN_REPORTS_H
#define MVPN_REPORTS_H

#include "emul/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* One requirement of --require that was judged (JUnit: a test). Texts are borrowed. */
struct report_verdict {
    const char *case_id;     /* "9.1" */
    const char *requirement; /* as it was given */
    const char *said;        /* one line: met or not, and why */
    bool met;
};

/* What a report is made from; everything borrowed. */
struct report_input {
    const json_t *result;
    const char *dir;        /* where the files named in the result lie; NULL: nothing of them */
    const char *unfinished; /* why the result is not whole, said at the top; NULL: it is */
    const struct report_verdict *verdicts;
    size_t verdict_count;
    const char *style; /* XSLT file for HTML instead of the built-in one, or NULL */

    /* Called (unless NULL) by a rendering that needs the result no more and is not done yet:
     * whoever owns a large one may give it back. */
    void (*result_read)(void *arg);
    void *result_arg;
};

/* A rendering writes to f; -1 with *err. What could not be written is left to ferror. */
typedef int report_render(FILE *f, const struct report_input *in, struct err *err);

/* report_json prints result.json: times as seconds with nine decimals, two spaces indentation,
 * keys in the order of the tree; equal trees give equal bytes. */
report_render report_json;

/* report_text prints the tables of draft 8.1 and 8.2; no line is longer than 100 columns. */
report_render report_text;

/* report_xml writes report.xml after reports/report.xsd: the whole result, and the document. */
report_render report_xml;

/* report_html writes one self-contained page: the document of report.xml through XSLT. */
report_render report_html;

/* report_csv writes one row an instance; report_csv_flows one row a flow of those instances that
 * have them recorded. */
report_render report_csv, report_csv_flows;

/* report_junit writes a test suite a case, a test a requirement and a test a stimulus. */
report_render report_junit;

/* One rendering by its name (--format) and the file of a run's directory. */
struct report_format {
    const char *name;
    const char *file;
    report_render *render;
};
extern const struct report_format report_formats[];
extern const size_t report_format_count;

/* report_json_value prints any tree in the form of result.json. */
void report_json_value(FILE *f, const json_t *v);

/* report_write renders into path through a temporary file and rename; -1 with *err. */
int report_write(const char *path, report_render *render, const struct report_input *in,
                 struct err *err);

#endif
