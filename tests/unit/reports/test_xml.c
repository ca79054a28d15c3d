#include "emul/base/mem.h"
#include "mvpnbench/result.h"
#include "reports/page.h"
#include "reports/xml_document.h"
#include "reports/xml_write.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"
#include "tests/unit/reports/xml_check.h"

#include <libxml/parser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"full", "half", "empty", "hostile", "every"};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* ---- nothing is lost ------------------------------------------------------------------------- */

static bool same_text(const char *got, const char *want)
{
    char *clean = xml_clean(want);
    bool same = strcmp(got, clean) == 0;
    free(clean);
    return same;
}

static bool is_of_key(const xmlNode *n, const char *key)
{
    xmlChar *name = xmlGetNoNsProp(n, BAD_CAST "name");
    bool same =
        name != NULL ? same_text((const char *)name, key) : strcmp((const char *)n->name, key) == 0;
    xmlFree(name);
    return same;
}

static bool same_value(xmlNode *n, const json_t *v);

static bool same_object(xmlNode *n, const json_t *v)
{
    const char *key;
    json_t *item;
    bool same = xmlChildElementCount(n) == json_object_size(v);
    json_object_foreach((json_t *)(uintptr_t)v, key, item)
    {
        xmlNode *child = xmlFirstElementChild(n);
        while (child != NULL && !is_of_key(child, key))
            child = xmlNextElementSibling(child);
        bool here = child != NULL && same_value(child, item);
        if (!here)
            (void)fprintf(stderr, "%s: %s is not the same\n", (const char *)n->name, key);
        same = same && here;
    }
    return same;
}

static bool same_array(xmlNode *n, const json_t *v)
{
    xmlNode *child = xmlFirstElementChild(n);
    if (child == NULL && json_array_size(v) > 0) { /* counts in one text */
        xmlChar *text = xmlNodeGetContent(n);
        char *at = (char *)text;
        bool same = true;
        for (size_t i = 0; i < json_array_size(v); i++)
            same = strtoll(at, &at, 10) == json_integer_value(json_array_get(v, i)) && same;
        same = same && *at == '\0';
        xmlFree(text);
        return same;
    }
    bool same = xmlChildElementCount(n) == json_array_size(v);
    for (size_t i = 0; same && i < json_array_size(v); i++) {
        same = same_value(child, json_array_get(v, i));
        child = xmlNextElementSibling(child);
    }
    return same;
}

static bool same_scalar(const char *text, const json_t *v)
{
    int64_t ns;
    if (result_is_time(v, &ns)) {
        bool negative = *text == '-';
        char *end;
        unsigned long long s = strtoull(text + negative, &end, 10);
        unsigned long long n = *end == '.' && strlen(end) == 10 ? strtoull(end + 1, NULL, 10) : 0;
        return (negative ? 0 - (s * NS_PER_S + n) : s * NS_PER_S + n) == (unsigned long long)ns;
    }
    if (json_is_string(v))
        return same_text(text, json_string_value(v));
    if (json_is_integer(v))
        return strtoll(text, NULL, 10) == json_integer_value(v) && strpbrk(text, ".e") == NULL;
    if (json_is_real(v))
        return strtod(text, NULL) == json_real_value(v) && strpbrk(text, ".e") != NULL;
    return strcmp(text, json_is_true(v) ? "true" : "false") == 0;
}

static bool same_value(xmlNode *n, const json_t *v)
{
    xmlChar *nil = xmlGetNsProp(n, BAD_CAST "nil", BAD_CAST XML_NAMESPACE_XSI);
    bool is_nil = nil != NULL;
    xmlFree(nil);
    if (is_nil != json_is_null(v))
        return false;
    if (is_nil)
        return n->children == NULL;
    if (json_is_array(v))
        return same_array(n, v);
    if (json_is_object(v) && !result_is_time(v, NULL))
        return same_object(n, v);
    xmlChar *text = xmlNodeGetContent(n);
    bool same = same_scalar((const char *)text, v);
    xmlFree(text);
    return same;
}

static void check_whole(const json_t *tree)
{
    char *text = rendered(report_xml, tree);
    xmlDoc *doc = xml_parsed(text);
    CU_ASSERT_TRUE(xml_is_valid(doc, true));
    xmlNode *result = xmlFirstElementChild(xmlDocGetRootElement(doc));
    if (json_is_object(tree) && !result_is_time(tree, NULL))
        CU_ASSERT_TRUE(same_object(result, tree));
    xmlFreeDoc(doc);
    free(text);
}

static void test_whole(void)
{
    for (size_t i = 0; i < NAMES; i++) {
        json_t *tree = tree_load(names[i]);
        check_whole(tree);
        json_decref(tree);
    }
}

static void test_nasty(void)
{
    json_t *tree = tree_load("every"), *bad = with_strings(tree, nasty);
    char *text = rendered(report_xml, bad);
    CU_ASSERT_PTR_NULL(strstr(text, "<script"));
    CU_ASSERT_PTR_NULL(strstr(text, "]]>"));
    free(text);
    check_whole(bad);
    json_decref(bad);
    json_decref(tree);
}

