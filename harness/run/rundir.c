#include "harness/run/rundir.h"

#include "emul/base/mem.h"
#include "harness/case/case.h"
#include "harness/run/entry.h"
#include "harness/run/journal.h"
#include "harness/run/output.h"
#include "harness/run/record.h"
#include "mvpnbench/result.h"
#include "reports/load.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An instance that the journal has and result.json has not. */
struct late {
    char *id;
    json_t *entry; /* what entry_stamp needs of it, and the record */
};

/* Putting the two together. */
struct halves {
    json_t *result; /* its list of cases, and what is changed in a case, are not shared */
    json_t *ids;    /* of instances in it: an object with each as a key */
    struct share share;
    struct late *late;
    size_t late_count, late_capacity;
    size_t instances; /* in the journal */
    char *last;       /* id of the last of them */
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- the result so far ---- */

/* A run that was cut off before result.json was written for the first time. */
static json_t *bare_result(void)
{
    json_t *tool = json_pack("{s:n,s:n}", "version", "seed");
    return json_pack("{s:s,s:o,s:n,s:n,s:[]}", "schema", RESULT_SCHEMA, "tool", tool, "started",
                     "clock", "cases");
}

/* Copies as much of the tree as is going to be changed: the top, the list, each case and its
 * lists; what is below stays shared. */
static json_t *changeable(const json_t *result)
{
    json_t *top = json_copy((json_t *)(uintptr_t)result), *cases = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(result, "cases"), i, one)
    {
        json_t *copy = json_copy(one);
        json_t *instances = json_copy(json_object_get(one, "instances"));
        json_object_set_new(copy, "instances", instances == NULL ? json_array() : instances);
        json_t *deviations = json_deep_copy(json_object_get(one, "deviations"));
        json_object_set_new(copy, "deviations", deviations == NULL ? json_object() : deviations);
        json_array_append_new(cases, copy);
    }
    json_object_set_new(top, "cases", cases);
    return top;
}

static json_t *ids_of(const json_t *result)
{
    json_t *ids = json_object();
    size_t i, k;
    const json_t *one, *instance;
    json_array_foreach(json_object_get(result, "cases"), i, one)
    {
        json_array_foreach(json_object_get(one, "instances"), k, instance)
        {
            const char *id = text_of(instance, "id");
            if (id != NULL)
                json_object_set_new(ids, id, json_true());
        }
    }
    return ids;
}

static int read_result(struct halves *h, const char *dir, struct err *err)
{
    char *path = mem_printf("%s/result.json", dir);
    json_t *result =
        access(path, F_OK) != 0 ? bare_result() : result_load_shared(path, &h->share, err);
    free(path);
    if (result == NULL)
        return -1;
    h->result = changeable(result);
    h->ids = ids_of(h->result);
    json_decref(result);
    return 0;
}

/* ---- the journal ---- */

/* The record is this instance's alone, because its times are still to come; what is in it is
 * shared. */
static json_t *shared_record(struct share *share, json_t *record)
{
    const char *key;
    json_t *v;
    json_object_foreach(record, key, v)(void)
        json_object_set_new(record, key, share_tree(share, json_incref(v)));
    return record;
}

static void keep_late(struct halves *h, const char *id, const json_t *line, json_t *record)
{
    static const char *const keys[] = {"before_ns", "end_ns"};
    json_t *entry = json_object(), *v;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_set(entry, keys[i], json_object_get(line, keys[i]));
    if ((v = json_object_get(line, "notes")) != NULL)
        json_object_set_new(entry, "notes", share_tree(&h->share, json_incref(v)));
    json_object_set_new(entry, "record", shared_record(&h->share, json_incref(record)));
    h->late = array_grow(h->late, h->late_count, &h->late_capacity, sizeof(*h->late));
    h->late[h->late_count++] = (struct late){mem_strdup(id), entry};
}

/* Lines that are no instance (the head, the throughput trials) have no record. */
static void take_line(void *arg, json_t *line, unsigned number)
{
    struct halves *h = arg;
    const char *id = text_of(line, "id");
    json_t *record = json_object_get(line, "record");
    if (number > 1 && id != NULL && json_is_object(record)) {
        h->instances++;
        free(h->last);
        h->last = mem_strdup(id);
        if (json_object_get(h->ids, id) == NULL) {
            json_object_set_new(h->ids, id, json_true());
            keep_late(h, id, line, record);
        }
    }
    json_decref(line);
}

/* ---- together ---- */

/* The case of an instance "9.3-0004" is "9.3". The caller frees. */
static char *case_of(const char *id)
{
    const char *dash = strrchr(id, '-');
    return mem_printf("%.*s", dash == NULL ? (int)strlen(id) : (int)(dash - id), id);
}

