#include "harness/case/case.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"

#include <stdio.h>

static int refuse(void *ctx, size_t index, const char *value, struct err *err)
{
    (void)ctx;
    (void)index;
    err_set(err, ERR_USE, "list takes no arguments; leave '%.60s' out", value);
    return -1;
}

int cmd_list(int argc, char **argv)
{
    struct err err = {0};
    size_t count;
    if (options_parse(NULL, 0, argc, argv, refuse, NULL, &err) != 0)
        return cli_fail(&err);
    const char *const *ids = case_ids(&count);
    (void)printf("%-6s%-31s%-19s %s\n", "case", "title", "maximum of", "parameters (?: searched)");
    for (size_t i = 0; i < count; i++) {
        char varies[256];
        struct test_case *tc = case_find(ids[i], &err);
        if (tc == NULL)
            return cli_fail(&err);
        (void)printf("%-6s%-31s%-19s %s\n", ids[i], case_title(tc), case_variable_name(tc),
                     case_varies(tc, varies, sizeof(varies)));
        case_free(tc);
    }
    (void)puts(
        "\nN mVPNs, c C-interfaces and R remote PEs a mVPN, g groups a mVPN (share: of ingress\n"
        "groups), s sources a group");
    if (count == 0) {
        struct test_case *none = case_find("9.1", &err);
        case_free(none);
        return cli_fail(&err);
    }
    return EXIT_DONE;
}
