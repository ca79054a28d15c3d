#include "reports/number.h"

#include "emul/base/instant.h"
#include "emul/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double has at most this many digits that mean something. */
#define REAL_DIGITS 17

void number_real(char text[NUMBER_TEXT], double v)
{
    for (int digits = 1; digits <= REAL_DIGITS; digits++) {
        (void)snprintf(text, NUMBER_TEXT, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    if (strpbrk(text, ".en") == NULL) /* not 1e+20, inf or nan */
        (void)strcat(text, ".0");
}

void number_time(char text[NUMBER_TEXT], int64_t ns, unsigned decimals)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    uint64_t unit = 1;
    for (unsigned i = decimals; i < 9; i++)
        unit *= 10;
    uint64_t rounded = size / unit + (size % unit >= (unit + 1) / 2 && unit > 1 ? 1 : 0);
    uint64_t per_second = (uint64_t)NS_PER_S / unit;
    const char *sign = ns < 0 && rounded > 0 ? "-" : "";
    if (decimals == 0)
        (void)snprintf(text, NUMBER_TEXT, "%s%" PRIu64, sign, rounded);
    else
        (void)snprintf(text, NUMBER_TEXT, "%s%" PRIu64 ".%0*" PRIu64, sign, rounded / per_second,
                       (int)decimals, rounded % per_second);
}

bool cell_value(char text[NUMBER_TEXT], const struct report_cell *cell)
{
    if (cell->kind == CELL_COUNT)
        (void)snprintf(text, NUMBER_TEXT, "%" PRId64, cell->count);
    else if (cell->kind == CELL_REAL)
        number_real(text, cell->real);
    else if (cell->kind == CELL_TIME)
        number_time(text, cell->ns, 9);
    else
        return false;
    return true;
}

char *cell_display(const struct report_cell *cell, const struct report_column *column)
{
    char text[NUMBER_TEXT];
    switch (cell->kind) {
    case CELL_TEXT:
        return mem_strdup(cell->text);
    case CELL_COUNT:
        return mem_printf("%" PRId64, cell->count);
    case CELL_REAL:
        return mem_printf(fabs(cell->real) < 1e12 ? "%.*f" : "%.*g", (int)column->decimals,
                          cell->real);
    case CELL_TIME:
        number_time(text, cell->ns, column->decimals);
        return mem_strdup(text);
    case CELL_NULL:
        break;
    }
    return mem_strdup("");
}
