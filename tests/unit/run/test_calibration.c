#include "harness/run/calibrate.h"

#include "emul/io/memlink.h"
#include "emul/loop/loop.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *temp_file(const char *text)
{
    static char path[64];
    (void)snprintf(path, sizeof(path), "calibration-test-%d.json", (int)getpid());
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    return path;
}

/* 5,000 packets/s each way: 10,000 sent and as many received. */
static const struct calibration slow = {.cable = "a",
                                        .packet_bytes = 100,
                                        .a1_to_a3_pps = 9000,
                                        .a3_to_a1_pps = 8000,
                                        .both_pps = 5000};

static void fits_by_packets(void)
{
    char why[CALIBRATION_WHY_MAX];
    struct instance_spec spec = {.mvpns = 10,
                                 .groups = 10,
                                 .sources = 1,
                                 .c_interfaces = 1,
                                 .receiver_c_ifs = 1,
                                 .period_ns = NS_PER_S / 100};
    CU_ASSERT_TRUE(calibration_fits(&slow, &spec, why)); /* 10,000 out and back */
    spec.period_ns -= NS_PER_MS;
    CU_ASSERT_FALSE(calibration_fits(&slow, &spec, why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "11111 packets/s to send"));
    spec.period_ns = NS_PER_S / 40; /* 4,000 out, to two interfaces each: 8,000 back */
    spec.c_interfaces = spec.receiver_c_ifs = 2;
    CU_ASSERT_TRUE(calibration_fits(&slow, &spec, why));
    spec.c_interfaces = spec.receiver_c_ifs = 5; /* 20,000 back */
    CU_ASSERT_FALSE(calibration_fits(&slow, &spec, why));
    CU_ASSERT_EQUAL(calibration_flows(&slow, 10), 1000);
}

static void stored_and_read(void)
{
    struct calibration back;
    struct err err = {0};
    json_t *o = calibration_json(&slow);
    char *text = json_dumps(o, 0), *path = temp_file(text);
    CU_ASSERT_EQUAL(calibration_load(path, &back, &err), 0);
    CU_ASSERT_EQUAL(back.both_pps, slow.both_pps);
    CU_ASSERT_EQUAL(back.packet_bytes, slow.packet_bytes);
    free(text);
    json_decref(o);
    static const char *const bad[] = {"", "{}", "[1]", "{\"pps\": 3}",
                                      "{\"packet_bytes\": 100, \"pps\": {\"a1_to_a3\": 1.0}}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err own = {0};
        (void)temp_file(bad[i]);
        CU_ASSERT_EQUAL(calibration_load(path, &back, &own), -1);
        CU_ASSERT_EQUAL(own.code, ERR_USE);
        CU_ASSERT_PTR_NOT_NULL(strstr(own.text, path));
    }
    (void)remove(path);
    struct err gone = {0};
    CU_ASSERT_EQUAL(calibration_load(path, &back, &gone), -1);
}

/* Memory links serve the real clock too; one that drops half shows nothing whole. */
static void measure(double rate_mbps, double loss, struct calibration *out, int expect)
{
    struct loop *loop = loop_new_real();
    struct port *ends[2];
    struct err err = {0};
    memlink_new(loop, &(struct link_params){.rate_mbps = rate_mbps, .loss = loss}, 1, "a1", "a3",
                9000, ends);
    struct calibrate_params p = {.loop = loop,
                                 .a1 = ends[0],
                                 .a3 = ends[1],
                                 .cable = "memory",
                                 .trial_s = 0.1,
                                 .packet_bytes = 1000,
                                 .mtu = 9000};
    CU_ASSERT_EQUAL(calibrate_run(&p, out, &err), expect);
    port_free(ends[0]);
    port_free(ends[1]);
    loop_free(loop);
}

static void nothing_arrives(void)
{
    struct calibration c;
    measure(0, 1, &c, -1);
}

static void losses_are_not_sustained(void)
{
    struct calibration c;
    measure(0, 0.5, &c, 0);
    CU_ASSERT_EQUAL(c.a1_to_a3_pps, 0);
    CU_ASSERT_EQUAL(c.both_pps, 0);
    CU_ASSERT_EQUAL(c.pacing.max, -1);
}

static const struct cu_test tests[] = {
    {"what fits follows from packets", fits_by_packets},
    {"stored and read", stored_and_read},
    {"nothing arrives", nothing_arrives},
    {"losses are not sustained", losses_are_not_sustained},
};

CU_MAIN("calibration", tests)
