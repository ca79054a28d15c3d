/* Commands that run while something else is done. What they may do wrong is tested with the hooks.
 */
#include "emul/io/command.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct command_spec spec_of(const char *const *argv)
{
    return (struct command_spec){.argv = argv, .timeout_s = 10, .output_max = 1000};
}

/* Several at once take as long as the longest. */
static void side_by_side(void)
{
    static const char *const argv[] = {"sh", "-c", "sleep 0.3; echo $0 $1", "a", "b", NULL};
    const struct command_spec spec = spec_of(argv);
    struct command *list[5];
    struct command_result r[5];
    for (int i = 0; i < 5; i++)
        list[i] = command_start(&spec);
    for (int i = 0; i < 5; i++) {
        while (!command_step(list[i], 5))
            continue;
    }
    for (int i = 0; i < 5; i++) {
        command_finish(list[i], &r[i]);
        CU_ASSERT_EQUAL(r[i].end, COMMAND_DONE);
        CU_ASSERT_STRING_EQUAL(r[i].text, "a b\n");
    }
    CU_ASSERT_TRUE(r[4].begin_wall_ns <
                   r[0].end_wall_ns); /* the last began before the first ended */
    for (int i = 0; i < 5; i++)
        command_result_free(&r[i]);
}

static void not_found(void)
{
    static const char *const argv[] = {"no-such-program-here", NULL};
    const struct command_spec spec = spec_of(argv);
    struct command_result r;
    char why[COMMAND_WHY_MAX];
    command_run(&spec, &r);
    CU_ASSERT_EQUAL(r.end, COMMAND_NOT_STARTED);
    CU_ASSERT_EQUAL(r.code, ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(command_why(&spec, &r, why), "cannot be started in .: No such"));
    CU_ASSERT_EQUAL(r.len, 0);
    command_result_free(&r);
}

/* One that is no longer wanted is ended, and its children with it. */
static void given_up(void)
{
    static const char *const argv[] = {"sh", "-c", "sleep 30 & sleep 30", NULL};
    const struct command_spec spec = spec_of(argv);
    struct command_result r;
    struct command *c = command_start(&spec);
    CU_ASSERT_FALSE(command_step(c, 20));
    command_finish(c, &r);
    CU_ASSERT_EQUAL(r.end, COMMAND_INTERRUPTED);
    command_result_free(&r);
}

static void count_line(void *arg, const char *line)
{
    *(size_t *)arg += strlen(line);
}

static void input_and_lines(void)
{
    static const char *const argv[] = {"sh", "-c", "cat >&2; cat /dev/null; printf '\\033x' >&2",
                                       NULL};
    size_t letters = 0;
    struct command_spec spec = spec_of(argv);
    struct command_result r;
    spec.input = "one\ntwo\nthree";
    spec.line = count_line;
    spec.arg = &letters;
    command_run(&spec, &r);
    CU_ASSERT_EQUAL(r.end, COMMAND_DONE);
    CU_ASSERT_EQUAL(letters, strlen("onetwothree?x"));
    CU_ASSERT_STRING_EQUAL(r.last, "three?x");
    command_result_free(&r);
}

static const struct cu_test tests[] = {
    {"side by side", side_by_side},
    {"not found", not_found},
    {"given up", given_up},
    {"input and lines", input_and_lines},
};

CU_MAIN("io command", tests)
