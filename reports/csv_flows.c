/*
 * One row a flow: the files that instances recorded (docs/side-files.md), one after the other with
 * the case and the instance before each row. Nothing but a line is held at a time.
 */
#include "emul/base/mem.h"
#include "reports/csv_write.h"
#include "reports/reports.h"
#include "reports/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool number;
} columns[] = {{"vpn", true},           {"flow", true},           {"direction", false},
               {"group", false},        {"source", false},        {"receiver", false},
               {"sent", true},          {"received", true},       {"lost", true},
               {"not_joined", true},    {"duplicate", true},      {"reordered", true},
               {"misdelivered", true},  {"latency_min_ns", true}, {"latency_avg_ns", true},
               {"latency_max_ns", true}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct flow_file {
    FILE *f;
    char *path; /* owned, as the line */
    char *line;
    size_t capacity;
    unsigned long number;
};

/* A name in the result leads to nowhere but the run's own directory. */
static bool is_plain(const char *name)
{
    return *name != '\0' && *name != '.' && strchr(name, '/') == NULL;
}

/* next_fields reads a line and takes it apart in place; how many fields it has, 0 at the end. */
static size_t next_fields(struct flow_file *file, char *fields[COLUMNS])
{
    ssize_t n = getline(&file->line, &file->capacity, file->f);
    size_t count = 0;
    if (n <= 0)
        return 0;
    file->number++;
    file->line[strcspn(file->line, "\r\n")] = '\0';
    for (char *p = file->line; p != NULL; count++) {
        char *comma = strchr(p, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (count < COLUMNS)
            fields[count] = p;
        p = comma;
    }
    return count;
}

static int damaged(const struct flow_file *file, struct err *err, const char *what)
{
    err_set(err, ERR_USE, "%s:%lu:1: %s; record the flows again with --set report.flows=true",
            file->path, file->number, what);
    return -1;
}

static int check_header(struct flow_file *file, struct err *err)
{
    char *fields[COLUMNS];
    size_t count = next_fields(file, fields);
    for (size_t i = 0; i < COLUMNS && count == COLUMNS; i++)
        count = strcmp(fields[i], columns[i].name) == 0 ? count : 0;
    return count == COLUMNS ? 0 : damaged(file, err, "not the header of recorded flows");
}

static bool put_number(struct csv *csv, const char *text)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (*text == '\0') {
        csv_null(csv);
        return true;
    }
    csv_number(csv, (struct report_cell){.kind = CELL_COUNT, .count = v});
    return *end == '\0' && errno == 0 && *text > ' ';
}

static int copy_rows(struct flow_file *file, struct csv *csv, const char *case_id, const char *id,
                     struct err *err)
{
    char *fields[COLUMNS];
    size_t count;
    while ((count = next_fields(file, fields)) > 0) {
        if (count != COLUMNS)
            return damaged(file, err, "a row with another number of fields");
        csv_text(csv, case_id);
        csv_text(csv, id);
        for (size_t i = 0; i < COLUMNS; i++) {
            if (!columns[i].number)
                csv_text(csv, *fields[i] == '\0' ? NULL : fields[i]);
            else if (!put_number(csv, fields[i]))
                return damaged(file, err, "a field that is no number");
        }
        csv_end(csv);
    }
    return 0;
}

static int copy_file(struct csv *csv, const char *dir, const char *case_id, const json_t *instance,
                     struct err *err)
{
    const char *name = tree_text(instance, "flows", NULL), *id = tree_text(instance, "id", "");
    if (name == NULL)
        return 0;
    struct flow_file file = {.path = mem_printf("%s/%s", dir, name)};
    int rc = -1;
    if (!is_plain(name))
        err_set(err, ERR_USE,
                "%s/result.json:1:1: the flows of %.60s are not in the run's "
                "directory; name the directory of a run",
                dir, id);
    else if ((file.f = fopen(file.path, "r")) == NULL)
        err_set(err, ERR_USE, "%s:1:1: %s; copy the whole directory of the run", file.path,
                strerror(errno));
    else
        rc = check_header(&file, err);
    if (rc == 0)
        rc = copy_rows(&file, csv, case_id, id, err);
    if (file.f != NULL)
        (void)fclose(file.f);
    free(file.line);
    free(file.path);
    return rc;
}

static bool any_recorded(const json_t *result)
{
    size_t i, k;
    const json_t *one_case, *instance;
    json_array_foreach(json_object_get(result, "cases"), i, one_case)
    {
        json_array_foreach(json_object_get(one_case, "instances"), k, instance)
        {
            if (json_is_string(json_object_get(instance, "flows")))
                return true;
        }
    }
    return false;
}

int report_csv_flows(FILE *f, const struct report_input *in, struct err *err)
{
    struct csv csv = {.f = f};
    size_t i, k;
    const json_t *one_case, *instance;
    if (in->dir == NULL || !any_recorded(in->result)) {
        err_set(err, ERR_USE,
                "no instance of this run has its flows recorded; run it with --set "
                "report.flows=true");
        return -1;
    }
    csv_name(&csv, "case");
    csv_name(&csv, "instance");
    for (i = 0; i < COLUMNS; i++)
        csv_name(&csv, columns[i].name);
    csv_end(&csv);
    json_array_foreach(json_object_get(in->result, "cases"), i, one_case)
    {
        const char *case_id = tree_text(one_case, "case", "");
        json_array_foreach(json_object_get(one_case, "instances"), k, instance)
        {
            if (copy_file(&csv, in->dir, case_id, instance, err) != 0)
                return -1;
        }
    }
    return 0;
}
