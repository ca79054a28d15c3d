/*
 * The frame of a CUnit executable: list the tests, call CU_MAIN. Prints CUnit's own summary and
 * returns 1 when an assertion failed, 77 when the first test asked to skip (CTest: skipped).
 */
#ifndef MVPN_TESTS_CU_H
#define MVPN_TESTS_CU_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stddef.h>

#define CU_SKIP 77

struct cu_test {
    const char *name;
    void (*fn)(void);
};

static inline int cu_run(const char *suite_name, const struct cu_test *tests, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        if (CU_add_test(suite, tests[i].name, tests[i].fn) == NULL)
            return 1;
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    (void)CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failed == 0 ? 0 : 1;
}

#define CU_MAIN(suite, table)                                                                      \
    int main(void)                                                                                 \
    {                                                                                              \
        return cu_run(suite, table, sizeof(table) / sizeof((table)[0]));                           \
    }

#endif
