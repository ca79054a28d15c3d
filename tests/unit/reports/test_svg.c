#include "tests/unit/cu.h"
#include "tests/unit/reports/golden.h"
#include "tests/unit/reports/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAR(a, b) CU_ASSERT(fabs((a) - (b)) < 0.26)

static struct report_graph graph(enum graph_kind kind, const struct graph_series *series,
                                 size_t count)
{
    return (struct report_graph){.id = "g1",
                                 .title = "A graph",
                                 .kind = kind,
                                 .x = {.title = "across"},
                                 .y = {.title = "up", .unit = "u"},
                                 .series = series,
                                 .series_count = count};
}

/* The middle of the n-th circle of a path of markers: "Mx-r y a r r ...". */
static bool circle(const char *d, size_t n, double *x, double *y)
{
    double r;
    for (size_t i = 0; d != NULL; i++, d = strchr(d + 1, 'M')) {
        if (i < n)
            continue;
        CU_ASSERT_EQUAL_FATAL(sscanf(d, "M%lf %lfa%lf", x, y, &r), 3);
        *x += r;
        return true;
    }
    return false;
}

/* ---- places ---------------------------------------------------------------------------------- */

static void points_lie_where_the_ticks_say(void)
{
    const double x[] = {3, 7, 12, 50}, y[] = {10, 55, 100, 0};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 4};
    const struct report_graph g = graph(GRAPH_LINES, &s, 1);
    struct drawn d = drawn_of(&g);
    char *markers = drawn_path(&d, "markers", 0), *line = drawn_path(&d, "line", 0);
    const char *at = line;
    for (size_t i = 0; i < 4; i++) {
        double cx, cy, lx, ly;
        CU_ASSERT_FATAL(circle(markers, i, &cx, &cy));
        NEAR(cx, drawn_place(&d, 1, x[i]));
        NEAR(cy, drawn_place(&d, 0, y[i]));
        CU_ASSERT_EQUAL_FATAL(sscanf(at + 1, "%lf %lf", &lx, &ly), 2);
        NEAR(lx, cx);
        NEAR(ly, cy);
        CU_ASSERT_EQUAL(*at, i == 0 ? 'M' : 'L');
        at += 1 + strcspn(at + 1, "MLh");
    }
    xmlFree(line);
    xmlFree(markers);
    drawn_free(&d);
}

static void a_logarithmic_axis_has_equal_decades(void)
{
    const double x[] = {1, 2, 3, 4}, y[] = {1, 10, 1000, 0};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 4};
    struct report_graph g = graph(GRAPH_LINES, &s, 1);
    g.y.logarithmic = true;
    struct drawn d = drawn_of(&g);
    char *markers = drawn_path(&d, "markers", 0);
    double cx, cy[3];
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_FATAL(circle(markers, i, &cx, &cy[i]));
    NEAR((cy[0] - cy[1]) * 2, cy[1] - cy[2]);
    CU_ASSERT(cy[0] - cy[1] > 40);
    CU_ASSERT(!circle(markers, 3, &cx, &cy[0])); /* 0 is on no logarithmic axis */
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "1"));
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "100"));
    xmlFree(markers);
    drawn_free(&d);
}

static void a_step_holds_until_the_next_point(void)
{
    const double x[] = {0, 10, 20, 30, 40}, y[] = {1, 4, NAN, 2, 0};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 5};
    const struct report_graph g = graph(GRAPH_STEPS, &s, 1);
    struct drawn d = drawn_of(&g);
    char *line = drawn_path(&d, "line", 0);
    double p[9];
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "M%lf %lfH%lfV%lfH%lfM%lf %lfH%lfV%lf", &p[0], &p[1], &p[2],
                                 &p[3], &p[4], &p[5], &p[6], &p[7], &p[8]),
                          9);
    NEAR(p[0], drawn_place(&d, 1, 0));
    NEAR(p[1], drawn_place(&d, 0, 1));
    NEAR(p[2], drawn_place(&d, 1, 10));
    NEAR(p[3], drawn_place(&d, 0, 4));
    NEAR(p[4], drawn_place(&d, 1, 20)); /* as far as the gap */
    NEAR(p[5], drawn_place(&d, 1, 30));
    NEAR(p[7], drawn_place(&d, 1, 40));
    NEAR(p[8], drawn_place(&d, 0, 0));
    xmlFree(line);
    drawn_free(&d);
}

