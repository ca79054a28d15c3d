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

/* mdt_text lists the variants of the default MDT that the draft allows in the case. */
static const char *mdt_text(const struct test_case *tc, char buf[32])
{
    size_t at = 0;
    buf[0] = '\0';
    for (int m = MDT_ASM; m <= MDT_BIDIR; m++) {
        if (case_mdt_allowed(tc, (enum mdt_mode)m))
            at += (size_t)snprintf(buf + at, 32 - at, "%s%s", at == 0 ? "" : ",",
                                   mdt_mode_name((enum mdt_mode)m));
    }
    return buf;
}

int cmd_list(int argc, char **argv)
{
    struct err err = {0};
    size_t count;
    if (options_parse(NULL, 0, argc, argv, refuse, NULL, &err) != 0)
        return cli_fail(&err);
    const char *const *ids = case_ids(&count);
    (void)printf("%-6s%-31s%-19s %-10s %s\n", "case", "title", "maximum of", "MI-PMSI",
                 "parameters (?: searched)");
    for (size_t i = 0; i < count; i++) {
        char varies[256], mdt[32];
        struct test_case *tc = case_find(ids[i], &err);
        if (tc == NULL)
            return cli_fail(&err);
        (void)printf("%-6s%-31s%-19s %-10s %s\n", ids[i], case_title(tc), case_variable_name(tc),
                     mdt_text(tc, mdt), case_varies(tc, varies, sizeof(varies)));
        case_free(tc);
    }
    (void)puts(
        "\nN mVPNs, c C-interfaces and R remote PEs a mVPN, g groups a mVPN (share: of ingress\n"
        "groups), s sources a group; MI-PMSI: variants of the default MDT that the draft has for "
        "the\ncase (--set mdt.default=). S-PMSIs, a C-RP on the DUT and IGMP receivers are "
        "settings:\n"
        "--set KEY=VALUE with case.spmsi_src, case.spmsi_rx, c_rp.location, receivers.igmp.");
    if (count == 0) {
        struct test_case *none = case_find("9.1", &err);
        case_free(none);
        return cli_fail(&err);
    }
    return EXIT_DONE;
}
