/* The words that the GRE program at a router's end takes. */
#include "monitor/tunnel/end.h"
#include "tests/unit/cu.h"

#include <string.h>

static void test_tunnel(void)
{
    struct end_spec s;
    struct err err = {0};
    CU_ASSERT_EQUAL(
        end_spec_parse(&s, "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30,out=1.5",
                       &err),
        0);
    CU_ASSERT_STRING_EQUAL(s.name, "t1");
    CU_ASSERT_EQUAL(s.local, IP4(10, 0, 0, 2));
    CU_ASSERT_EQUAL(s.remote, IP4(10, 0, 0, 1));
    CU_ASSERT_EQUAL(s.inner.addr, IP4(10, 9, 1, 2));
    CU_ASSERT_EQUAL(s.inner.len, 30);
    CU_ASSERT_EQUAL(s.out_ms, 1.5);
    CU_ASSERT_EQUAL(s.in_ms, 0);
}

static void test_no_tunnel(void)
{
    static const char *const bad[] = {
        "",
        "name=t1",
        "name=t1,local=10.0.0.2,remote=10.0.0.1",
        "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=x",
        "name=a-name-much-too-long,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30",
        "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30,out=-1",
        "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30,out=nan",
        "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30,colour=red",
        "name=t1,local=10.0.0.2,remote=10.0.0.1,inner=10.9.1.2/30,,"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct end_spec s;
        struct err err = {0};
        CU_ASSERT_EQUAL(end_spec_parse(&s, bad[i], &err), -1);
        CU_ASSERT_EQUAL(err.code, ERR_USE);
    }
}

static void test_delay(void)
{
    struct end_spec s;
    CU_ASSERT_EQUAL(end_delay_parse(&s, "t1 10 2.5"), 0);
    CU_ASSERT_STRING_EQUAL(s.name, "t1");
    CU_ASSERT_EQUAL(s.out_ms, 10);
    CU_ASSERT_EQUAL(s.in_ms, 2.5);
    CU_ASSERT_EQUAL(end_delay_parse(&s, "t1 10"), -1);
    CU_ASSERT_EQUAL(end_delay_parse(&s, "t1 10 2 3"), -1);
    CU_ASSERT_EQUAL(end_delay_parse(&s, "t1 ten 2"), -1);
    CU_ASSERT_EQUAL(end_delay_parse(&s, ""), -1);
    CU_ASSERT_EQUAL(end_delay_parse(&s, "t1 1e9 0"), -1);
}

static const struct cu_test tests[] = {
    {"a tunnel", test_tunnel}, {"no tunnel", test_no_tunnel}, {"delays", test_delay}};
CU_MAIN("gre-end", tests)
