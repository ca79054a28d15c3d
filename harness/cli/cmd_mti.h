/* The hidden subcommand `mti`. */
#ifndef MVPN_CLI_CMD_MTI_H
#define MVPN_CLI_CMD_MTI_H

/* cmd_mti runs the GRE program of the FRR PE; returns the exit code. */
int cmd_mti(int argc, char **argv);

#endif
