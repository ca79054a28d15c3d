/* Answers (answer.h) as documents and as CSV; private to this room. */
#ifndef MVPN_HISTORY_DOCUMENT_H
#define MVPN_HISTORY_DOCUMENT_H

#include "reports/page.h"

#include <jansson.h>
#include <stdio.h>

struct answer_document {
    const json_t *answer;
    FILE *plots; /* where a text page's plots go, in between; NULL: the sink draws graphs */
};

/* document_answer is a document_walk; its argument is a struct answer_document. */
void document_answer(void *arg, struct report_sink *sink);

/* document_pairs joins the pairs of an object, "N=6, clock=virtual"; the caller frees. */
char *document_pairs(const json_t *o);

/* csv_answer writes a row a run, a row a point of a line, or a row a fall. */
void csv_answer(FILE *f, const json_t *answer);

#endif
