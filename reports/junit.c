/*
 * JUnit XML in the form that CI systems read (tests/unit/reports/junit.xsd says which facts that
 * rests on): a suite a case, and one for the run itself where it has not finished, so that a gate
 * does not take half a run for a whole one.
 */
#include "emul/base/instant.h"
#include "emul/base/mem.h"
#include "reports/junit_tests.h"
#include "reports/number.h"
#include "reports/tree.h"
#include "reports/xml_write.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX  500u /* bytes of a name or a message */
#define LINES_MAX 50u  /* of system-out */

struct junit {
    xmlTextWriter *w;
    const struct report_input *in;
    const char *started;
};

/* ---- pieces ---- */

/* Cut between characters; what was cut is seen, and so is a text that is empty. The caller frees.
 */
static char *shortened(const char *text)
{
    size_t n = strlen(text);
    if (n <= TEXT_MAX)
        return mem_strdup(n == 0 ? "-" : text);
    for (n = TEXT_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
        n--;
    return mem_printf("%.*s...", (int)n, text);
}

static void put_attribute(struct junit *j, const char *name, const char *text)
{
    char *cut = shortened(text);
    xml_attribute(j->w, name, cut);
    free(cut);
}

static void put_time(struct junit *j, int64_t ns)
{
    char text[NUMBER_TEXT];
    number_time(text, ns, 3);
    xml_attribute(j->w, "time", text);
}

static void put_count(struct junit *j, const char *name, size_t n)
{
    char text[NUMBER_TEXT];
    (void)snprintf(text, sizeof(text), "%zu", n);
    xml_attribute(j->w, name, text);
}

static void put_property(struct junit *j, const char *name, const json_t *value)
{
    char *text = tree_scalar(value);
    if (value != NULL && !json_is_null(value)) {
        xml_open(j->w, "property");
        xml_attribute(j->w, "name", name);
        put_attribute(j, "value", text);
        xml_close(j->w);
    }
    free(text);
}

static void put_properties(struct junit *j, const json_t *one_case)
{
    const json_t *tool = json_object_get(j->in->result, "tool");
    xml_open(j->w, "properties");
    put_property(j, "title", json_object_get(one_case, "title"));
    put_property(j, "dut.driver", tree_at(one_case, "dut", "driver", NULL));
    put_property(j, "dut.name", tree_at(one_case, "dut", "name", NULL));
    put_property(j, "dut.version", tree_at(one_case, "dut", "version", NULL));
    put_property(j, "protocols.mi_pmsi", tree_at(one_case, "protocols", "mi_pmsi", NULL));
    put_property(j, "protocols.s_pmsi", tree_at(one_case, "protocols", "s_pmsi", NULL));
    put_property(j, "protocols.pe_pe", tree_at(one_case, "protocols", "pe_pe", NULL));
    put_property(j, "mvpnbench.version", json_object_get(tool, "version"));
    put_property(j, "seed", json_object_get(tool, "seed"));
    put_property(j, "clock", json_object_get(j->in->result, "clock"));
    xml_close(j->w);
}

/* One line a maximum. */
static void put_system_out(struct junit *j, const json_t *one_case)
{
    const json_t *maxima = json_object_get(one_case, "maximum"), *m;
    size_t i, count = json_array_size(maxima);
    if (count == 0)
        return;
    xml_open(j->w, "system-out");
    json_array_foreach(maxima, i, m)
    {
        if (i == LINES_MAX)
            break;
        char *where = tree_where(m), *value = tree_scalar(json_object_get(m, "value"));
        char *line = mem_printf("%s%s%s: maximum %s = %s, bounded by %s, instance %s",
                                tree_text(m, "stimulus", "?"), *where == '\0' ? "" : ", ", where,
                                tree_text(m, "variable", "?"), value,
                                tree_text(m, "bounded_by", "?"), tree_text(m, "instance", "-"));
        char *cut = shortened(line);
        xml_text(j->w, cut);
        xml_text(j->w, "\n");
        free(cut);
        free(line);
        free(value);
        free(where);
    }
    if (count > LINES_MAX) {
        char *more = mem_printf("and %zu more\n", count - LINES_MAX);
        xml_text(j->w, more);
        free(more);
    }
    xml_close(j->w);
}

/* ---- suites ---- */

static void put_test(struct junit *j, const struct junit_test *t, const char *class_name)
{
    static const char *const elements[JUNIT_OUTCOMES] = {NULL, "failure", "error", "skipped"};
    xml_open(j->w, "testcase");
    put_attribute(j, "classname", class_name);
    put_attribute(j, "name", t->name);
    put_time(j, t->ns);
    if (elements[t->outcome] != NULL) {
        xml_open(j->w, elements[t->outcome]);
        if (t->outcome != JUNIT_SKIPPED)
            xml_attribute(j->w, "type", t->type);
        put_attribute(j, "message", t->message);
        xml_close(j->w);
    }
    xml_close(j->w);
}

/* Viewers split a class name at its dots: "9.1" would be class 1 of package 9. */
static char *class_name_of(const char *case_id)
{
    char *name = mem_printf("mvpnbench.case_%s", case_id);
    for (char *p = name + strlen("mvpnbench."); *p != '\0'; p++)
        *p = *p == '.' ? '_' : *p;
    return name;
}

static void put_suite(struct junit *j, const struct junit_suite *s, const char *name,
                      const json_t *one_case)
{
    char *class_name = class_name_of(name);
    xml_open(j->w, "testsuite");
    put_attribute(j, "name", name);
    put_count(j, "tests", s->count);
    put_count(j, "failures", s->of[JUNIT_FAILED]);
    put_count(j, "errors", s->of[JUNIT_ERROR]);
    put_count(j, "skipped", s->of[JUNIT_SKIPPED]);
    put_time(j, s->ns);
    if (*j->started != '\0')
        xml_attribute(j->w, "timestamp", j->started);
    xml_attribute(j->w, "hostname", "localhost"); /* which host it was stands in run.log alone */
    put_properties(j, one_case);
    for (size_t i = 0; i < s->count; i++)
        put_test(j, &s->tests[i], class_name);
    put_system_out(j, one_case);
    xml_close(j->w);
    free(class_name);
}

static bool has_case(const json_t *result, const char *case_id)
{
    size_t i;
    const json_t *one_case;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        if (strcmp(tree_text(one_case, "case", ""), case_id) == 0)
            return true;
    }
    return false;
}

