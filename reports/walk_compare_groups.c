/* Which rows of a comparison are told as one. */
#include "reports/compare.h"
#include "reports/tree.h"
#include "reports/walk_compare.h"
#include "reports/words.h"

#include <stdlib.h>

#define STIMULI_NAMED 2u

static char *text_of(const json_t *row, size_t k)
{
    static const char *const keys[] = {"case", "where", "at", "table", "quantity"};
    json_t *said = json_array();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        (void)json_array_append(said, json_object_get(row, keys[i]));
    json_t *values = json_object_get(row, "values");
    if (k == 0) {
        (void)json_array_append(said, values);
        (void)json_array_append(said, json_object_get(row, "compared"));
    } else {
        (void)json_array_append(said, json_array_get(values, 0));
        (void)json_array_append(said, json_array_get(values, k));
        (void)json_array_append(said,
                                (json_t *)(uintptr_t)compare_walk_one(row, compare_letter(k)));
    }
    char *text = json_dumps(said, JSON_COMPACT);
    json_decref(said);
    return text;
}

void groups_init(struct compare_groups *g, const json_t *rows, size_t k)
{
    size_t i;
    json_t *row;
    *g = (struct compare_groups){json_object(), json_array(), json_array(), json_array()};
    json_array_foreach(rows, i, row)
    {
        char *text = text_of(row, k);
        json_t *number = text == NULL ? NULL : json_object_get(g->by_text, text);
        const char *stimulus = tree_text(row, "stimulus", NULL);
        if (number == NULL) {
            number = json_integer((json_int_t)json_array_size(g->first));
            (void)json_array_append_new(g->first, json_integer((json_int_t)i));
            (void)json_array_append_new(g->stimuli, json_array());
            if (text != NULL)
                (void)json_object_set(g->by_text, text, number);
            (void)json_array_append_new(g->of_row, number);
        } else {
            (void)json_array_append(g->of_row, number);
        }
        if (stimulus != NULL)
            (void)json_array_append_new(
                json_array_get(g->stimuli, (size_t)json_integer_value(number)),
                json_string(stimulus));
        free(text);
    }
}

void groups_fini(struct compare_groups *g)
{
    json_decref(g->by_text);
    json_decref(g->of_row);
    json_decref(g->stimuli);
    json_decref(g->first);
}

static size_t group_of(const struct compare_groups *g, size_t row)
{
    return (size_t)json_integer_value(json_array_get(g->of_row, row));
}

bool groups_first(const struct compare_groups *g, size_t row)
{
    return json_integer_value(json_array_get(g->first, group_of(g, row))) == (json_int_t)row;
}

char *groups_stimuli(const struct compare_groups *g, size_t row)
{
    const json_t *names = json_array_get(g->stimuli, group_of(g, row));
    struct words w = {0};
    size_t n = json_array_size(names);
    for (size_t i = 0; i < n && i < STIMULI_NAMED; i++)
        words_add(&w, ", ", "%s", json_string_value(json_array_get(names, i)));
    if (n > STIMULI_NAMED)
        words_add(&w, " ", "and %zu more", n - STIMULI_NAMED);
    return words_take(&w);
}