/* Every value of every key replaced by something else: valid, and nothing lost. */
static void replace_everywhere(const json_t *root, json_t *at, json_t *by)
{
    const char *key;
    json_t *v;
    void *next;
    if (json_is_array(at) && json_array_size(at) > 0) /* items are alike */
        replace_everywhere(root, json_array_get(at, 0), by);
    json_object_foreach_safe(at, next, key, v)
    {
        if (*key == '$')
            continue;
        json_incref(v);
        (void)json_object_set(at, key, by);
        check_whole(root);
        (void)json_object_set_new(at, key, v);
        replace_everywhere(root, v, by);
    }
}

static void test_other_types(void)
{
    static const char *const values[] = {"null", "[[], [1, \"x\"]]", "{\"a\": {\"$ns\": -1}}",
                                         "1e300"};
    json_t *tree = json_loads(
        "{\"schema\": \"mvpnbench-result/1\", \"tool\": {\"version\": \"1\", \"seed\": 3},"
        " \"clock\": \"real\", \"cases\": [{\"case\": \"9.1\", \"omitted\": null,"
        " \"dut\": {\"name\": \"x\"}, \"maximum\": [{\"where\": {\"N\": 3}, \"value\": 3,"
        " \"bounded_by\": \"dut\", \"verified\": true}], \"instances\": [{\"id\": \"9.1-1\","
        " \"begin\": {\"$ns\": 5}, \"window\": [{\"$ns\": 1}, {\"$ns\": 2}], \"verdict\": \"pass\","
        " \"failures\": [{\"vpn\": 1}], \"metric\": {\"Num_PE\": 2}, \"neighbours\": {\"mi_pmsi\":"
        " {\"dut\": 1}}, \"forwarding\": {\"egress\": {\"latency_ns\": {\"min\": 1},"
        " \"latency_histogram\": [[1, 2, 3]]}}, \"utilisation\": [{\"cpu_percent\": 1.5}],"
        " \"recovery\": [{\"marks\": [\"m\"], \"Tf\": {\"$ns\": 7}, \"neighbours\": {\"mi_pmsi\":"
        " {\"all\": {\"dut\": {\"$ns\": 1}}}}}]}], \"deviations\": {\"procedure\": [\"d\"]}}]}",
        0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *by = json_loads(values[i], JSON_DECODE_ANY, NULL);
        replace_everywhere(tree, tree, by);
        json_decref(by);
    }
    json_decref(tree);
}

/* ---- what is wrong is not valid -------------------------------------------------------------- */

static char *replaced(const char *text, const char *what, const char *by)
{
    const char *at = strstr(text, what);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return mem_printf("%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
}

static void test_invalid(void)
{
    static const struct {
        const char *what, *by;
    } wrongs[] = {
        {" version=\"1\"", " version=\"2\""},
        {"urn:mvpnbench:report:1", "urn:mvpnbench:report:2"},
        {"<schema>mvpnbench-result/1</schema>", "<unknown/>"},
        {"<seed>1</seed>", "<seed>one</seed>"},
        {"<clock>virtual", "<clock>sundial"},
        {"<verdict>pass", "<verdict>good"},
        {"<bounded_by>dut", "<bounded_by>weather"},
        {"<verified>true", "<verified>yes"},
        {"<begin>22155.000000000", "<begin>22155"},
        {"<omitted xsi:nil=\"true\"/>", "<omitted xsi:nil=\"true\">x</omitted>"},
        {"<case>9.3</case>", "<case>9.3</case><case>9.3</case>"},
        {"<bucket>20000 21000 5", "<bucket>20000 x 5"},
        {"xsi:type=\"count\">6<", "xsi:type=\"count\">six<"},
        {"xsi:type=\"count\">6<", ">6<"},
        {"xsi:type=\"count\">6<", "xsi:type=\"flag\">6<"},
        {"</result>", "<value name=\"x\" xsi:type=\"null\">0</value></result>"},
        {"<document>", "<document><row/>"},
        {"<cell type=\"count\"", "<cell type=\"number\""},
        {"<cell type=\"count\" value=\"", "<cell type=\"count\" value=\"x"},
        {"<section id=\"s1\"", "<section id=\"t1\""},
        {" kind=\"maximum\"", ""},
    };
    json_t *tree = tree_load("every");
    char *text = rendered(report_xml, tree);
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        char *wrong = replaced(text, wrongs[i].what, wrongs[i].by);
        xmlDoc *doc = xml_parsed(wrong);
        bool valid = xml_is_valid(doc, false);
        if (valid)
            (void)fprintf(stderr, "valid with %s\n", wrongs[i].by);
        CU_ASSERT_FALSE(valid);
        xmlFreeDoc(doc);
        free(wrong);
    }
    free(text);
    json_decref(tree);
}

/* ---- the document ---------------------------------------------------------------------------- */

