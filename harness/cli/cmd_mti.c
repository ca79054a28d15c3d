/* mvpnbench mti: the GRE program of the FRR PE, started by its driver only. */
#include "harness/cli/commands.h"
#include "harness/dut/mti_program.h"

int cmd_mti(int argc, char **argv)
{
    return mti_program_main(argc, argv);
}
