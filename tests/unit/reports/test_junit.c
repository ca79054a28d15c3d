#include "emul/base/mem.h"
#include "reports/reports.h"
#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"
#include "tests/unit/reports/xml_check.h"

#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

static bool is_valid(xmlDoc *doc)
{
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt("tests/unit/reports/junit.xsd");
    xmlSchema *schema = xmlSchemaParse(parser);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema);
    bool valid = xmlSchemaValidateDoc(context, doc) == 0;
    xmlSchemaFreeValidCtxt(context);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return valid;
}

static double number_of(xmlDoc *doc, const char *path)
{
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *o = xmlXPathEvalExpression(BAD_CAST path, context);
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    double v = xmlXPathCastToNumber(o);
    xmlXPathFreeObject(o);
    xmlXPathFreeContext(context);
    return v;
}

static void expect(xmlDoc *doc, const char *path, double want)
{
    double got = number_of(doc, path);
    if (got != want)
        (void)fprintf(stderr, "%s is %g, not %g\n", path, got, want);
    CU_ASSERT_EQUAL(got, want);
}

static xmlDoc *document(const struct report_input *in, char **text)
{
    size_t n = 0;
    struct err err = {0};
    FILE *f = open_memstream(text, &n);
    CU_ASSERT_EQUAL(report_junit(f, in, &err), 0);
    (void)fclose(f);
    xmlDoc *doc = xml_parsed(*text);
    CU_ASSERT(is_valid(doc));
    return doc;
}

/* What stands in the attributes is what stands in the document. */
static void check_counts(xmlDoc *doc)
{
    expect(doc, "count(//testsuite[@tests != count(testcase)])", 0);
    expect(doc, "count(//testsuite[@failures != count(testcase/failure)])", 0);
    expect(doc, "count(//testsuite[@errors != count(testcase/error)])", 0);
    expect(doc, "count(//testsuite[@skipped != count(testcase/skipped)])", 0);
    expect(doc, "count(/testsuites[@tests != count(//testcase)])", 0);
    expect(doc, "count(/testsuites[@failures != count(//failure)])", 0);
    expect(doc, "count(/testsuites[@errors != count(//error)])", 0);
}

static void test_full(void)
{
    json_t *tree = tree_load("full");
    struct report_verdict verdicts[] = {
        {"9.1", "9.1:Num_mVPN>=2", "requirement 9.1:Num_mVPN>=2 met: 3", true},
        {"9.1", "9.1:Num_mVPN>=4", "requirement 9.1:Num_mVPN>=4 not met: 3", false},
        {"9.2", "9.2:c>=4", "requirement 9.2:c>=4 not met: the case was not run", false}};
    struct report_input in = {.result = tree, .verdicts = verdicts, .verdict_count = 3};
    char *text;
    xmlDoc *doc = document(&in, &text);
    golden_check("full.junit.xml", text);
    check_counts(doc);
    expect(doc, "count(//testsuite)", 4); /* 9.2 was required */
    expect(doc, "count(//testsuite[@name='9.1']/testcase[starts-with(@name,'requirement')])", 2);
    expect(doc, "count(//testsuite[@name='9.1']/testcase[@name='steady'][not(*)])", 1);
    expect(doc, "count(//testsuite[@name='9.1']/testcase[@name='power-cycle']/failure)", 1);
    expect(doc, "count(//testsuite[@name='9.2']/testcase/failure)", 1);
    expect(doc, "count(//testsuite[@name='9.11']/testcase/skipped)", 1);
    expect(doc, "count(//property[@name='dut.version'][@value='0.1.0'])", 2);
    expect(doc, "count(//testsuite[@timestamp='2026-01-02T03:04:05'])", 4);
    xmlFreeDoc(doc);
    free(text);
    json_decref(tree);
}

/* A gate must not take half a run for a whole one. */
static void test_unfinished(void)
{
    json_t *tree = tree_load("full");
    json_object_set_new(json_array_get(json_object_get(tree, "cases"), 0), "maximum", json_array());
    struct report_input in = {.result = tree, .unfinished = "This run has not finished"};
    char *text;
    xmlDoc *doc = document(&in, &text);
    check_counts(doc);
    expect(doc,
           "count(//testsuite[@name='run']/testcase/error[@message='This run has not "
           "finished'])",
           1);
    expect(doc, "count(//testsuite[@name='9.1']/testcase/skipped)", 1);
    expect(doc, "count(//testsuite[@name='9.1']/testcase/failure)", 0);
    xmlFreeDoc(doc);
    free(text);
    json_decref(tree);
}

/* A case without a search: each instance and each recovery is a test; what the apparatus spoilt is
 * an error, a stimulus that was left out is skipped with the reason. */
static void test_instances(void)
{
    json_t *tree = json_pack(
        "{s:[{s:s,s:[],s:[{s:s,s:s},{s:s,s:s,s:s,s:[{s:s,s:s,s:s}]},{s:s,s:s}],s:{s:[s]}}]}",
        "cases", "case", "10.2", "maximum", "instances", "id", "a", "verdict", "pass", "id", "b",
        "verdict", "fail", "reason", "lost", "recovery", "stimulus", "p-link-flap", "verdict",
        "fail", "reason", "not recovered", "id", "c", "verdict", "invalid", "deviations",
        "procedure", "stimulus power-cycle omitted: not asked for");
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    struct report_input in = {.result = tree};
    char *text;
    xmlDoc *doc = document(&in, &text);
    check_counts(doc);
    expect(doc, "count(//testcase)", 5);
    expect(doc, "count(//testcase[@name='steady (a)'][not(*)])", 1);
    expect(doc, "count(//testcase[@name='steady (b)']/failure[@message='lost'])", 1);
    expect(doc, "count(//testcase[@name='p-link-flap (b)']/failure[@message='not recovered'])", 1);
    expect(doc, "count(//testcase[@name='steady (c)']/error)", 1);
    expect(doc, "count(//testcase[@name='power-cycle']/skipped[@message='not asked for'])", 1);
    xmlFreeDoc(doc);
    free(text);
    json_decref(tree);
}

static void test_hostile(void)
{
    static const char *const names[] = {"hostile", "half", "empty"};
    json_t *full = tree_load("full");
    json_t *bad = with_strings(full, nasty), *none = with_strings(full, "");
    const json_t *trees[] = {bad, none};
    char *text;
    for (size_t i = 0; i < 2; i++) {
        struct report_verdict verdict = {nasty, nasty, nasty, false};
        struct report_input in = {
            .result = trees[i], .unfinished = nasty, .verdicts = &verdict, .verdict_count = 1};
        xmlDoc *doc = document(&in, &text);
        check_counts(doc);
        xmlFreeDoc(doc);
        free(text);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *tree = tree_load(names[i]);
        xmlDoc *doc = document(&(struct report_input){.result = tree}, &text);
        check_counts(doc);
        xmlFreeDoc(doc);
        free(text);
        json_decref(tree);
    }
    json_decref(none);
    json_decref(bad);
    json_decref(full);
}

static const struct cu_test tests[] = {
    {"a whole result with requirements", test_full},
    {"a run that has not finished", test_unfinished},
    {"a case without a search", test_instances},
    {"bad strings and half results", test_hostile},
};

CU_MAIN("reports/junit", tests)
