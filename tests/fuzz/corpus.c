/* Writes the goldens of a folder as raw files, the corpus that libFuzzer starts from. */
#include "tests/unit/wire/golden.h"

#include <stdio.h>
#include <string.h>

#define PATH_TEXT 1024

static int write_file(const char *dir, const struct golden *g)
{
    char path[PATH_TEXT];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, strrchr(g->name, '/') + 1);
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return -1;
    size_t n = fwrite(g->bytes, 1, g->len, f);
    return fclose(f) == 0 && n == g->len ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct golden *list;
    size_t n = argc == 3 ? golden_load_all(argv[1], &list) : 0;
    if (n == 0) {
        (void)fprintf(stderr, "use: %s FOLDER DIRECTORY\n", argv[0]);
        return 2;
    }
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed |= write_file(argv[2], &list[i]);
    golden_free_all(list, n);
    if (failed != 0)
        perror(argv[2]);
    return failed == 0 ? 0 : 1;
}
