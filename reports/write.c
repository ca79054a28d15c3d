#include "reports/reports.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK (1u << 18)

/* The name is on disk only when its directory is. */
static int sync_directory_of(const char *path)
{
    char *copy = mem_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return -1;
    /* Some file systems cannot sync a directory; they have nothing to lose either. */
    int rc = fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
    (void)close(fd);
    return rc;
}

static int render_into(const char *path, report_render *render, const struct report_input *in,
                       struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -1;
    FILE *f = fdopen(fd, "w");
    if (f == NULL) {
        (void)close(fd);
        return -1;
    }
    char *block = mem_zalloc(BLOCK, 1); /* some renderings are hundreds of megabytes */
    (void)setvbuf(f, block, _IOFBF, BLOCK);
    bool ok = render(f, in, err) == 0 && fflush(f) == 0 && !ferror(f) && fsync(fd) == 0;
    int saved = errno;
    ok = fclose(f) == 0 && ok;
    free(block);
    errno = saved;
    return ok ? 0 : -1;
}

int report_write(const char *path, report_render *render, const struct report_input *in,
                 struct err *err)
{
    char *temporary = mem_printf("%s.tmp", path);
    int rc = render_into(temporary, render, in, err);
    if (rc == 0)
        rc = rename(temporary, path);
    if (rc == 0)
        rc = sync_directory_of(path);
    if (rc != 0) {
        err_set(err, ERR_TESTBED, "%s: cannot write: %s", path, strerror(errno));
        (void)unlink(temporary);
    }
    free(temporary);
    return rc;
}
