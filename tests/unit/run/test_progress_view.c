/* The live view laid out on screens of many sizes; names that would command a terminal. */
#include "harness/run/progress_sink.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <string.h>

#define COLS_MIN 20
#define COLS_MAX 200

static struct progress_state state;
static struct progress_view view;

static void set(char *to, size_t cap, const char *text)
{
    (void)snprintf(to, cap, "%s", text);
}

#define SET(field, text) set(field, sizeof(field), text)

static struct progress_task one_task(void)
{
    struct progress_task t;
    progress_task_clear(&t);
    SET(t.case_id, "9.3");
    SET(t.title, "PIM C-instances mroutes scale");
    SET(t.where, "N=6 share=0.5 s=2");
    SET(t.instance, "9.3-2013");
    SET(t.value, "g=64");
    SET(t.section, "7.2");
    SET(t.step, "6");
    SET(t.stimulus, "p-link-flap");
    SET(t.name, "waiting 600 s");
    SET(t.variable, "mroutes");
    SET(t.symbol, "g");
    t.remaining_ms = 412000;
    t.neighbours_up = 35;
    t.neighbours_expected = 36;
    t.flows_delivered = 1259;
    t.flows_all = 1260;
    t.out_pps = 1301.4;
    t.in_pps = 2520;
    t.best = 630;
    t.last_pass = 35;
    t.first_fail = 36;
    return t;
}

static void one_process(void)
{
    memset(&state, 0, sizeof(state));
    state.now_ns = 72 * NS_PER_S;
    state.own = one_task();
    state.total = (struct progress_total){.instances = 48, .instances_total = 180, .left_s = 200};
    SET(state.text, "9.3-2013: p-link-flap, step 6, waiting 600 s");
}

static bool shows(const char *text)
{
    for (size_t i = 0; i < view.rows; i++) {
        if (strstr(view.line[i], text) != NULL)
            return true;
    }
    return false;
}

static void test_everything_is_there(void)
{
    one_process();
    progress_view_make(&state, 100, 24, &view);
    static const char *const wanted[] = {"9.3 PIM C-instances mroutes scale",
                                         "elapsed 72 s",
                                         "at         N=6 share=0.5 s=2",
                                         "instance   9.3-2013 g=64",
                                         "7.2 step 6, p-link-flap: waiting 600 s",
                                         "6:52 left",
                                         "neighbours 35 of 36",
                                         "flows 1259 of 1260",
                                         "out 1301/s",
                                         "in 2520/s",
                                         "best       mroutes 630, g=35 passes, g=36 fails",
                                         "48 of about 180 instances",
                                         "about 3:20 left, end at ",
                                         "[#####...............]"};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!shows(wanted[i]))
            (void)fprintf(stderr, "not shown: %s\n", wanted[i]);
        CU_ASSERT_TRUE(shows(wanted[i]));
    }
    CU_ASSERT_EQUAL(view.rows, 7);
}

static void test_what_is_not_known(void)
{
    one_process();
    progress_task_clear(&state.own);
    SET(state.own.case_id, "9.1");
    SET(state.text, "9.1-0001: the apparatus floor");
    state.total = (struct progress_total){.left_s = PROGRESS_UNKNOWN};
    progress_view_make(&state, 80, 24, &view);
    CU_ASSERT_TRUE(shows("neighbours -, flows -, out -, in -"));
    CU_ASSERT_TRUE(shows("best       none yet"));
    CU_ASSERT_TRUE(shows("0 instances"));
    CU_ASSERT_TRUE(shows("step       9.1-0001: the apparatus floor"));
    CU_ASSERT_FALSE(shows("left"));
    CU_ASSERT_FALSE(shows(" at  "));
    state.total = (struct progress_total){.instances_total = 9, .left_s = 30, .at_least = true};
    state.own.at_most = true;
    state.own.remaining_ms = 9400;
    progress_view_make(&state, 80, 24, &view);
    CU_ASSERT_TRUE(shows("0 of at least 9 instances"));
    CU_ASSERT_TRUE(shows("at least 30 s left"));
    CU_ASSERT_FALSE(shows("end at"));
    CU_ASSERT_TRUE(shows("at most 9 s left"));
}

/* Each line shorter than the screen is wide, so that nothing wraps; printable ASCII alone. */
static void check_fits(size_t cols, size_t rows)
{
    CU_ASSERT_TRUE(view.rows > 0 && view.rows < rows);
    for (size_t i = 0; i < view.rows; i++) {
        CU_ASSERT_TRUE(strlen(view.line[i]) < cols);
        for (const char *p = view.line[i]; *p != '\0'; p++)
            CU_ASSERT_TRUE(*p >= ' ' && *p <= '~');
    }
}

static void test_every_width(void)
{
    one_process();
    memset(state.own.title, 'T', sizeof(state.own.title) - 1);
    memset(state.own.where, 'W', sizeof(state.own.where) - 1);
    memset(state.own.name, 'N', sizeof(state.own.name) - 1);
    for (size_t cols = COLS_MIN; cols <= COLS_MAX; cols++) {
        progress_view_make(&state, cols, 24, &view);
        check_fits(cols, 24);
        CU_ASSERT_EQUAL(view.rows, cols < 40 ? 1 : 7);
        /* What counts down is not cut off by a long name. */
        CU_ASSERT_TRUE(shows("6:52 left"));
    }
    for (size_t rows = 2; rows < 40; rows++) {
        progress_view_make(&state, 80, rows, &view);
        check_fits(80, rows);
        CU_ASSERT_EQUAL(view.rows, rows < 10 ? 1 : 7);
    }
    progress_view_make(&state, 1, 1, &view);
    CU_ASSERT_EQUAL(view.rows, 1);
    progress_view_make(&state, 5000, 5000, &view);
    check_fits(5000, 5000);
}