/* Suites of cases that were required and not run, and of the run itself. */
struct extra {
    const char *name;
    struct junit_suite suite;
};

static size_t extra_suites(const struct report_input *in, struct extra *extra)
{
    size_t count = 0;
    if (in->unfinished != NULL) {
        extra[count].name = "run";
        (void)junit_add(&extra[count++].suite, mem_strdup("finished"), JUNIT_ERROR, "unfinished",
                        mem_strdup(in->unfinished));
    }
    for (size_t i = 0; i < in->verdict_count; i++) {
        const char *id = in->verdicts[i].case_id;
        size_t k = 0;
        while (k < count && strcmp(extra[k].name, id) != 0)
            k++;
        if (k < count || has_case(in->result, id))
            continue;
        extra[count].name = id;
        junit_requirements(&extra[count++].suite, in, id);
    }
    return count;
}

static void add_up(struct junit_suite *all, const struct junit_suite *s)
{
    all->count += s->count;
    all->ns += s->ns;
    for (int i = 0; i < JUNIT_OUTCOMES; i++)
        all->of[i] += s->of[i];
}

static void put_all(struct junit *j)
{
    const json_t *cases = json_object_get(j->in->result, "cases");
    size_t count = json_array_size(cases);
    struct junit_suite *suites = mem_zalloc(count, sizeof(*suites)), all = {0};
    struct extra *extra = mem_zalloc(j->in->verdict_count + 1, sizeof(*extra));
    size_t extras = extra_suites(j->in, extra);
    for (size_t i = 0; i < count; i++) {
        junit_case(&suites[i], j->in, json_array_get(cases, i));
        add_up(&all, &suites[i]);
    }
    for (size_t i = 0; i < extras; i++)
        add_up(&all, &extra[i].suite);
    xml_open(j->w, "testsuites");
    xml_attribute(j->w, "name", "mvpnbench");
    put_count(j, "tests", all.count);
    put_count(j, "failures", all.of[JUNIT_FAILED]);
    put_count(j, "errors", all.of[JUNIT_ERROR]);
    put_time(j, all.ns);
    for (size_t i = 0; i < extras; i++) {
        put_suite(j, &extra[i].suite, extra[i].name, NULL);
        junit_suite_fini(&extra[i].suite);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *one_case = json_array_get(cases, i);
        put_suite(j, &suites[i], tree_text(one_case, "case", "?"), one_case);
        junit_suite_fini(&suites[i]);
    }
    xml_close(j->w);
    free(extra);
    free(suites);
}

/* "2026-01-02T03:04:05" of the result's "started", which is UTC; "" for anything else. JUnit has no
 * time zone. */
static void take_started(char out[20], const json_t *result)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    const char *started = tree_text(result, "started", "");
    size_t i = 0;
    while (form[i] != '\0' &&
           (form[i] == 'd' ? started[i] >= '0' && started[i] <= '9' : started[i] == form[i]))
        i++;
    (void)snprintf(out, 20, "%.*s", form[i] == '\0' ? 19 : 0, started);
}

static int write_bytes(void *context, const char *bytes, int n)
{
    return fwrite(bytes, 1, (size_t)n, context) == (size_t)n ? n : -1;
}

static xmlTextWriter *writer_to(FILE *f)
{
    xmlOutputBuffer *out = xmlOutputBufferCreateIO(write_bytes, NULL, f, NULL);
    xmlTextWriter *w = out == NULL ? NULL : xmlNewTextWriter(out);
    if (w == NULL)
        fatal("out of memory (JUnit)");
    return w;
}

int report_junit(FILE *f, const struct report_input *in, struct err *err)
{
    char started[20];
    struct junit j = {.w = writer_to(f), .in = in, .started = started};
    take_started(started, in->result);
    (void)xmlTextWriterSetIndent(j.w, 1);
    (void)xmlTextWriterStartDocument(j.w, NULL, "UTF-8", NULL);
    put_all(&j);
    int rc = xmlTextWriterEndDocument(j.w) < 0 || ferror(f) ? -1 : 0;
    if (rc != 0)
        err_set(err, ERR_TESTBED, "JUnit: cannot write");
    xmlFreeTextWriter(j.w);
    return rc;
}
