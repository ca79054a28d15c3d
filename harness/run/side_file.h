/* Files of a run's directory beside result.json, written in one go (docs/side-files.md). */
#ifndef MVPN_RUN_SIDE_FILE_H
#define MVPN_RUN_SIDE_FILE_H

#include "emul/base/err.h"

#include <stdio.h>

/* side_file_open begins DIR/name anew; NULL with *err. side_file_close ends it: -1 with *err when
 * anything of it could not be written. */
FILE *side_file_open(const char *dir, const char *name, struct err *err);
int side_file_close(FILE *f, const char *dir, const char *name, struct err *err);

#endif
