#include "reports/html_style.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxslt/documents.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* report.xsl, made a C array by the build. */
extern const unsigned char style_built_in[];
extern const size_t style_built_in_size;

/* No XML_PARSE_NOENT: entities are not expanded, and a document type is refused. */
#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOCDATA)

/* What the libraries said, up to the first few lines of it. */
struct said {
    char text[512];
    size_t len;
};

static void said_add(struct said *s, const char *format, va_list args)
{
    size_t left = sizeof(s->text) - s->len;
    int n = vsnprintf(s->text + s->len, left, format, args);
    if (n > 0)
        s->len += (size_t)n < left ? (size_t)n : left - 1;
}

static void on_style_error(void *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void on_style_error(void *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    said_add(context, format, args);
    va_end(args);
}

static void on_xml_error(void *context, xmlErrorPtr error)
{
    struct said *s = context;
    if (s->len == 0 && error->message != NULL)
        on_style_error(s, "line %d, column %d: %s", error->line, error->int2, error->message);
}

/* said_line makes one line of it. */
static const char *said_line(struct said *s)
{
    while (s->len > 0 && s->text[s->len - 1] == '\n')
        s->text[--s->len] = '\0';
    for (char *p = s->text; (p = strchr(p, '\n')) != NULL;)
        *p = ' ';
    return s->len > 0 ? s->text : "no reason was given";
}

/* ---- what a style sheet may reach ------------------------------------------------------------ */

static xmlDoc *built_in(xmlDict *dict)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL)
        fatal("out of memory (style sheet)");
    if (dict != NULL) { /* names of one style sheet are compared by address */
        xmlDictFree(parser->dict);
        parser->dict = dict;
        (void)xmlDictReference(dict);
    }
    xmlDoc *doc = xmlCtxtReadMemory(parser, (const char *)style_built_in, (int)style_built_in_size,
                                    STYLE_BUILT_IN, "UTF-8", PARSE_OPTIONS);
    xmlFreeParserCtxt(parser);
    return doc;
}

static xmlDoc *load(const xmlChar *uri, xmlDict *dict, int options, void *context,
                    xsltLoadType type)
{
    (void)options;
    (void)context;
    if (type == XSLT_LOAD_STYLESHEET && xmlStrEqual(uri, BAD_CAST STYLE_BUILT_IN))
        return built_in(dict);
    xsltGenericError(xsltGenericErrorContext,
                     "'%.200s' was asked for, and a style sheet may read nothing but what it is "
                     "given\n",
                     (const char *)uri);
    return NULL;
}

static xsltSecurityPrefs *nothing_allowed(void)
{
    static const xsltSecurityOption options[] = {
        XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
        XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};
    xsltSecurityPrefs *prefs = xsltNewSecurityPrefs();
    if (prefs == NULL)
        fatal("out of memory (style sheet)");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        (void)xsltSetSecurityPrefs(prefs, options[i], xsltSecurityForbid);
    return prefs;
}

/* ---- use ------------------------------------------------------------------------------------- */

static xmlDoc *style_document(const char *path, struct said *said)
{
    if (path == NULL)
        return built_in(NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        on_style_error(said, "%s", strerror(errno));
        return NULL;
    }
    xmlDoc *doc = xmlReadFd(fd, path, NULL, PARSE_OPTIONS);
    (void)close(fd);
    if (doc != NULL && doc->intSubset != NULL) {
        on_style_error(said, "it has a document type (<!DOCTYPE>), which is not taken");
        xmlFreeDoc(doc);
        doc = NULL;
    }
    return doc;
}

static xsltStylesheet *style_load(const char *path, struct said *said)
{
    xmlDoc *doc = style_document(path, said);
    xsltStylesheet *style = doc == NULL ? NULL : xsltParseStylesheetDoc(doc);
    if (doc != NULL && style == NULL)
        xmlFreeDoc(doc);
    if (style != NULL && style->errors != 0) {
        xsltFreeStylesheet(style);
        style = NULL;
    }
    return style;
}

static xmlDoc *transform(xsltStylesheet *style, xmlDoc *doc)
{
    xsltTransformContext *context = xsltNewTransformContext(style, doc);
    xsltSecurityPrefs *prefs = nothing_allowed();
    if (context == NULL)
        fatal("out of memory (style sheet)");
    bool ok = xsltSetCtxtSecurityPrefs(prefs, context) == 0;
    xmlDoc *page = ok ? xsltApplyStylesheetUser(style, doc, NULL, NULL, NULL, context) : NULL;
    if (page != NULL && context->state != XSLT_STATE_OK) {
        xmlFreeDoc(page);
        page = NULL;
    }
    xsltFreeTransformContext(context);
    xsltFreeSecurityPrefs(prefs);
    return page;
}

static int apply(FILE *f, const char *path, xmlDoc *doc, struct said *said)
{
    xsltStylesheet *style = style_load(path, said);
    xmlDoc *page = style == NULL ? NULL : transform(style, doc);
    /* What the file did not take, the caller asks the file about (reports.h). */
    if (page != NULL)
        (void)xsltSaveResultToFile(f, page, style);
    int rc = page == NULL ? -1 : 0;
    xmlFreeDoc(page);
    xsltFreeStylesheet(style);
    return rc;
}

int style_apply(FILE *f, const char *path, xmlDoc *doc, struct err *err)
{
    struct said said = {.len = 0};
    xmlGenericErrorFunc old = xsltGenericError;
    void *old_context = xsltGenericErrorContext;
    xmlSetStructuredErrorFunc(&said, on_xml_error);
    xsltSetGenericErrorFunc(&said, on_style_error);
    xsltSetLoaderFunc(load);
    int rc = apply(f, path, doc, &said);
    xsltSetLoaderFunc(NULL);
    xsltSetGenericErrorFunc(old_context, old);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (rc != 0)
        err_set(err, ERR_USE, "%s: %s; correct the style sheet, or leave --style out",
                path == NULL ? STYLE_BUILT_IN : path, said_line(&said));
    return rc;
}
