#include "harness/run/side_file.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

FILE *side_file_open(const char *dir, const char *name, struct err *err)
{
    char *path = mem_printf("%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (f == NULL)
        err_set(err, ERR_TESTBED, "%s: %s", path, strerror(errno));
    free(path);
    return f;
}

int side_file_close(FILE *f, const char *dir, const char *name, struct err *err)
{
    bool failed = ferror(f) != 0;
    if (fclose(f) == 0 && !failed)
        return 0;
    err_set(err, ERR_TESTBED, "%s/%s: it could not be written: %s", dir, name, strerror(errno));
    return -1;
}
