#include "harness/run/journal.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal {
    int fd;
    char *path;
};

static int sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int failed = fsync(fd);
    (void)close(fd);
    return failed;
}

static char *journal_path(const char *dir)
{
    return mem_printf("%s/journal", dir);
}

struct journal *journal_create(const char *dir, const json_t *head, struct err *err)
{
    bool made = mkdir(dir, 0777) == 0;
    if (!made && errno != EEXIST) {
        err_set(err, ERR_USE, "%s: cannot make the directory of the run: %s; choose another --out",
                dir, strerror(errno));
        return NULL;
    }
    struct journal *j = mem_zalloc(1, sizeof(*j));
    j->path = journal_path(dir);
    j->fd = open(j->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (j->fd < 0 && errno == EEXIST)
        err_set(err, ERR_USE,
                "%s already holds a run; go on with it by --resume %s, or choose another --out",
                dir, dir);
    else if (j->fd < 0)
        err_set(err, ERR_USE, "%s: %s; choose another --out", j->path, strerror(errno));
    bool opened = j->fd >= 0;
    if (!opened || journal_add(j, head, err) != 0) {
        if (opened)
            (void)unlink(j->path);
        if (made)
            (void)rmdir(dir);
        journal_close(j);
        return NULL;
    }
    if (sync_dir(dir) != 0) {
        err_set(err, ERR_TESTBED, "%s: %s", dir, strerror(errno));
        journal_close(j);
        return NULL;
    }
    return j;
}

/* Where a resumed run goes on is told by its last entry: these must be right in all of them. */
static bool is_entry(const json_t *line)
{
    static const char *const numbers[] = {"end_ns", "a1_bytes", "a3_bytes"};
    if (json_is_true(json_object_get(line, "done")))
        return true;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const json_t *n = json_object_get(line, numbers[i]);
        if (!json_is_integer(n) || json_integer_value(n) < 0)
            return false;
    }
    return json_is_string(json_object_get(line, "id"));
}

/* each_line hands over whole lines; *good (may be NULL) is the size of the file up to the last line
 * that could be read. */
static int each_line(const char *path, journal_line *take, void *arg, long *good, struct err *err)
{
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        err_set(err, ERR_USE, "%s: %s; is this the directory of a run?", path, strerror(errno));
        return -1;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    unsigned number = 0;
    long whole = 0;
    while ((n = getline(&line, &cap, f)) > 0) {
        json_t *value = line[n - 1] == '\n' ? json_loads(line, 0, NULL) : NULL;
        if (value == NULL)
            break;
        whole += n;
        take(arg, value, ++number);
    }
    if (good != NULL)
        *good = whole;
    free(line);
    (void)fclose(f);
    return 0;
}

bool journal_done(const char *dir)
{
    static const char last[] = "\n{\"done\":true}\n";
    char end[sizeof(last)] = "";
    char *path = journal_path(dir);
    FILE *f = fopen(path, "r");
    bool done = f != NULL && fseek(f, 1 - (long)sizeof(last), SEEK_END) == 0 &&
                fread(end, 1, sizeof(last) - 1, f) == sizeof(last) - 1 && strcmp(end, last) == 0;
    if (f != NULL)
        (void)fclose(f);
    free(path);
    return done;
}

int journal_each(const char *dir, journal_line *take, void *arg, struct err *err)
{
    char *path = journal_path(dir);
    int result = each_line(path, take, arg, NULL, err);
    free(path);
    return result;
}

/* What a whole journal is read into. */
struct lines {
    json_t *head, *entries;
    unsigned damaged; /* number of the first line that is none; 0: all are */
};

static void take_line(void *arg, json_t *line, unsigned number)
{
    struct lines *l = arg;
    if (number == 1)
        l->head = line;
    else
        json_array_append_new(l->entries, line);
    if (number > 1 && !is_entry(line) && l->damaged == 0)
        l->damaged = number;
}

/* *good is the size of the file up to the last line that could be read. */
static int read_lines(const char *path, json_t **head, json_t **entries, long *good,
                      struct err *err)
{
    struct lines l = {.entries = json_array()};
    int read = each_line(path, take_line, &l, good, err);
    bool headed = l.head != NULL && json_is_array(json_object_get(l.head, "argv"));
    *head = l.head;
    *entries = l.entries;
    if (read == 0 && headed && l.damaged == 0)
        return 0;
    if (read == 0 && !headed)
        err_set(err, ERR_USE, "%s:1:1: no command line in the journal; start the run anew", path);
    else if (read == 0)
        err_set(err, ERR_USE, "%s:%u:1: the journal is damaged; start the run anew", path,
                l.damaged);
    json_decref(*head);
    json_decref(*entries);
    *head = *entries = NULL;
    return -1;
}

int journal_read(const char *dir, json_t **head, json_t **entries, struct err *err)
{
    char *path = journal_path(dir);
    long good;
    int result = read_lines(path, head, entries, &good, err);
    free(path);
    return result;
}

struct journal *journal_resume(const char *dir, json_t **head, json_t **entries, struct err *err)
{
    struct journal *j = mem_zalloc(1, sizeof(*j));
    j->path = journal_path(dir);
    j->fd = -1;
    long good;
    if (read_lines(j->path, head, entries, &good, err) != 0) {
        journal_close(j);
        return NULL;
    }
    j->fd = open(j->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (j->fd < 0 || ftruncate(j->fd, good) != 0) {
        err_set(err, ERR_TESTBED, "%s: %s", j->path, strerror(errno));
        json_decref(*head);
        json_decref(*entries);
        *head = *entries = NULL;
        journal_close(j);
        return NULL;
    }
    return j;
}

int journal_add(struct journal *j, const json_t *entry, struct err *err)
{
    char *text = json_dumps(entry, JSON_COMPACT | JSON_REAL_PRECISION(17));
    char *line = mem_printf("%s\n", text);
    size_t left = strlen(line), done = 0;
    bool failed = false;
    while (left > 0 && !failed) {
        ssize_t n = write(j->fd, line + done, left);
        if (n < 0 && errno != EINTR)
            failed = true;
        if (n > 0) {
            done += (size_t)n;
            left -= (size_t)n;
        }
    }
    if (failed || fdatasync(j->fd) != 0) {
        err_set(err, ERR_TESTBED, "%s: %s", j->path, strerror(errno));
        failed = true;
    }
    free(line);
    free(text);
    return failed ? -1 : 0;
}

void journal_close(struct journal *j)
{
    if (j == NULL)
        return;
    if (j->fd >= 0)
        (void)close(j->fd);
    free(j->path);
    free(j);
}
