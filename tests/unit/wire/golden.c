#include "tests/unit/wire/golden.h"

#include "emul/base/err.h"
#include "emul/base/mem.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT          "tests/golden"
#define SUFFIX        ".hex"
#define PATH_MAX_TEXT 512

static unsigned digit_value(int c)
{
    return (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

/* hex_read reads digits from f up to its end, comment lines left out; returns the bytes read. */
static size_t hex_read(FILE *f, uint8_t *out, size_t cap)
{
    size_t digits = 0;
    bool comment = false;
    for (int c = fgetc(f); c != EOF && digits < 2 * cap; c = fgetc(f)) {
        if (c == '#' || c == '\n')
            comment = c == '#';
        if (comment || !isxdigit(c))
            continue;
        unsigned v = digit_value(c);
        if (digits % 2 == 0)
            out[digits / 2] = (uint8_t)(v << 4);
        else
            out[digits / 2] = (uint8_t)(out[digits / 2] | v);
        digits++;
    }
    return digits / 2;
}

struct golden golden_load(const char *name)
{
    static uint8_t buf[65536];
    struct golden g = {0};
    char path[PATH_MAX_TEXT];
    (void)snprintf(g.name, sizeof(g.name), "%s", name);
    (void)snprintf(path, sizeof(path), ROOT "/%s" SUFFIX, name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fatal("cannot open %s (tests run in the top folder)", path);
    g.len = hex_read(f, buf, sizeof(buf));
    (void)fclose(f);
    g.bytes = malloc(g.len);
    if (g.bytes == NULL)
        fatal("out of memory");
    memcpy(g.bytes, buf, g.len);
    return g;
}

void golden_free(struct golden *g)
{
    free(g->bytes);
    g->bytes = NULL;
}

static int is_hex_file(const struct dirent *d)
{
    const char *dot = strrchr(d->d_name, '.');
    return dot != NULL && strcmp(dot, SUFFIX) == 0;
}

size_t golden_load_all(const char *folder, struct golden **out)
{
    char path[PATH_MAX_TEXT];
    (void)snprintf(path, sizeof(path), ROOT "/%s", folder);
    struct dirent **entries;
    int n = scandir(path, &entries, is_hex_file, alphasort);
    *out = NULL;
    if (n <= 0)
        return 0;
    *out = mem_zalloc((size_t)n, sizeof(**out));
    for (int i = 0; i < n; i++) {
        char name[GOLDEN_NAME];
        int stem = (int)(strlen(entries[i]->d_name) - strlen(SUFFIX));
        (void)snprintf(name, sizeof(name), "%s/%.*s", folder, stem, entries[i]->d_name);
        (*out)[i] = golden_load(name);
        free(entries[i]);
    }
    free(entries);
    return (size_t)n;
}

void golden_free_all(struct golden *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        golden_free(&list[i]);
    free(list);
}
