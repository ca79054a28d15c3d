#include "emul/io/capture.h"

#include "emul/base/mem.h"
#include "emul/io/capture_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * How far back a received frame's kernel timestamp may lie behind a sent frame already recorded:
 * the receive ring's block timeout and the lag of the loop. A later one is given the time of the
 * last frame written, so time never goes back.
 */
#define WINDOW_NS  (200 * NS_PER_MS)
#define BUFFER_MIN ((size_t)256 * 1024)
#define BUFFER_MAX ((size_t)16 * 1024 * 1024)

/* A record of the buffer, already in the form of the file. */
struct pending {
    struct instant at;
    size_t offset;
    size_t size;
};

struct capture {
    char *path;
    int fd;
    uint64_t written;
    uint64_t synced;
    bool failed;
    bool paused;
    struct instant last_written;
    uint8_t *buffer;
    size_t used;
    size_t room;
    struct pending *pending;
    size_t count;
    size_t cap;
    bool sorted;
};

static int write_all(struct capture *c, const uint8_t *bytes, size_t len)
{
    while (len > 0 && !c->failed) {
        ssize_t n = write(c->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            c->failed = true;
            break;
        }
        bytes += n;
        len -= (size_t)n;
        c->written += (uint64_t)n;
    }
    return c->failed ? -1 : 0;
}

static int by_time(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    if (x->at.ns != y->at.ns)
        return x->at.ns < y->at.ns ? -1 : 1;
    return x->offset < y->offset ? -1 : 1;
}

static void put_header(uint8_t *record, struct instant at, size_t len)
{
    struct capture_record h = {(uint32_t)(at.ns / NS_PER_S), (uint32_t)(at.ns % NS_PER_S),
                               (uint32_t)len, (uint32_t)len};
    memcpy(record, &h, sizeof(h));
}

/* Puts the pending records into the order of time, in the buffer too. */
static void sort_pending(struct capture *c)
{
    if (c->sorted)
        return;
    qsort(c->pending, c->count, sizeof(*c->pending), by_time);
    uint8_t *fresh = mem_realloc(NULL, c->room, 1);
    size_t used = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct pending *p = &c->pending[i];
        memcpy(fresh + used, c->buffer + p->offset, p->size);
        p->offset = used;
        used += p->size;
        if (instant_before(p->at, c->last_written)) {
            p->at = c->last_written;
            put_header(fresh + p->offset, p->at, p->size - sizeof(struct capture_record));
        }
    }
    free(c->buffer);
    c->buffer = fresh;
    c->sorted = true;
}

/* Writes the first n pending records and moves the rest to the front. */
static void write_first(struct capture *c, size_t n)
{
    if (n == 0)
        return;
    const struct pending *last = &c->pending[n - 1];
    size_t bytes = last->offset + last->size;
    c->last_written = last->at;
    (void)write_all(c, c->buffer, bytes);
    c->used -= bytes;
    c->count -= n;
    memmove(c->buffer, c->buffer + bytes, c->used);
    memmove(c->pending, c->pending + n, c->count * sizeof(*c->pending));
    for (size_t i = 0; i < c->count; i++)
        c->pending[i].offset -= bytes;
}

/*
 * The buffer is full: write what nothing can precede any more. If that is little, the buffer grows
 * up to its limit, and then half of it goes out.
 */
static void make_room(struct capture *c)
{
    sort_pending(c);
    struct instant safe = instant_add(c->pending[c->count - 1].at, -WINDOW_NS);
    size_t n = 0;
    while (n < c->count && instant_before(c->pending[n].at, safe))
        n++;
    if (n >= c->count / 2) {
        write_first(c, n);
    } else if (c->room < BUFFER_MAX) {
        c->room *= 2;
        c->buffer = mem_realloc(c->buffer, c->room, 1);
    } else {
        write_first(c, c->count / 2);
    }
}

