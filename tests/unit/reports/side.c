#include "tests/unit/reports/side.h"

#include "emul/base/mem.h"
#include "reports/compare.h"
#include "tests/unit/cu.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- trees ----------------------------------------------------------------------------------- */

/* A run of 9.1 that holds six mVPNs, and four more instances of it. */
static const char run_text[] =
    "{'schema':'mvpnbench-result/1','tool':{'version':'1','seed':1},'started':'x',"
    "'clock':'virtual','cases':[{'case':'9.1','title':'Empty mVPNs scale','omitted':null,"
    "'dut':{'driver':'hook','name':'R','version':'1'},"
    "'protocols':{'mi_pmsi':'PIM-ASM','s_pmsi':'none','pe_pe':'PIM'},"
    "'maximum':["
    "{'stimulus':'steady','where':{},'searched':{'name':'N','value':6},'variable':'Num_mVPN',"
    "'value':6,'instance':'9.1-0006','last_pass':6,'first_fail':7,'bounded_by':'dut',"
    "'verified':true},"
    "{'stimulus':'p-link-flap','where':{},'searched':{'name':'N','value':6},"
    "'variable':'Num_mVPN','value':6,'instance':'9.1-0006','last_pass':6,'first_fail':7,"
    "'bounded_by':'dut','verified':true}],"
    "'instances':[],'deviations':{'configuration':[],'procedure':[]}}]}";

static const char instance_text[] =
    "{'id':'9.1-000%d','verdict':'%s','parameters':{'mvpns':%d,'c_interfaces':1,'remote_pes':1,"
    "'receiver_pes':1,'mi_pmsi':'asm','rate_pps':1.0,'packet_bytes':100,'mtu':1500},"
    "'expected':{'Num_mVPN':%d,'Num_PE':2},"
    "'forwarding':{'ingress':{'flows':1,'latency_ns':{'min':100,'avg':200,'max':300}},"
    "'egress':{'flows':1,'latency_ns':{'min':100,'avg':200,'max':300}}},"
    "'utilisation':[{'component':'CPU 0','cpu_percent':10.0,'cpu_peak_1s':12.0,"
    "'memory_bytes':1000000}],'relations':[{'relation':'Num_mVPN == Num_MC_C_ints'}],"
    "'extra':{},'recovery':[]}";

static const char recovery_text[] =
    "{'stimulus':'p-link-flap','repeat':%d,'verdict':'pass','marks':[],'begin':1000,'Tf':1300,"
    "'Tre-Tf':%g,'Trd-Tf':%g,'Trall-Tf':%g,'resolution_s':0.1,'apparatus_floor_s':1,"
    "'interrupted':{'ingress':1,'egress':1}}";