static void bars_stand_on_0_from_x_to_the_next(void)
{
    const double x[] = {0, 10, 30, 40}, y[] = {5, NAN, 2, 8};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 4};
    const struct report_graph g = graph(GRAPH_BARS, &s, 1);
    struct drawn d = drawn_of(&g);
    char *bars = drawn_path(&d, "bars", 0), *at = bars;
    static const double from[] = {0, 30, 40}, to[] = {10, 40, 50}, height[] = {5, 2, 8};
    for (size_t i = 0; i < 3; i++) {
        double p[5];
        CU_ASSERT_EQUAL_FATAL(
            sscanf(at, "M%lf %lfV%lfH%lfV%lfz", &p[0], &p[1], &p[2], &p[3], &p[4]), 5);
        NEAR(p[0], drawn_place(&d, 1, from[i]));
        CU_ASSERT(fabs(p[3] - drawn_place(&d, 1, to[i])) < 1); /* less a hair */
        NEAR(p[1], drawn_place(&d, 0, 0));
        NEAR(p[2], drawn_place(&d, 0, height[i]));
        at = strchr(at, 'z') + 1;
    }
    CU_ASSERT_EQUAL(*at, '\0');
    xmlFree(bars);
    drawn_free(&d);
}

static void ticks_are_1_2_or_5(void)
{
    static const double greatest[] = {1, 3, 7, 10, 64, 99, 640, 1234567, 0.003, 4e-7, 8e12, 1e20};
    for (size_t i = 0; i < sizeof(greatest) / sizeof(greatest[0]); i++) {
        const double x[] = {0, greatest[i]}, y[] = {greatest[i] / 3, greatest[i]};
        const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 2};
        const struct report_graph g = graph(GRAPH_LINES, &s, 1);
        struct drawn d = drawn_of(&g);
        for (size_t axis = 0; axis < 2; axis++) {
            double v[32], at[32];
            size_t n = drawn_ticks(&d, axis, v, at, 32);
            CU_ASSERT_FATAL(n >= 2 && n <= 12);
            double step = v[1] - v[0], digit = step / pow(10, floor(log10(step) + 1e-6));
            CU_ASSERT(fabs(digit - 1) < 1e-3 || fabs(digit - 2) < 1e-3 || fabs(digit - 5) < 1e-3);
            for (size_t k = 2; k < n; k++)
                CU_ASSERT(fabs(v[k] - v[k - 1] - step) < step * 1e-3);
            CU_ASSERT(axis == 1 || (v[0] == 0 && v[n - 1] >= greatest[i] * (1 - 1e-9)));
        }
        drawn_free(&d);
    }
}

static void integers_have_no_decimals(void)
{
    const double x[] = {1, 2}, y[] = {0, 1};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 2};
    const struct report_graph g = graph(GRAPH_POINTS, &s, 1);
    struct drawn d = drawn_of(&g);
    for (size_t axis = 0; axis < 2; axis++) {
        xmlChar *all = xmlNodeGetContent(drawn_node(&d, "g", "ticks", axis));
        CU_ASSERT_STRING_EQUAL(all, axis == 0 ? "01" : "12");
        xmlFree(all);
    }
    drawn_free(&d);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void hostile_texts_stay_texts(void)
{
    static const char evil[] = "</text></svg><script>alert(1)</script>\"' &amp; \x01\xff\x1b[2J";
    static const char shown[] = "</text></svg><script>alert(1)</script>\"' &amp; "
                                "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd[2J";
    const double x[] = {1, 2}, y[] = {0, 1};
    const struct graph_series s[] = {{.name = evil, .x = x, .y = y, .count = 2},
                                     {.name = "short", .x = x, .y = y, .count = 2}};
    const struct graph_mark mark = {.x = 1.5, .name = evil};
    struct report_graph g = graph(GRAPH_LINES, s, 2);
    g.id = "1\" onload=\"x";
    g.title = g.x.title = g.y.title = g.y.unit = evil;
    g.marks = &mark;
    g.mark_count = 1;
    struct drawn d = drawn_of(&g);
    CU_ASSERT_PTR_NULL(drawn_node(&d, "script", NULL, 0));
    xmlChar *title = xmlNodeGetContent(drawn_node(&d, "title", NULL, 0));
    CU_ASSERT_STRING_EQUAL(title, shown);
    xmlFree(title);
    xmlNode *root = xmlDocGetRootElement(d.doc);
    CU_ASSERT_PTR_NULL(xmlHasProp(root, BAD_CAST "onload"));
    xmlChar *names = xmlGetProp(root, BAD_CAST "aria-labelledby");
    CU_ASSERT_STRING_EQUAL(names, "g-1--onload--x-title g-1--onload--x-desc");
    xmlFree(names);
    drawn_free(&d);
}