static void two_graphs(void *arg, struct report_sink *sink)
{
    static const double x[] = {0, 1, 2}, y[] = {5, 7.5, 9};
    static const struct graph_series series[] = {{"measured <&>", x, y, 3, false},
                                                 {"floor", x, y, 3, true}};
    static const struct graph_mark marks[] = {{1.5, "Tf"}};
    struct report_graph g = {.id = "curve-9.1",
                             .title = "A <graph> & \x01",
                             .kind = GRAPH_LINES,
                             .x = {"mVPNs", NULL, false},
                             .y = {"time", "s", true},
                             .series = series,
                             .series_count = 2,
                             .marks = marks,
                             .mark_count = 1};
    (void)arg;
    sink->ops->begin(sink, "graphs");
    sink->ops->item(sink, "before");
    sink->ops->graph(sink, &g);
    g.id = "curve-9.2";
    g.kind = GRAPH_BARS;
    sink->ops->graph(sink, &g);
    sink->ops->end(sink);
}

#define MANY 2345u

static void long_table(void *arg, struct report_sink *sink)
{
    static const struct report_column columns[] = {{.title = "No."}};
    (void)arg;
    sink->ops->begin(sink, "long");
    sink_table(sink, "many", "Many", columns, 1);
    for (int64_t i = 0; i < MANY; i++)
        sink->ops->row(sink, (struct report_cell[]){{.kind = CELL_COUNT, .count = i}});
    sink->ops->table_end(sink);
    sink->ops->section(sink, 2, "a section without one above it");
    sink->ops->section(sink, 3, "inner");
    sink->ops->section(sink, 1, "outer");
    sink->ops->end(sink);
}

/* The caller frees both. */
static xmlDoc *document_of(document_walk *walk, char **text)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlTextWriter *w = xmlNewTextWriterMemory(buffer, 0);
    xml_root(w);
    xml_element(w, "result", "");
    xml_document(w, walk, NULL);
    xml_close(w);
    (void)xmlTextWriterEndDocument(w);
    xmlFreeTextWriter(w);
    *text = mem_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return xml_parsed(*text);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
        count++;
    return count;
}

static void test_graphs(void)
{
    char *text;
    xmlDoc *doc = document_of(two_graphs, &text);
    CU_ASSERT_TRUE(xml_is_valid(doc, true));
    CU_ASSERT_EQUAL(count_of(text, "<graph id=\"g"), 2);
    CU_ASSERT_EQUAL(count_of(text, "<svg xmlns=\"" XML_NAMESPACE_SVG "\""), 2);
    CU_ASSERT_EQUAL(count_of(text, "<series reference=\"true\">floor</series>"), 2);
    CU_ASSERT_EQUAL(count_of(text, "<mark x=\"1.5\">Tf</mark>"), 2);
    CU_ASSERT_EQUAL(count_of(text, "kind=\"graph-numbers\""), 2);
    CU_ASSERT_EQUAL(count_of(text, "<cell type=\"real\" value=\"7.5\">"), 4);
    xmlFreeDoc(doc);
    free(text);
}

static void test_cut(void)
{
    char *text;
    xmlDoc *doc = document_of(long_table, &text);
    CU_ASSERT_TRUE(xml_is_valid(doc, true));
    CU_ASSERT_EQUAL(count_of(text, "<row>"), XML_ROWS_SHOWN);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "<cut shown=\"1000\" rows=\"2345\">The first 1000 of 2345"));
    xmlFreeDoc(doc);
    free(text);
}

static void test_clean(void)
{
    static const struct {
        const char *text, *clean;
    } cases[] = {
        {"", ""},
        {"a\t\n\r \x7f", "a\t\n\r \x7f"},
        {"\x01x\x1f", "\xef\xbf\xbdx\xef\xbf\xbd"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd"},         /* a surrogate */
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"}, /* too long a form */
        {"\xe0\x80\x80", "\xef\xbf\xbd"},         /* the same */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd"},     /* beyond U+10FFFF */
        {"a\xe2\x82", "a\xef\xbf\xbd"},           /* cut off */
        {"\x80\xff", "\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *clean = xml_clean(cases[i].text);
        CU_ASSERT_STRING_EQUAL(clean, cases[i].clean);
        free(clean);
    }
}

static void test_titles(void)
{
    static const char *const titles[][2] = {{"Num_MC_\nC_ints", "Num_MC_C_ints"},
                                            {"Num_PIM\n_C_neigh", "Num_PIM_C_neigh"},
                                            {"Dupli-\ncated", "Duplicated"},
                                            {"MI-\nPMSIs", "MI-PMSIs"},
                                            {"known\nto the\nDUT", "known to the DUT"}};
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        char *title = column_title(&(struct report_column){.title = titles[i][0]});
        CU_ASSERT_STRING_EQUAL(title, titles[i][1]);
        free(title);
    }
}

static const struct cu_test tests[] = {
    {"valid, and nothing is lost", test_whole},
    {"hostile strings", test_nasty},
    {"values of any other type", test_other_types},
    {"what is wrong is not valid", test_invalid},
    {"graphs", test_graphs},
    {"a long table is cut", test_cut},
    {"what XML cannot carry", test_clean},
    {"titles on one line", test_titles},
};

CU_MAIN("reports/xml", tests)