/* JSON with ' for ". */
json_t *side_parsed(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    CU_ASSERT_FATAL(vasprintf(&text, format, args) >= 0);
    va_end(args);
    for (char *p = text; *p != '\0'; p++)
        *p = *p == '\'' ? '"' : *p;
    json_error_t at;
    json_t *v = json_loads(text, JSON_DECODE_ANY, &at);
    if (v == NULL)
        (void)fprintf(stderr, "%s: %s\n", text, at.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    free(text);
    return v;
}

/* at follows a path like "cases/0/maximum/1/value" up to its last word, which it returns. */
json_t *side_at(json_t *v, const char *path, char last[64])
{
    while (true) {
        size_t n = strcspn(path, "/");
        (void)snprintf(last, 64, "%.*s", (int)n, path);
        if (path[n] == '\0')
            return v;
        v = json_is_array(v) ? json_array_get(v, (size_t)atoi(last)) : json_object_get(v, last);
        CU_ASSERT_PTR_NOT_NULL_FATAL(v);
        path += n + 1;
    }
}

/* set puts a value (JSON with ' for ") at a path; the word "+" appends to an array. */
void side_set(json_t *tree, const char *path, const char *value)
{
    char last[64];
    json_t *v = side_at(tree, path, last), *new = side_parsed("%s", value);
    int rc = json_is_array(v) && strcmp(last, "+") == 0 ? json_array_append_new(v, new)
             : json_is_array(v) ? json_array_set_new(v, (size_t)atoi(last), new)
                                : json_object_set_new(v, last, new);
    CU_ASSERT_EQUAL(rc, 0);
}

void side_add_recovery(json_t *tree, int instance, int repeat, double tre, double trd, double trall)
{
    char last[64];
    char *path = mem_printf("cases/0/instances/%d/recovery/+", instance);
    json_t *list = side_at(tree, path, last);
    (void)json_array_append_new(list, side_parsed(recovery_text, repeat, tre, trd, trall));
    free(path);
}

json_t *side_run(void)
{
    char last[64];
    json_t *tree = side_parsed("%s", run_text);
    json_t *instances = side_at(tree, "cases/0/instances/+", last);
    for (int n = 1; n <= 7; n++)
        (void)json_array_append_new(instances,
                                    side_parsed(instance_text, n, n > 6 ? "fail" : "pass", n, n));
    side_add_recovery(tree, 5, 1, 5, 5, 6);
    return tree;
}

/* One parameter of all instances. */
void side_set_parameter(json_t *tree, const char *key, const char *value)
{
    for (int i = 0; i < 7; i++) {
        char *path = mem_printf("cases/0/instances/%d/parameters/%s", i, key);
        side_set(tree, path, value);
        free(path);
    }
}

/* Both maxima of a run become n: N=n passed in the instance of that number, and no more. */
void side_set_maximum(json_t *tree, int n)
{
    for (int i = 1; i <= 7; i++) {
        char *path = mem_printf("cases/0/instances/%d/verdict", i - 1);
        side_set(tree, path, i > n ? "'fail'" : "'pass'");
        free(path);
    }
    side_set(tree, "cases/0/instances/5/recovery", "[]");
    side_add_recovery(tree, n - 1, 1, 5, 5, 6);
    for (int i = 0; i < 2; i++) {
        char *path = mem_printf("cases/0/maximum/%d", i);
        json_t *entry =
            side_parsed("{'stimulus':'%s','where':{},'searched':{'name':'N','value':%d},"
                        "'variable':'Num_mVPN','value':%d,'instance':'9.1-000%d',"
                        "'last_pass':%d,'first_fail':%d,'bounded_by':'dut',"
                        "'verified':true}",
                        i == 0 ? "steady" : "p-link-flap", n, n, n, n, n + 1);
        char last[64];
        (void)json_array_set_new(side_at(tree, path, last), (size_t)i, entry);
        free(path);
    }
}

/* ---- comparing ------------------------------------------------------------------------------- */

json_t *side_compared(const json_t *a, const json_t *b, const char *tolerance)
{
    struct compare_tolerances t = {0};
    struct err err = {0};
    const struct compare_run runs[2] = {{"a", a}, {"b", b}};
    int rc = tolerance == NULL ? 0 : compare_tolerance_add(&t, tolerance, &err);
    CU_ASSERT_EQUAL_FATAL(rc, 0);
    json_t *tree = compare_runs(runs, 2, &t, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    compare_tolerances_fini(&t);
    return tree;
}

/* What a comparison says of a quantity under a stimulus ("run" the first that it is about). */
const json_t *side_row(const json_t *tree, const char *stimulus, const char *quantity)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(tree, "rows"), i, row)
    {
        const char *s = json_string_value(json_object_get(row, "stimulus"));
        if (s != NULL && strcmp(s, stimulus) == 0 &&
            strcmp(json_string_value(json_object_get(row, "quantity")), quantity) == 0)
            return row;
    }
    return NULL;
}

const json_t *side_first(const json_t *row)
{
    return json_array_get(json_object_get(row, "compared"), 0);
}

static bool says(const json_t *row, const char *text)
{
    size_t i;
    json_t *why;
    json_array_foreach(json_object_get(side_first(row), "why"), i, why)
    {
        if (strstr(json_string_value(why), text) != NULL)
            return true;
    }
    return false;
}

/* check compares two trees (and frees both) and asserts the verdict on one quantity, and that its
 * reasons contain why (NULL: none wanted). */
void side_check_within(json_t *a, json_t *b, const char *tolerance, const char *stimulus,
                       const char *quantity, const char *verdict, const char *why)
{
    json_t *tree = side_compared(a, b, tolerance);
    const json_t *row = side_row(tree, stimulus, quantity);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    const char *got = json_string_value(json_object_get(side_first(row), "verdict"));
    bool said = why == NULL || says(row, why);
    if (strcmp(got, verdict) != 0 || !said) {
        char *text = json_dumps(row, JSON_COMPACT);
        (void)fprintf(stderr, "wanted %s (%s): %s\n", verdict, why == NULL ? "" : why, text);
        free(text);
    }
    CU_ASSERT_STRING_EQUAL(got, verdict);
    CU_ASSERT(said);
    json_decref(tree);
    json_decref(a);
    json_decref(b);
}

void side_check(json_t *a, json_t *b, const char *stimulus, const char *quantity,
                const char *verdict, const char *why)
{
    side_check_within(a, b, NULL, stimulus, quantity, verdict, why);
}

/* A run with one value changed. */
json_t *side_with(const char *path, const char *value)
{
    json_t *tree = side_run();
    side_set(tree, path, value);
    return tree;
}

json_t *side_with_maximum(int n)
{
    json_t *tree = side_run();
    side_set_maximum(tree, n);
    return tree;
}
