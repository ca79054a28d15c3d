#include "emul/base/mem.h"
#include "reports/html_style.h"
#include "reports/page.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"
#include "tests/unit/reports/xml_check.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STYLES "testcases/styles/"

/* ---- what may stand in a page ---------------------------------------------------------------- */

static bool is_in(const char *const *list, const char *name)
{
    while (*list != NULL && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

static bool attribute_is_harmless(const xmlNode *n, const xmlAttr *a)
{
    static const char *const fetching[] = {"src",    "srcset", "srcdoc", "action",     "formaction",
                                           "poster", "data",   "cite",   "xlink:href", NULL};
    const char *name = (const char *)a->name;
    if (strncmp(name, "on", 2) == 0 || is_in(fetching, name))
        return false;
    xmlChar *value = xmlNodeListGetString(n->doc, a->children, 1);
    bool ok = strcmp(name, "href") != 0 || (value != NULL && *value == '#');
    if (strcmp(name, "style") == 0)
        ok = value == NULL || strstr((const char *)value, "url(") == NULL;
    xmlFree(value);
    return ok;
}

/* Nothing in a page but what the style sheet and the pictures are made of. */
static size_t harmful(const xmlNode *n)
{
    static const char *const known[] = {
        "html",     "head",    "meta",   "title",      "style",    "body",     "a",
        "header",   "h1",      "h2",     "h3",         "h4",       "nav",      "ol",
        "ul",       "li",      "main",   "section",    "p",        "div",      "table",
        "caption",  "span",    "thead",  "tbody",      "tr",       "th",       "td",
        "small",    "wbr",     "figure", "figcaption", "details",  "summary",  "svg",
        "desc",     "g",       "path",   "text",       "line",     "rect",     "circle",
        "polyline", "polygon", "tspan",  "defs",       "clipPath", "clippath", NULL};
    size_t count = 0;
    for (; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        bool ok = is_in(known, (const char *)n->name);
        for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
            ok = ok && attribute_is_harmless(n, a);
        if (!ok)
            (void)fprintf(stderr, "<%s> is harmful\n", (const char *)n->name);
        count += !ok + harmful(n->children);
    }
    return count;
}

static size_t count_elements(const xmlNode *n, const char *name)
{
    size_t count = 0;
    for (; n != NULL; n = n->next)
        count += (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0) +
                 count_elements(n->children, name);
    return count;
}

static htmlDocPtr page_parsed(const char *text)
{
    htmlDocPtr doc = htmlReadMemory(text, (int)strlen(text), "report.html", "UTF-8",
                                    HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                        XML_PARSE_HUGE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
    return doc;
}

/* ---- the figures are the document's ---------------------------------------------------------- */

static const xmlNode *next_element(const xmlNode *n, const char *name, const xmlNode *root)
{
    do {
        if (n->children != NULL) {
            n = n->children;
        } else {
            while (n != root && n->next == NULL)
                n = n->parent;
            n = n == root ? NULL : n->next;
        }
    } while (n != NULL &&
             (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, name) != 0));
    return n;
}

static char *raw_of(const xmlNode *cell)
{
    xmlChar *value = xmlGetNoNsProp(cell, BAD_CAST "value");
    if (value == NULL)
        value = xmlNodeGetContent(cell);
    char *text = mem_strdup((const char *)value);
    xmlFree(value);
    return text;
}

/* Each cell of the XML document, in its order, is a <td> with the same raw value. */
static void check_cells(const xmlNode *document, const xmlNode *page)
{
    size_t same = 0, all = 0;
    const xmlNode *td = page;
    for (const xmlNode *cell = document; (cell = next_element(cell, "cell", document)) != NULL;) {
        do
            td = next_element(td, "td", page);
        while (td != NULL && xmlHasProp((xmlNode *)(uintptr_t)td, BAD_CAST "colspan") != NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(td);
        char *raw = raw_of(cell);
        xmlChar *got = xmlGetNoNsProp(td, BAD_CAST "data-value");
        same += got != NULL && strcmp((const char *)got, raw) == 0;
        all++;
        xmlFree(got);
        free(raw);
    }
    CU_ASSERT_TRUE(all > 0);
    CU_ASSERT_EQUAL(same, all);
}

static void check_page(const json_t *tree, bool figures)
{
    char *text = rendered(report_html, tree);
    htmlDocPtr page = page_parsed(text);
    const xmlNode *root = xmlDocGetRootElement(page);
    CU_ASSERT_EQUAL(harmful(root), 0);
    CU_ASSERT_EQUAL(count_elements(root, "h1"), 1);
    CU_ASSERT_EQUAL(count_elements(root, "main"), 1);
    CU_ASSERT_EQUAL(count_elements(root, "table"), count_elements(root, "caption"));
    CU_ASSERT_EQUAL(count_elements(root, "figure"), count_elements(root, "figcaption"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "content=\"default-src 'none'; style-src 'unsafe-inline'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<!DOCTYPE html"));
    if (figures) {
        char *xml = rendered(report_xml, tree);
        xmlDoc *doc = xml_parsed(xml);
        check_cells(xmlDocGetRootElement(doc), root);
        xmlFreeDoc(doc);
        free(xml);
    }
    xmlFreeDoc(page);
    free(text);
}

static void test_trees(void)
{
    static const char *const names[] = {"full", "half", "hostile", "every"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *tree = tree_load(names[i]);
        check_page(tree, true);
        json_decref(tree);
    }
    json_t *empty = json_object();
    check_page(empty, false);
    json_decref(empty);
}

static void test_nasty(void)
{
    json_t *tree = tree_load("every"), *bad = with_strings(tree, nasty);
    check_page(bad, false);
    json_decref(bad);
    json_decref(tree);
}

/* ---- style sheets ---------------------------------------------------------------------------- */

static char *styled(const char *style, const char *tree_name, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    json_t *tree = tree_load(tree_name);
    FILE *f = open_memstream(&text, &len);
    int rc = report_html(f, &(struct report_input){.result = tree, .style = style}, err);
    CU_ASSERT_EQUAL(fclose(f), 0);
    json_decref(tree);
    if (rc != 0) {
        CU_ASSERT_EQUAL(len, 0);
        free(text);
        return NULL;
    }
    return text;
}

/* The file report.xsl makes of the file report.xml what the program makes. */
static void test_plain_file(void)
{
    struct err err = {0};
    json_t *tree = tree_load("every");
    char *xml = rendered(report_xml, tree), *page = rendered(report_html, tree), *text = NULL;
    size_t len = 0;
    xmlDoc *doc = xml_parsed(xml);
    FILE *f = open_memstream(&text, &len);
    CU_ASSERT_EQUAL(style_apply(f, "reports/report.xsl", doc, &err), 0);
    CU_ASSERT_EQUAL(fclose(f), 0);
    CU_ASSERT_STRING_EQUAL(text, page);
    xmlFreeDoc(doc);
    free(text);
    free(page);
    free(xml);
    json_decref(tree);
}

static void test_own_style(void)
{
    struct err err = {0};
    char *text = styled(STYLES "plain-maxima.xsl", "full", &err);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "9.1 p-link-flap: Num_mVPN = 3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "9.3 steady N=100 ingress_share=0.1 s=50: mroutes = \n"));
    free(text);
    text = styled(STYLES "house.xsl", "full", &err);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<title>Example lab: reference PE</title>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "--link: #5b21b6"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "data-table=\"maximum\""));
    free(text);
}

#define HEAD       "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"
#define ROOT(body) HEAD "<xsl:template match=\"/\">" body "</xsl:template></xsl:stylesheet>"

static void test_refused(void)
{
    static const struct {
        const char *style, *said;
    } cases[] = {
        {"no markup", "line 1"},
        {HEAD, "line 1"},
        {"<html/>", "stylesheet"},
        {"<!DOCTYPE x [<!ENTITY e SYSTEM \"/etc/passwd\">]>" ROOT("&e;"), "document type"},
        {"<!DOCTYPE x [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>" ROOT("&b;"), "document type"},
        {HEAD "<xsl:import href=\"reports/report.xsl\"/></xsl:stylesheet>", "may read nothing"},
        {HEAD "<xsl:include href=\"/etc/passwd\"/></xsl:stylesheet>", "may read nothing"},
        {HEAD "<xsl:import href=\"http://192.0.2.1/x.xsl\"/></xsl:stylesheet>", "may read nothing"},
        {ROOT("<xsl:copy-of select=\"document('CMakeLists.txt')\"/>"), ""},
        {ROOT("<xsl:copy-of select=\"document('http://192.0.2.1/x')\"/>"), ""},
        {ROOT("<xsl:message terminate=\"yes\">not today</xsl:message>"), "not today"},
        {ROOT("<xsl:value-of select=\"1 +\"/>"), ""},
        {HEAD "<xsl:template match=\"/\" name=\"t\"><xsl:call-template name=\"t\"/></xsl:template>"
              "</xsl:stylesheet>",
         ""},
    };
    char path[] = "/tmp/mvpnbench-style-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {0};
        FILE *f = fopen(path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        (void)fputs(cases[i].style, f);
        (void)fclose(f);
        char *text = styled(path, "half", &err);
        bool ok = text == NULL && err.code == ERR_USE &&
                  strncmp(err.text, path, strlen(path)) == 0 && strchr(err.text, '\n') == NULL &&
                  strstr(err.text, cases[i].said) != NULL;
        if (!ok)
            (void)fprintf(stderr, "%s\n-> %s\n", cases[i].style, err.text);
        CU_ASSERT_TRUE(ok);
        free(text);
    }
    (void)close(fd);
    (void)unlink(path);
    struct err err = {0};
    CU_ASSERT_PTR_NULL(styled("no/such/style.xsl", "half", &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file"));
}

/* xsl:document and its like would write files. */
static void test_writes_nothing(void)
{
    static const char style[] = ROOT("<xsl:document href=\"mvpnbench-style-wrote-this\">x"
                                     "</xsl:document>");
    char path[] = "/tmp/mvpnbench-style-XXXXXX";
    struct err err = {0};
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, style, sizeof(style) - 1), (ssize_t)sizeof(style) - 1);
    free(styled(path, "half", &err));
    CU_ASSERT_EQUAL(access("mvpnbench-style-wrote-this", F_OK), -1);
    (void)close(fd);
    (void)unlink(path);
}

static const struct cu_test tests[] = {
    {"pages hold nothing harmful, and the document's figures", test_trees},
    {"hostile strings", test_nasty},
    {"the style sheet as a plain file", test_plain_file},
    {"own style sheets", test_own_style},
    {"style sheets that cannot be used", test_refused},
    {"a style sheet writes nothing", test_writes_nothing},
};

CU_MAIN("reports/html", tests)
