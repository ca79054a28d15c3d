/* The simulator: losses as asked for, bursts as long as asked for, and what is said about them. */
#include "monitor/oneway/simulate.h"
#include "mvpnbench/monitor.h"
#include "tests/unit/cu.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* Cells of the four patterns lie where the losses of the links put them (5 sigma). */
static void cells(void)
{
    static const char configs[] = {'A', 'C'};
    for (size_t i = 0; i < 2; i++) {
        struct simulation s = {
            .config = configs[i], .loss = {0.03, 0.05, 0.1}, .burst = 1, .probes = 400000};
        struct simulated run;
        simulate_once(&s, 7 + i, &run);
        double a = 0.97, b = 0.95, c = configs[i] == 'C' ? 0.9 * 0.95 : 0.9, n = 400000;
        const double want[] = {a * b * c, a * b * (1 - c), a * (1 - b) * c};
        const uint64_t got[] = {run.counts.n11, run.counts.n10, run.counts.n01};
        for (int k = 0; k < 3; k++)
            CU_ASSERT_TRUE(fabs((double)got[k] - n * want[k]) <
                           5 * sqrt(n * want[k] * (1 - want[k])));
        CU_ASSERT_EQUAL(got[0] + got[1] + got[2] + run.counts.n00, s.probes);
    }
}

static json_t *simulated(double burst, double loss)
{
    struct oneway_simulation q = {.config = 'A',
                                  .loss = {loss, loss, loss},
                                  .burst = burst,
                                  .pps = 10000,
                                  .seconds = 60,
                                  .repeat = 1,
                                  .seed = 3};
    json_t *o = NULL;
    struct err err = {0};
    CU_ASSERT_EQUAL_FATAL(oneway_simulate(&q, &o, &err), 0);
    return o;
}

static void bursts(void)
{
    for (double loss = 0.0002; loss < 0.06; loss *= 5) {
        json_t *alone = simulated(1, loss), *four = simulated(4, loss);
        CU_ASSERT_PTR_NULL(json_object_get(alone, "warning"));
        double length = json_number_value(json_object_get(four, "burst_length"));
        CU_ASSERT_TRUE(length > 3 && length < 5.5);
        const char *warning = json_string_value(json_object_get(four, "warning"));
        CU_ASSERT_PTR_NOT_NULL_FATAL(warning);
        CU_ASSERT_PTR_NOT_NULL(strstr(warning, "times too narrow"));
        json_decref(alone);
        json_decref(four);
    }
    json_t *none = simulated(1, 0);
    CU_ASSERT_TRUE(json_is_null(json_object_get(none, "burst_length")));
    CU_ASSERT_EQUAL(json_number_value(
                        json_object_get(json_array_get(json_object_get(none, "links"), 0), "loss")),
                    0);
    json_decref(none);
}

/* Two losses that happen to stand together are no burst. */
static void few_losses(void)
{
    struct loss_runs r = {.probes = 1000, .lost = 2, .runs = 1};
    json_t *o = json_object();
    links_burst(o, &r);
    CU_ASSERT_EQUAL(json_number_value(json_object_get(o, "burst_length")), 2);
    CU_ASSERT_PTR_NULL(json_object_get(o, "warning"));
    json_decref(o);
}

static void same_seed(void)
{
    json_t *a = simulated(2, 0.01), *b = simulated(2, 0.01);
    CU_ASSERT_TRUE(json_equal(a, b));
    json_decref(a);
    json_decref(b);
}

static const struct cu_test tests[] = {
    {"cells", cells}, {"bursts", bursts}, {"few losses", few_losses}, {"same seed", same_seed}};

CU_MAIN("oneway simulate", tests)
