/*
 * Memory. Allocation failure ends the process with one line: at start-up nothing is lost, and a run
 * that dies resumes from its journal. array_grow serves growing arrays of plain records.
 */
#ifndef MVPN_BASE_MEM_H
#define MVPN_BASE_MEM_H

#include <stddef.h>

/* mem_zalloc returns zeroed memory for count records of size bytes; never NULL (count 0 too). */
void *mem_zalloc(size_t count, size_t size);

/* mem_realloc is realloc for count records of size bytes that never returns NULL. */
void *mem_realloc(void *old, size_t count, size_t size);

/* mem_strdup copies a string; never NULL. */
char *mem_strdup(const char *text);

/* mem_printf formats into a fresh string that the caller frees. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * array_grow makes room for one more record at the end of a growing array: items has *cap records
 * of which count are in use. Returns the (moved) array.
 */
void *array_grow(void *items, size_t count, size_t *cap, size_t size);

#endif