static void who_does_not_see_it_is_told(void)
{
    const double x[] = {1, 2.5}, y[] = {0, 3};
    const struct graph_series s[] = {{.name = "seen", .x = x, .y = y, .count = 2},
                                     {.name = "empty", .count = 0}};
    const struct graph_mark mark = {.x = 2, .name = "Tf"};
    struct report_graph g = graph(GRAPH_STEPS, s, 2);
    g.marks = &mark;
    g.mark_count = 1;
    struct drawn d = drawn_of(&g);
    xmlNode *desc = drawn_node(&d, "desc", NULL, 0), *root = xmlDocGetRootElement(d.doc);
    xmlChar *text = xmlNodeGetContent(desc), *id = xmlGetProp(desc, BAD_CAST "id");
    xmlChar *role = xmlGetProp(root, BAD_CAST "role");
    CU_ASSERT_STRING_EQUAL(text, "Steps. Horizontal: across, 1 to 2.5. Vertical: up in u, 0 to 3. "
                                 "seen: 2 values, 0 to 3. empty: no value. Tf at 2.");
    CU_ASSERT_STRING_EQUAL(id, "g1-desc");
    CU_ASSERT_STRING_EQUAL(role, "img");
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "up (u)"));
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "seen"));
    xmlFree(role);
    xmlFree(id);
    xmlFree(text);
    drawn_free(&d);
}

/* Names of marks that are near each other stand one below the other, and no line of another mark
 * goes through a name. */
static void names_of_marks_do_not_overlap(void)
{
    const double x[] = {-360, 66}, y[] = {0, 6};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 2};
    const struct graph_mark marks[] = {{-300, "begin"}, {6.09, "Trall"}, {0, "Tf"},
                                       {5.15, "Tre"},   {5.11, "Trd"},   {66, "at the end"}};
    struct report_graph g = graph(GRAPH_STEPS, &s, 1);
    g.marks = marks;
    g.mark_count = 6;
    struct drawn d = drawn_of(&g);
    double left[6], right[6], row[6], at[6], top[6];
    for (size_t i = 0; i < 6; i++) {
        xmlNode *name = drawn_text(&d, marks[i].name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(name);
        left[i] = drawn_attribute(name, "x");
        right[i] = left[i] + 8 * (double)strlen(marks[i].name);
        row[i] = drawn_attribute(name, "y");
        xmlChar *path = xmlGetProp(name->prev, BAD_CAST "d");
        CU_ASSERT_EQUAL_FATAL(sscanf((const char *)path, "M%lf %lf", &at[i], &top[i]), 2);
        xmlFree(path);
        NEAR(at[i], drawn_place(&d, 1, marks[i].x));
        CU_ASSERT(right[i] <= 520);
    }
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            bool beside = right[i] < left[j] || right[j] < left[i];
            CU_ASSERT(i == j || beside || fabs(row[i] - row[j]) >= 15);
            bool through = at[j] > left[i] && at[j] < right[i] && top[j] < row[i] - 2;
            CU_ASSERT(i == j || !through);
        }
    }
    drawn_free(&d);
}

