/*
 * The document of a walk as XML: what a style sheet makes a page of. Cells carry the raw value
 * beside what a reader sees, graphs their numbers beside the picture. Long tables are cut: the
 * document is for people, and a style sheet needs all of it in memory.
 */
#ifndef MVPN_REPORTS_XML_DOCUMENT_H
#define MVPN_REPORTS_XML_DOCUMENT_H

#include "reports/page.h"
#include "reports/reports.h"
#include "reports/xml_write.h"

/* Rows of a table that a document shows at most. */
#define XML_ROWS_SHOWN 1000u

/* xml_document writes <document>: what walk(arg, ...) says. */
void xml_document(xmlTextWriter *w, document_walk *walk, void *arg);

/* xml_report writes <report> with both of its parts: the whole result and its document. */
void xml_report(xmlTextWriter *w, const struct report_input *in);

#endif
