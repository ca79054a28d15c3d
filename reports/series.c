#include "reports/series.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 32768

struct series {
    FILE *f;
    char *file; /* its name, for errors */
    size_t line;
    long first_row; /* where it begins */
    char *header;   /* cut into names */
    const char *names[SERIES_COLUMNS_MAX];
    size_t columns;
    double values[SERIES_COLUMNS_MAX];
    bool started;
    char text[LINE_MAX_BYTES];
};

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_inside(const char *file)
{
    if (*file == '\0' || *file == '/')
        return false;
    for (const char *part = file; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && memcmp(part, "..", 2) == 0))
            return false;
    }
    return true;
}

/* Goes down folder by folder: no part of the way may be a link. Returns a descriptor or -1. */
static int open_inside(const char *dir, const char *file)
{
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *way = mem_strdup(file), *part = way, *slash;
    while (at >= 0 && (slash = strchr(part, '/')) != NULL) {
        *slash = '\0';
        int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        (void)close(at);
        at = next;
        part = slash + 1;
    }
    int fd = at < 0 ? -1 : openat(at, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int why = errno;
    if (at >= 0)
        (void)close(at);
    free(way);
    errno = why;
    return fd;
}

static FILE *open_file(const char *dir, const char *file, struct err *err)
{
    struct stat st;
    if (!is_inside(file)) {
        err_set(err, ERR_USE, "%.200s: not a path inside the run's directory", file);
        return NULL;
    }
    int fd = open_inside(dir, file);
    if (fd < 0) {
        if (errno == ELOOP || errno == ENOTDIR)
            err_set(err, ERR_USE, "%.200s: a link or no folder is on the way; not followed", file);
        else if (errno != ENOENT)
            err_set(err, ERR_USE, "%.200s: %s", file, strerror(errno));
        return NULL;
    }
    FILE *f = NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        err_set(err, ERR_USE, "%.200s: not a regular file", file);
    else if ((f = fdopen(fd, "r")) == NULL)
        err_set(err, ERR_USE, "%.200s: %s", file, strerror(errno));
    if (f == NULL)
        (void)close(fd);
    return f;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void wrong(const struct series *s, struct err *err, const char *what)
{
    err_set(err, ERR_USE, "%.200s:%zu: %s", s->file, s->line, what);
}

/* The next whole line without its end; NULL at the end of the file or with *err. */
static char *next_line(struct series *s, struct err *err)
{
    if (fgets(s->text, sizeof(s->text), s->f) == NULL)
        return NULL;
    s->line++;
    size_t n = strlen(s->text);
    if (n > 0 && s->text[n - 1] == '\n') {
        s->text[n - 1] = '\0';
        if (n > 1 && s->text[n - 2] == '\r')
            s->text[n - 2] = '\0';
        return s->text;
    }
    if (n + 1 == sizeof(s->text) || !feof(s->f))
        wrong(s, err, "longer than a line of such a file, or not text");
    return NULL;
}

static bool read_header(struct series *s, struct err *err)
{
    const char *line = next_line(s, err);
    s->line = 1;
    if (line == NULL || strncmp(line, "seconds_from_Tf,", 16) != 0) {
        wrong(s, err, "does not begin with the heading seconds_from_Tf");
        return false;
    }
    s->header = mem_strdup(line);
    for (char *name = s->header; name != NULL;) {
        if (s->columns == SERIES_COLUMNS_MAX) {
            wrong(s, err, "has more columns than a report shows");
            return false;
        }
        s->names[s->columns++] = name;
        name = strchr(name, ',');
        if (name != NULL)
            *name++ = '\0';
    }
    s->first_row = ftell(s->f);
    return true;
}

struct series *series_open(const char *dir, const char *file, struct err *err)
{
    FILE *f = open_file(dir, file, err);
    if (f == NULL)
        return NULL;
    struct series *s = mem_zalloc(1, sizeof(*s));
    s->f = f;
    s->file = mem_strdup(file);
    if (!read_header(s, err)) {
        series_close(s);
        return NULL;
    }
    return s;
}

void series_close(struct series *s)
{
    if (s == NULL)
        return;
    (void)fclose(s->f);
    free(s->header);
    free(s->file);
    free(s);
}

size_t series_columns(const struct series *s)
{
    return s->columns;
}

const char *series_name(const struct series *s, size_t column)
{
    return s->names[column];
}

size_t series_column(const struct series *s, const char *name)
{
    size_t column = s->columns;
    while (--column > 0 && strcmp(s->names[column], name) != 0)
        ;
    return column;
}

void series_rewind(struct series *s)
{
    (void)fseek(s->f, s->first_row, SEEK_SET);
    s->line = 1;
    s->started = false;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* One field up to its comma or the end of the line: a plain decimal number, or nothing. */
static bool read_field(const char **at, double *value)
{
    size_t n = strcspn(*at, ",");
    char *end;
    *value = NAN;
    if (strspn(*at, "0123456789+-.eE") < n)
        return false;
    if (n > 0) {
        *value = strtod(*at, &end);
        if (end != *at + n || !isfinite(*value))
            return false;
    }
    *at += n;
    return true;
}

const double *series_next(struct series *s, struct err *err)
{
    double before = s->values[0];
    const char *at = next_line(s, err);
    if (at == NULL)
        return NULL;
    for (size_t i = 0; i < s->columns; i++) {
        if (i > 0 && *at++ != ',') {
            wrong(s, err, "has fewer fields than the heading");
            return NULL;
        }
        if (!read_field(&at, &s->values[i])) {
            wrong(s, err, "holds what is no number");
            return NULL;
        }
    }
    if (*at != '\0')
        wrong(s, err, "has more fields than the heading");
    else if (isnan(s->values[0]) || (s->started && s->values[0] <= before))
        wrong(s, err, "is out of the order of time");
    else {
        s->started = true;
        return s->values;
    }
    return NULL;
}