/* Colour is not all that tells series apart, and each has the property of the page first. */
static void series_differ_in_more_than_colour(void)
{
    const double x[] = {1, 2}, y[] = {1, 2};
    struct graph_series s[GRAPH_SERIES_MAX];
    char *shape[GRAPH_SERIES_MAX], class[8], wanted[40];
    for (size_t i = 0; i < GRAPH_SERIES_MAX; i++)
        s[i] = (struct graph_series){.name = "n", .x = x, .y = y, .count = 2};
    const struct report_graph g = graph(GRAPH_POINTS, s, GRAPH_SERIES_MAX);
    struct drawn d = drawn_of(&g);
    for (size_t i = 0; i < GRAPH_SERIES_MAX; i++) {
        (void)snprintf(class, sizeof(class), "s%zu", i + 1);
        (void)snprintf(wanted, sizeof(wanted), "color:var(--series-%zu,#", i + 1);
        xmlNode *group = drawn_node(&d, "g", class, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(group);
        xmlChar *style = xmlGetProp(group, BAD_CAST "style");
        CU_ASSERT_PTR_NOT_NULL(strstr((const char *)style, wanted));
        xmlFree(style);
        shape[i] = drawn_path(&d, "markers", i);
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(shape[i], shape[j]);
    }
    for (size_t i = 0; i < GRAPH_SERIES_MAX; i++)
        xmlFree(shape[i]);
    drawn_free(&d);
}

static void references_are_dashed_and_on_top(void)
{
    const double x[] = {1, 2}, y[] = {1, 2};
    const struct graph_series s[] = {
        {.name = "floor", .x = x, .y = y, .count = 2, .reference = true},
        {.name = "measured", .x = x, .y = y, .count = 2}};
    const struct report_graph g = graph(GRAPH_LINES, s, 2);
    struct drawn d = drawn_of(&g);
    xmlNode *last = drawn_node(&d, "path", "line", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    CU_ASSERT_PTR_NOT_NULL(xmlHasProp(last, BAD_CAST "stroke-dasharray"));
    xmlNode *first = drawn_node(&d, "path", "line", 0);
    CU_ASSERT_PTR_NULL(xmlHasProp(first, BAD_CAST "stroke-dasharray"));
    drawn_free(&d);
}

/* ---- odd data -------------------------------------------------------------------------------- */

static void odd_data_is_drawn_or_said(void)
{
    static const double values[][3] = {
        {5, 5, 5},          {0, 0, 0},           {NAN, 1, NAN}, {INFINITY, 2, -INFINITY},
        {1e308, -1e308, 0}, {5e-324, 1e-320, 0}, {-3, -2, -1},  {1e15, 1e15 + 1, 1e15 + 2},
        {1e-12, 1, 1e12},   {-0.0, 0.0, NAN}};
    static const enum graph_kind kinds[] = {GRAPH_LINES, GRAPH_STEPS, GRAPH_BARS, GRAPH_POINTS};
    const size_t count = sizeof(values) / sizeof(values[0]);
    for (size_t i = 0; i < count * count * 4 * 4; i++) {
        unsigned before = CU_get_number_of_failures();
        const struct graph_series s = {.name = "s",
                                       .x = values[i % count],
                                       .y = values[i / count % count],
                                       .count = 3 - i % 3};
        struct report_graph g = graph(kinds[i / count / count % 4], &s, 1);
        g.x.logarithmic = (i / count / count / 4) % 2 == 1;
        g.y.logarithmic = (i / count / count / 4) / 2 == 1;
        struct drawn d = drawn_of(&g);
        CU_ASSERT_PTR_NULL(strstr(d.text, "nan"));
        CU_ASSERT_PTR_NULL(strstr(d.text, "inf\""));
        if (CU_get_number_of_failures() != before)
            (void)fprintf(stderr, "graph %zu: %s\n", i, d.text);
        drawn_free(&d);
    }
}

static void a_single_point_is_in_the_middle(void)
{
    const double x[] = {7}, y[] = {3};
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = 1};
    const struct report_graph g = graph(GRAPH_LINES, &s, 1);
    struct drawn d = drawn_of(&g);
    char *markers = drawn_path(&d, "markers", 0);
    double cx, cy;
    CU_ASSERT_FATAL(circle(markers, 0, &cx, &cy));
    NEAR(cx, drawn_place(&d, 1, 7));
    NEAR(cy, drawn_place(&d, 0, 3));
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "7"));
    xmlFree(markers);
    drawn_free(&d);
}