static void test_workers(void)
{
    one_process();
    for (size_t i = 0; i < PROGRESS_WORKERS; i++) {
        state.active[i] = i % 2 == 0; /* slots of those that have ended are not shown */
        state.worker[i] = one_task();
        (void)snprintf(state.worker[i].instance, sizeof(state.worker[i].instance), "9.3-%zu001", i);
    }
    state.workers = PROGRESS_WORKERS / 2;
    progress_view_make(&state, 100, 24, &view);
    check_fits(100, 24);
    CU_ASSERT_TRUE(shows("32 points of the sweeps at once"));
    CU_ASSERT_TRUE(shows("  1 9.3-0001 g=64 at N=6 share=0.5 s=2: 7.2 step 6, p-link-flap"));
    CU_ASSERT_TRUE(shows("  3 9.3-2001"));
    CU_ASSERT_FALSE(shows("9.3-1001"));
    CU_ASSERT_TRUE(shows("and 16 more"));
    CU_ASSERT_TRUE(shows("48 of about 180"));
    for (size_t cols = COLS_MIN; cols <= COLS_MAX; cols++) {
        progress_view_make(&state, cols, 24, &view);
        check_fits(cols, 24);
    }
    for (size_t rows = 2; rows < 100; rows++) {
        progress_view_make(&state, 80, rows, &view);
        check_fits(80, rows);
    }
    CU_ASSERT_FALSE(shows("more")); /* 99 rows are enough for 32 */
    CU_ASSERT_TRUE(shows(" 63 9.3-62001"));
}

static void test_other_commands(void)
{
    one_process();
    progress_task_clear(&state.own);
    SET(state.text, "calibrate: 20000 packets/s each way: whole");
    progress_view_make(&state, 80, 24, &view);
    CU_ASSERT_EQUAL(view.rows, 1);
    CU_ASSERT_STRING_EQUAL(view.line[0], "calibrate: 20000 packets/s each way: whole");
    progress_view_make(&state, 20, 24, &view);
    CU_ASSERT_STRING_EQUAL(view.line[0], "calibrate: 20000 pa");
    state.text[0] = '\0';
    progress_view_make(&state, 80, 24, &view);
    CU_ASSERT_EQUAL(view.rows, 0);
}

static void test_hostile_names(void)
{
    one_process();
    SET(state.own.title, "evil \033[2J\033]0;owned\a\r\n\b\x7f \xc2\x9b"
                         "31m \xe2\x80\xae caf\xc3\xa9 \xff\xfe");
    SET(state.own.where, "\x9b"
                         "5n");
    SET(state.own.name, "a\nb");
    SET(state.own.variable, "\033c");
    progress_view_make(&state, 120, 24, &view);
    check_fits(120, 24);
    CU_ASSERT_TRUE(shows("evil ?[2J?]0;owned????? ?31m ? caf? ??"));
    CU_ASSERT_TRUE(shows("at         ?5n"));
    CU_ASSERT_TRUE(shows(": a?b"));
}

static void test_clean(void)
{
    char out[64];
    progress_clean(out, sizeof(out),
                   "caf\xc3\xa9\ttab \xc2\x9b"
                   "x",
                   false);
    CU_ASSERT_STRING_EQUAL(out, "caf\xc3\xa9?tab ?x"); /* what is text stays */
    progress_clean(out, sizeof(out), "caf\xc3\xa9", true);
    CU_ASSERT_STRING_EQUAL(out, "caf?");
    progress_clean(out, 4, "abcdef", false);
    CU_ASSERT_STRING_EQUAL(out, "abc");
    progress_clean(out, sizeof(out), "cut \xe2\x80", true);
    CU_ASSERT_STRING_EQUAL(out, "cut ?");
    progress_clean(out, sizeof(out), "", true);
    CU_ASSERT_STRING_EQUAL(out, "");
}

static void test_durations(void)
{
    static const struct {
        double s;
        const char *text;
    } rows[] = {{-1, "0 s"},          {0.4, "0 s"},         {99, "99 s"},
                {100, "1:40"},        {3599, "59:59"},      {3600, "1:00:00"},
                {359999, "99:59:59"}, {360000, "4 d 04 h"}, {24019200, "278 d 00 h"}};
    char buf[PROGRESS_DURATION];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_STRING_EQUAL(progress_duration(rows[i].s, buf), rows[i].text);
}

static const struct cu_test tests[] = {
    {"everything is there", test_everything_is_there},
    {"what is not known", test_what_is_not_known},
    {"every width and height", test_every_width},
    {"workers", test_workers},
    {"other commands", test_other_commands},
    {"hostile names", test_hostile_names},
    {"cleaned text", test_clean},
    {"durations", test_durations},
};
CU_MAIN("progress view", tests)
