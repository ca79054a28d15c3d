/*
 * report.xml: streamed, so that its length costs no memory. A document that is not whole because
 * the file could not be written is seen by the file's own error flag (reports.h).
 */
#include "emul/base/err.h"
#include "reports/walk.h"
#include "reports/xml_document.h"
#include "reports/xml_result.h"
#include "reports/xml_write.h"

#include <stdbool.h>

void xml_report(xmlTextWriter *w, const struct report_input *in)
{
    struct report_input copy = *in;
    xml_root(w);
    xml_result(w, in->result);
    xml_document(w, report_document, &copy);
    xml_close(w);
}

/* What cannot be written is the caller's to say, not the library's on stderr. */
static void say_nothing(void *context, xmlErrorPtr error)
{
    (void)context;
    (void)error;
}

int report_xml(FILE *f, const struct report_input *in, struct err *err)
{
    xmlOutputBuffer *out = xmlOutputBufferCreateFile(f, NULL);
    xmlTextWriter *w = out == NULL ? NULL : xmlNewTextWriter(out);
    if (w == NULL)
        fatal("out of memory (report)");
    xmlSetStructuredErrorFunc(NULL, say_nothing);
    (void)xmlTextWriterSetIndent(w, 1);
    (void)xmlTextWriterSetIndentString(w, BAD_CAST " ");
    (void)xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    xml_report(w, in);
    bool ok = xmlTextWriterEndDocument(w) >= 0;
    xmlFreeTextWriter(w);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (!ok)
        err_set(err, ERR_TESTBED, "the XML report could not be written");
    return ok ? 0 : -1;
}
