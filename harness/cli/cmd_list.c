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

static void print_case(const struct test_case *tc)
{
    char varies[512], mdt[32], what[64];
    (void)snprintf(what, sizeof(what), "%s%s", case_kind(tc) == CASE_SEARCH ? "max. " : "",
                   case_variable_name(tc));
    (void)printf("%-6s%-46s%-25s %-14s %s\n", case_id(tc), case_title(tc), what, mdt_text(tc, mdt),
                 case_varies(tc, varies, sizeof(varies)));
}

static const char legend[] =
    "\nN mVPNs, c C-interfaces and R remote PEs a mVPN, g groups a mVPN (share: of ingress "
    "groups), s sources a\ngroup, d C-interfaces with a receiver of each group; S-PMSIs and flows "
    "on them a mVPN, totals over all; I: 2*I\nand 8*I flows. Names stand for results of other "
    "cases (M: 9.1, C: 9.2, Vmax, G, Smax: 9.3, Nmax: 9.10): of the\nsame run, or of --from DIR; "
    "or give the parameter as --set case.NAME=VALUE.\nMI-PMSI: variants of the default MDT that "
    "the draft has for the case (--set mdt.default=).\n";

int cmd_list(int argc, char **argv)
{
    struct err err = {0};
    size_t count;
    if (options_parse(NULL, 0, argc, argv, refuse, NULL, &err) != 0)
        return cli_fail(&err);
    const char *const *ids = case_ids(&count);
    if (count == 0) {
        struct test_case *none = case_find("9.1", &err); /* says where the cases should be */
        case_free(none);
        return cli_fail(&err);
    }
    (void)printf("%-6s%-46s%-25s %-14s %s\n", "case", "title", "finds", "MI-PMSI",
                 "parameters (?: searched)");
    for (size_t i = 0; i < count; i++) {
        struct test_case *tc = case_find(ids[i], &err);
        if (tc == NULL)
            return cli_fail(&err);
        print_case(tc);
        case_free(tc);
    }
    (void)fputs(legend, stdout);
    return EXIT_DONE;
}