static void nothing_is_said(void)
{
    const double x[] = {1}, y[] = {NAN};
    const struct graph_series s[] = {{.name = "a", .x = x, .y = y, .count = 1},
                                     {.name = "b", .count = 0}};
    const struct report_graph some = graph(GRAPH_LINES, s, 2), none = graph(GRAPH_BARS, NULL, 0);
    struct drawn d = drawn_of(&some);
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "no value was measured"));
    drawn_free(&d);
    d = drawn_of(&none);
    CU_ASSERT_PTR_NOT_NULL(drawn_text(&d, "no value was measured"));
    drawn_free(&d);
}

/* A hundred thousand points are a small picture, and one single peak among them is seen. */
static void many_points_keep_their_extremes(void)
{
    const size_t count = 100000;
    double *x = calloc(count, sizeof(*x)), *y = calloc(count, sizeof(*y));
    for (size_t i = 0; i < count; i++) {
        x[i] = (double)i;
        y[i] = (double)(i * 7919 % 50);
    }
    y[77777] = 200;
    y[33333] = -100;
    const struct graph_series s = {.name = "s", .x = x, .y = y, .count = count};
    for (enum graph_kind kind = GRAPH_LINES; kind <= GRAPH_BARS; kind++) {
        const struct report_graph g = graph(kind, &s, 1);
        struct drawn d = drawn_of(&g);
        char *path = drawn_path(&d, kind == GRAPH_BARS ? "bars" : "line", 0), peak[32];
        CU_ASSERT(d.len < 60000);
        (void)snprintf(peak, sizeof(peak), kind == GRAPH_LINES ? " %.0f" : "V%.0f",
                       drawn_place(&d, 0, 200));
        CU_ASSERT_PTR_NOT_NULL(strstr(path, peak));
        (void)snprintf(peak, sizeof(peak), kind == GRAPH_LINES ? " %.0f" : "V%.0f",
                       drawn_place(&d, 0, -100));
        CU_ASSERT(kind == GRAPH_BARS || strstr(path, peak) != NULL);
        xmlFree(path);
        drawn_free(&d);
    }
    free(x);
    free(y);
}

static void equal_graphs_give_equal_bytes(void)
{
    const double x[] = {1, 2, 4, 8}, y[] = {18, 36, 72, 60}, e[] = {18, 36, 72, 144};
    const struct graph_series s[] = {
        {.name = "DUT", .x = x, .y = y, .count = 4},
        {.name = "expected", .x = x, .y = e, .count = 4, .reference = true}};
    const struct graph_mark mark = {.x = 4, .name = "max. 4"};
    struct report_graph g = graph(GRAPH_LINES, s, 2);
    g.marks = &mark;
    g.mark_count = 1;
    struct drawn a = drawn_of(&g), b = drawn_of(&g);
    CU_ASSERT_STRING_EQUAL(a.text, b.text);
    golden_check("graph.svg", a.text);
    drawn_free(&a);
    drawn_free(&b);
}

static const struct cu_test tests[] = {
    {"points lie where the ticks say", points_lie_where_the_ticks_say},
    {"a logarithmic axis has equal decades", a_logarithmic_axis_has_equal_decades},
    {"a step holds until the next point", a_step_holds_until_the_next_point},
    {"bars stand on 0, from x to the next", bars_stand_on_0_from_x_to_the_next},
    {"ticks are 1, 2 or 5", ticks_are_1_2_or_5},
    {"integers have no decimals", integers_have_no_decimals},
    {"hostile texts stay texts", hostile_texts_stay_texts},
    {"who does not see it is told", who_does_not_see_it_is_told},
    {"names of marks do not overlap", names_of_marks_do_not_overlap},
    {"series differ in more than colour", series_differ_in_more_than_colour},
    {"references are dashed and on top", references_are_dashed_and_on_top},
    {"odd data is drawn or said", odd_data_is_drawn_or_said},
    {"a single point is in the middle", a_single_point_is_in_the_middle},
    {"nothing is said", nothing_is_said},
    {"many points keep their extremes", many_points_keep_their_extremes},
    {"equal graphs give equal bytes", equal_graphs_give_equal_bytes},
};

CU_MAIN("graphs as SVG", tests)