/* The DUT of a run is the same in all of its cases. */
static json_t *new_case(const struct halves *h, const char *case_id)
{
    const json_t *first = json_array_get(json_object_get(h->result, "cases"), 0);
    json_t *dut = json_object_get(first, "dut");
    struct test_case *tc = case_find(case_id, NULL);
    json_t *one =
        json_pack("{s:s,s:s?,s:n,s:O?,s:n,s:[],s:[],s:{s:[],s:[]},s:[]}", "case", case_id, "title",
                  tc == NULL ? NULL : case_title(tc), "omitted", "dut", dut, "protocols", "maximum",
                  "instances", "deviations", "configuration", "procedure", "readings");
    if (tc != NULL)
        case_free(tc);
    return one;
}

/* Finds the case or puts a new one into its place in the draft's order. */
static json_t *case_object(struct halves *h, const char *case_id)
{
    json_t *cases = json_object_get(h->result, "cases"), *one;
    size_t i, at = 0;
    json_array_foreach(cases, i, one)
    {
        const char *id = text_of(one, "case");
        if (id != NULL && strcmp(id, case_id) == 0)
            return one;
        if (id != NULL && strverscmp(id, case_id) < 0)
            at = i + 1;
    }
    one = new_case(h, case_id);
    if (one == NULL)
        fatal("out of memory (result)");
    json_array_insert_new(cases, at, one);
    return one;
}

static void add_notes(json_t *to, const json_t *notes)
{
    static const char *const kinds[] = {"configuration", "procedure"};
    for (size_t k = 0; k < 2; k++) {
        size_t i;
        json_t *text;
        if (!json_is_array(json_object_get(to, kinds[k])))
            json_object_set_new(to, kinds[k], json_array());
        json_array_foreach(json_object_get(notes, kinds[k]), i, text)
        {
            if (json_is_string(text))
                record_note(to, kinds[k], json_string_value(text));
        }
    }
}

/* Where time goes on behind what result.json has. */
static int64_t end_of(const json_t *result)
{
    int64_t last = 0, ns;
    size_t i, k;
    const json_t *one, *instance;
    json_array_foreach(json_object_get(result, "cases"), i, one)
    {
        json_array_foreach(json_object_get(one, "instances"), k, instance)
        {
            if (result_is_time(json_object_get(instance, "end"), &ns) && ns > last)
                last = ns;
        }
    }
    return last;
}

static int by_id(const void *a, const void *b)
{
    return strverscmp(((const struct late *)a)->id, ((const struct late *)b)->id);
}

/* As a resumed run would put them together: by their numbers, on the virtual clock one after the
 * other. */
static void put_together(struct halves *h)
{
    const char *clock = text_of(h->result, "clock");
    bool stamp = clock != NULL && strcmp(clock, "virtual") == 0;
    int64_t end = end_of(h->result);
    if (h->late_count > 0)
        qsort(h->late, h->late_count, sizeof(*h->late), by_id);
    for (size_t i = 0; i < h->late_count; i++) {
        char *case_id = case_of(h->late[i].id);
        json_t *one = case_object(h, case_id), *entry = h->late[i].entry;
        if (stamp)
            end = entry_stamp(entry, end);
        json_array_append(json_object_get(one, "instances"), json_object_get(entry, "record"));
        add_notes(json_object_get(one, "deviations"), json_object_get(entry, "notes"));
        free(case_id);
    }
}

static void halves_fini(struct halves *h)
{
    for (size_t i = 0; i < h->late_count; i++) {
        free(h->late[i].id);
        json_decref(h->late[i].entry);
    }
    free(h->late);
    free(h->last);
    json_decref(h->ids);
    share_fini(&h->share);
}

static json_t *read_unfinished(const char *dir, char **unfinished, struct err *err)
{
    struct halves h = {0};
    if (read_result(&h, dir, err) != 0 || journal_each(dir, take_line, &h, err) != 0) {
        json_decref(h.result);
        halves_fini(&h);
        return NULL;
    }
    put_together(&h);
    *unfinished = output_unfinished(dir, h.instances, h.last);
    halves_fini(&h);
    return h.result;
}

json_t *rundir_read(const char *dir, char **unfinished, struct err *err)
{
    *unfinished = NULL;
    char *journal = mem_printf("%s/journal", dir), *path = mem_printf("%s/result.json", dir);
    bool whole = access(journal, F_OK) != 0 || journal_done(dir);
    json_t *result = whole ? result_load(path, err) : read_unfinished(dir, unfinished, err);
    free(path);
    free(journal);
    return result;
}