void capture_frame(struct capture *c, const uint8_t *frame, size_t len, struct instant at)
{
    size_t size = sizeof(struct capture_record) + len;
    if (c->paused || c->failed || size > BUFFER_MIN / 4)
        return;
    while (c->used + size > c->room)
        make_room(c);
    if (c->count == 0)
        c->sorted = !instant_before(at, c->last_written);
    else if (instant_before(at, c->pending[c->count - 1].at))
        c->sorted = false;
    uint8_t *record = c->buffer + c->used;
    put_header(record, at, len);
    memcpy(record + sizeof(struct capture_record), frame, len);
    c->pending = array_grow(c->pending, c->count, &c->cap, sizeof(*c->pending));
    c->pending[c->count++] = (struct pending){at, c->used, size};
    c->used += size;
}

int capture_sync(struct capture *c)
{
    if (c->count > 0) {
        sort_pending(c);
        write_first(c, c->count);
    }
    if (!c->failed && fdatasync(c->fd) != 0 && errno != EINVAL && errno != EROFS)
        c->failed = true;
    c->synced = c->written;
    return c->failed ? -1 : 0;
}

uint64_t capture_bytes(const struct capture *c)
{
    return c->synced;
}

void capture_pause(struct capture *c)
{
    c->paused = true;
}

void capture_resume(struct capture *c)
{
    c->paused = false;
}

/* Finds the last record before keep_bytes, which must be where a record ends. */
static int find_end(struct capture *c, uint64_t keep_bytes, struct err *err)
{
    struct capture_header head;
    FILE *f = fopen(c->path, "rb");
    if (f == NULL || fread(&head, sizeof(head), 1, f) != 1 || head.magic != CAPTURE_MAGIC_NS) {
        err_set(err, ERR_USE, "%s: not a capture file of an earlier run; cannot go on with it",
                c->path);
        if (f != NULL)
            (void)fclose(f);
        return -1;
    }
    uint64_t at = sizeof(head);
    struct capture_record h;
    while (at < keep_bytes && fread(&h, sizeof(h), 1, f) == 1 &&
           fseeko(f, (off_t)h.caplen, SEEK_CUR) == 0) {
        at += sizeof(h) + h.caplen;
        c->last_written.ns = (int64_t)h.sec * NS_PER_S + h.nsec;
    }
    (void)fclose(f);
    struct stat st;
    if (at == keep_bytes && fstat(c->fd, &st) == 0 && (uint64_t)st.st_size >= keep_bytes)
        return 0;
    err_set(err, ERR_USE, "%s: no frame ends at byte %llu; the file is not the one of the journal",
            c->path, (unsigned long long)keep_bytes);
    return -1;
}

static int start_file(struct capture *c, uint64_t keep_bytes, struct err *err)
{
    if (keep_bytes > 0 && find_end(c, keep_bytes, err) != 0)
        return -1;
    if (ftruncate(c->fd, (off_t)keep_bytes) != 0 || lseek(c->fd, (off_t)keep_bytes, SEEK_SET) < 0) {
        err_set(err, ERR_TESTBED, "%s: %s", c->path, strerror(errno));
        return -1;
    }
    c->written = keep_bytes;
    if (keep_bytes == 0) {
        struct capture_header head = CAPTURE_HEADER_NS;
        if (write_all(c, (const uint8_t *)&head, sizeof(head)) != 0) {
            err_set(err, ERR_TESTBED, "%s: %s", c->path, strerror(errno));
            return -1;
        }
    }
    c->synced = c->written;
    return 0;
}

struct capture *capture_open(const char *path, uint64_t keep_bytes, struct err *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | (keep_bytes == 0 ? O_CREAT : 0), 0666);
    if (fd < 0) {
        err_set(err, ERR_TESTBED, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct capture *c = mem_zalloc(1, sizeof(*c));
    c->path = mem_strdup(path);
    c->fd = fd;
    c->room = BUFFER_MIN;
    c->buffer = mem_realloc(NULL, c->room, 1);
    c->sorted = true;
    if (start_file(c, keep_bytes, err) != 0) {
        (void)capture_close(c);
        return NULL;
    }
    return c;
}

int capture_close(struct capture *c)
{
    if (c == NULL)
        return 0;
    int result = capture_sync(c);
    if (close(c->fd) != 0)
        result = -1;
    free(c->buffer);
    free(c->pending);
    free(c->path);
    free(c);
    return result;
}
