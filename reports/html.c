/*
 * Pages: a document becomes a tree, and a style sheet makes HTML of it. The built-in style sheet
 * shows the document alone, so that a large result need not stand in memory twice; a user's own
 * gets all of report.xml.
 */
#include "reports/html_style.h"
#include "reports/page.h"
#include "reports/reports.h"
#include "reports/walk.h"
#include "reports/xml_document.h"
#include "reports/xml_write.h"

/* Writes the content of a tree. */
typedef void tree_write(xmlTextWriter *w, const void *what);

/* in (NULL: none) is what the document is made from: done with once the tree stands. */
static int tree_to_page(FILE *f, const char *style, tree_write *write, const void *what,
                        const struct report_input *in, struct err *err)
{
    xmlDoc *doc = NULL;
    xmlTextWriter *w = xmlNewTextWriterDoc(&doc, 0);
    if (w == NULL)
        fatal("out of memory (report)");
    (void)xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    write(w, what);
    bool whole = xmlTextWriterEndDocument(w) >= 0;
    xmlFreeTextWriter(w);
    if (in != NULL && in->result_read != NULL)
        in->result_read(in->result_arg);
    int rc = -1;
    if (whole && doc != NULL && xmlDocGetRootElement(doc) != NULL)
        rc = style_apply(f, style, doc, err);
    else
        err_set(err, ERR_TESTBED, "the report did not become a page");
    xmlFreeDoc(doc);
    return rc;
}

struct document {
    document_walk *walk;
    void *arg;
};

static void write_document(xmlTextWriter *w, const void *what)
{
    const struct document *d = what;
    xml_root(w);
    xml_document(w, d->walk, d->arg);
    xml_close(w);
}

static void write_report(xmlTextWriter *w, const void *what)
{
    xml_report(w, what);
}

int page_html(FILE *f, const char *style, document_walk *walk, void *arg, struct err *err)
{
    const struct document d = {walk, arg};
    return tree_to_page(f, style, write_document, &d, NULL, err);
}

int report_html(FILE *f, const struct report_input *in, struct err *err)
{
    struct report_input copy = *in;
    const struct document d = {report_document, &copy};
    if (in->style != NULL)
        return tree_to_page(f, in->style, write_report, in, in, err);
    return tree_to_page(f, NULL, write_document, &d, in, err);
}
