#include "emul/base/mem.h"

#include "emul/base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_zalloc(size_t count, size_t size)
{
    void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (p == NULL)
        fatal("out of memory (%zu records of %zu bytes)", count, size);
    return p;
}

void *mem_realloc(void *old, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        fatal("out of memory (%zu records of %zu bytes)", count, size);
    size_t bytes = count * size;
    void *p = realloc(old, bytes == 0 ? 1 : bytes);
    if (p == NULL)
        fatal("out of memory (%zu records of %zu bytes)", count, size);
    return p;
}

char *mem_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(mem_zalloc(n, 1), text, n);
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        fatal("out of memory (formatting)");
    va_end(args);
    return text;
}

void *array_grow(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap == 0 ? 16 : *cap * 2;
    return mem_realloc(items, *cap, size);
}
