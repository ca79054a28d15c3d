/*
 * A document of any walk, as a page: reports, comparisons and histories share the same sinks.
 */
#ifndef MVPN_REPORTS_PAGE_H
#define MVPN_REPORTS_PAGE_H

#include "emul/base/err.h"
#include "reports/sink.h"

#include <stdio.h>

/* document_walk drives sink over a whole document, from begin to end. */
typedef void document_walk(void *arg, struct report_sink *sink);

/* page_text prints the document for a terminal or an e-mail, at most 100 columns wide. */
void page_text(FILE *f, document_walk *walk, void *arg);

/* page_html writes one self-contained page through the XSLT file style (NULL: the built-in one);
 * -1 with *err (ERR_USE for a style sheet that cannot be used). */
int page_html(FILE *f, const char *style, document_walk *walk, void *arg, struct err *err);

#endif
