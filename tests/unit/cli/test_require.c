#include "harness/run/require.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <string.h>

/* Two cases: one point of 9.1 with a stimulus applied twice, three points of 9.3. */
static const char result_text[] =
    "{'cases': [{'case': '9.1', 'maximum': ["
    " {'stimulus': 'steady', 'where': {}, 'searched': {'name': 'N', 'value': 137},"
    "  'variable': 'Num_mVPN', 'value': 137, 'instance': '9.1-0004'},"
    " {'stimulus': 'p-link-flap', 'where': {}, 'searched': {'name': 'N', 'value': 130},"
    "  'variable': 'Num_mVPN', 'value': 130, 'instance': '9.1-0005'},"
    " {'stimulus': 'c-link-flap', 'where': {}, 'searched': {'name': 'N', 'value': null},"
    "  'variable': 'Num_mVPN', 'value': null, 'instance': null}],"
    " 'instances': [{'id': '9.1-0004', 'metric': {'Num_mVPN': 137, 'Num_*G_C': 274, 'Num_PE': "
    "null},"
    "   'p_instance': {'Num_SG_P': 3}, 'recovery': []},"
    "  {'id': '9.1-0005', 'metric': {'Num_mVPN': 130}, 'recovery': ["
    "   {'stimulus': 'p-link-flap', 'Trall-Tf': {'$ns': 7300000000}, 'Tre-Tf': null},"
    "   {'stimulus': 'p-link-flap', 'Trall-Tf': {'$ns': 9100000000}, 'Tre-Tf': 2.5},"
    "   {'stimulus': 'c-link-flap', 'Trall-Tf': {'$ns': 99000000000}}]}]},"
    " {'case': '9.3', 'maximum': ["
    "  {'stimulus': 'steady', 'searched': {'name': 'g', 'value': 4}, 'value': 1224, 'instance': "
    "'a'},"
    "  {'stimulus': 'steady', 'searched': {'name': 'g', 'value': 9}, 'value': 900, 'instance': "
    "'b'},"
    "  {'stimulus': 'steady', 'searched': {'name': 'g', 'value': 7}, 'value': 1100, 'instance': "
    "'c'}],"
    "  'instances': []},"
    " {'case': '10.1', 'maximum': [], 'instances': []}]}";

static json_t *make_result(void)
{
    char text[sizeof(result_text)];
    memcpy(text, result_text, sizeof(text));
    for (char *p = text; *p != '\0'; p++) {
        if (*p == '\'')
            *p = '"';
    }
    json_t *result = json_loads(text, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    return result;
}

/* met: 1, not met: 0, refused: -1; text gets the line or the error. */
static int check(const json_t *result, const char *expression, char text[1200])
{
    struct err err = {0};
    struct requirement *r = require_parse(expression, "here", &err);
    if (r == NULL) {
        CU_ASSERT_EQUAL(err.code, ERR_USE);
        (void)snprintf(text, 1200, "%s", err.text);
        return -1;
    }
    bool met = require_check(r, result, text, 1200);
    require_free(r);
    return met;
}

static void test_values(void)
{
    static const struct {
        const char *text;
        int met;
    } rows[] = {
        {"9.1:Num_mVPN>=137", 1},
        {"9.1:Num_mVPN>137", 0},
        {" 9.1 : Num_mVPN >= 137 ", 1},
        {"9.1:Num_mVPN==137", 1},
        {"9.1:Num_mVPN!=137", 0},
        {"9.1:value<=137", 1},
        {"9.1:N<137", 0},
        {"9.1@steady:N>=137", 1},
        {"9.1@p-link-flap:Num_mVPN>=131", 0},
        {"9.1@p-link-flap:value>=130", 1},
        {"9.1:Num_*G_C==274", 1},
        {"9.1:Num_SG_P==3", 1},
        {"9.1:Num_PE>=0", 0},                 /* null does not meet */
        {"9.1:Num_OIF_C>=0", 0},              /* missing does not meet */
        {"9.1@c-link-flap:value>=0", 0},      /* nothing passed */
        {"9.1@p-card-oir:value>=0", 0},       /* not applied */
        {"9.1@p-link-flap:Trall-Tf<=9.2", 1}, /* the worst of the repeats */
        {"9.1@p-link-flap:Trall-Tf<=9", 0},
        {"9.1@p-link-flap:Trall-Tf>=8", 0},
        {"9.1@p-link-flap:Tre-Tf<=100", 0}, /* one repeat has none */
        {"9.3:mroutes>=900", 1},            /* every point of the sweep */
        {"9.3:mroutes>=901", 0},
        {"9.3:g<=9", 1},
        {"9.3:g<=8", 0},
        {"10.1:MI-PMSI neighbours>=1", 0},
    };
    json_t *result = make_result();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1200];
        int met = check(result, rows[i].text, text);
        CU_ASSERT_EQUAL(met, rows[i].met);
        if (met != rows[i].met)
            (void)fprintf(stderr, "%s: %s\n", rows[i].text, text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].met ? " met: " : " not met: "));
    }
    json_decref(result);
}

static void test_mistakes(void)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"9.1", "':' is missing"},
        {"9.1:Num_mVPN", "must stand between"},
        {"9.1:>=3", "a name must stand"},
        {":Num_mVPN>=3", "a case's number"},
        {"9.1@:Num_mVPN>=3", "a stimulus must stand"},
        {"9.1:Num_mVPN>=", "a number must stand"},
        {"9.1:Num_mVPN>=3x", "a number must stand"},
        {"9.1:Num_mVPN>=nan", "a number must stand"},
        {"9.1:Num_mVPNs>=3", "did you mean 'Num_mVPN'"},
        {"9.1:mroutes>=3", "case 9.1 has no 'mroutes'"},
        {"9.14:value>=3", "there is no case"},
        {"9.1@p-lnk-flap:value>=3", "did you mean 'p-link-flap'"},
        {"9.1:Trall-Tf<=3", "9.1@STIMULUS:Trall-Tf"},
        {"", "':' is missing"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1200];
        CU_ASSERT_EQUAL(check(NULL, rows[i].text, text), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].what));
        if (strstr(text, rows[i].what) == NULL)
            (void)fprintf(stderr, "%s: %s\n", rows[i].text, text);
    }
}

static void test_empty_result(void)
{
    char text[1200];
    json_t *empty = json_object();
    CU_ASSERT_EQUAL(check(empty, "9.1:value>=0", text), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "the case was not run"));
    json_decref(empty);
}

static const struct cu_test tests[] = {
    {"values", test_values},
    {"mistakes", test_mistakes},
    {"an empty result", test_empty_result},
};
CU_MAIN("run/require", tests)
