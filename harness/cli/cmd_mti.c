/* mvpnbench mti: the GRE program of the FRR PE, started by its driver only. */
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"
#include "harness/dut/mti_program.h"

const struct cli_option mti_option_table[] = {
    {"netns", "NS", "network namespace of the P interface"},
    {"interface", "IF", "the P interface"},
    {"source", "ADDR", "address of the PE: source of what it sends"},
    {"mtu", "BYTES", "MTU of the VPNs' devices"},
    {"first-peer", "ADDR", "with --peers: address of the first remote PE"},
    {"peers", "N", "so many remote PEs, joined each by its address (0: whoever sends)"},
};
const size_t mti_option_count = sizeof(mti_option_table) / sizeof(mti_option_table[0]);

/* The program reads its words itself; here they are held against the table. */
static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    (void)ctx;
    (void)index;
    (void)value;
    (void)err;
    return 0;
}

int cmd_mti(int argc, char **argv)
{
    struct err err = {0};
    if (options_parse(mti_option_table, mti_option_count, argc, argv, take, NULL, &err) != 0)
        return cli_fail(&err);
    return mti_program_main(argc, argv);
}
