#include "emul/conf/yaml.h"

#include "emul/base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

/* Files of this program are a few hundred lines; what is larger is not one of them. */
#define FILE_BYTES_MAX (1024 * 1024)
#define DEPTH_MAX      16

struct reader {
    yaml_parser_t parser;
    const char *file;
    struct err *err;
};

/* One line for the user whatever stands in the file. */
static void make_one_line(char *text)
{
    for (char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
}

static void place_error(struct err *err, const char *file, size_t line, size_t col,
                        const char *text)
{
    char one_line[512];
    (void)snprintf(one_line, sizeof(one_line), "%s", text);
    make_one_line(one_line);
    err_set(err, ERR_USE, "%.400s:%zu:%zu: %s", file, line, col, one_line);
}

void yaml_error(struct err *err, const struct ynode *at, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    place_error(err, at->file, at->line, at->col, text);
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    const yaml_parser_t *p = &r->parser;
    const yaml_mark_t *mark = p->error == YAML_READER_ERROR || p->error == YAML_MEMORY_ERROR
                                  ? &p->mark
                                  : &p->problem_mark;
    char text[256];
    (void)snprintf(text, sizeof(text), "%s; correct the YAML here",
                   p->problem == NULL ? "not YAML" : p->problem);
    place_error(r->err, r->file, mark->line + 1, mark->column + 1, text);
    return false;
}

static struct ynode *node_new(const struct reader *r, enum ynode_kind kind, const yaml_mark_t *at)
{
    struct ynode *n = mem_zalloc(1, sizeof(*n));
    n->kind = kind;
    n->file = r->file;
    n->line = (unsigned)at->line + 1;
    n->col = (unsigned)at->column + 1;
    return n;
}

static void node_free(struct ynode *n)
{
    if (n == NULL)
        return;
    for (size_t i = 0; i < n->count; i++) {
        node_free(n->items[i]);
        if (n->keys != NULL)
            node_free(n->keys[i]);
    }
    free(n->items);
    free(n->keys);
    free(n->text);
    free(n);
}

static void append(struct ynode *n, struct ynode *key, struct ynode *value)
{
    if ((n->count & (n->count - 1)) == 0) { /* full at 0, 1, 2, 4, 8 ... */
        size_t cap = n->count == 0 ? 1 : n->count * 2;
        n->items = mem_realloc(n->items, cap, sizeof(*n->items));
        if (n->kind == YNODE_MAP)
            n->keys = mem_realloc(n->keys, cap, sizeof(*n->keys));
    }
    if (n->kind == YNODE_MAP)
        n->keys[n->count] = key;
    n->items[n->count++] = value;
}

static struct ynode *read_value(struct reader *r, yaml_event_t *event, unsigned depth);

static struct ynode *read_scalar(struct reader *r, const yaml_event_t *event)
{
    struct ynode *n = node_new(r, YNODE_SCALAR, &event->start_mark);
    const char *value = (const char *)event->data.scalar.value;
    if (strlen(value) != event->data.scalar.length) {
        yaml_error(r->err, n, "a NUL character in a text; remove it");
        node_free(n);
        return NULL;
    }
    n->text = mem_strdup(value);
    n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return n;
}

static struct ynode *read_key(struct reader *r, const yaml_event_t *event, const struct ynode *map)
{
    if (event->type != YAML_SCALAR_EVENT) {
        place_error(r->err, r->file, event->start_mark.line + 1, event->start_mark.column + 1,
                    "a key must be a word");
        return NULL;
    }
    struct ynode *key = read_scalar(r, event);
    if (key != NULL && yaml_get(map, key->text) != NULL) {
        yaml_error(r->err, key, "'%s' stands here a second time; remove one", key->text);
        node_free(key);
        return NULL;
    }
    return key;
}

/* read_members reads until the end of a list or map; false on the first mistake. */
static bool read_members(struct reader *r, struct ynode *n, unsigned depth)
{
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        struct ynode *key = NULL;
        if (n->kind == YNODE_MAP) {
            key = read_key(r, &event, n);
            yaml_event_delete(&event);
            if (key == NULL)
                return false;
            if (!next_event(r, &event)) {
                node_free(key);
                return false;
            }
        }
        struct ynode *value = read_value(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (value == NULL) {
            node_free(key);
            return false;
        }
        append(n, key, value);
    }
}

static const char *refusal(const yaml_event_t *event, unsigned depth)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
        return "anchors and aliases are not taken; write the value out";
    if (tag != NULL)
        return "tags are not taken; write the plain value";
    if (depth > DEPTH_MAX)
        return "nested too deeply";
    return NULL;
}

static struct ynode *read_value(struct reader *r, yaml_event_t *event, unsigned depth)
{
    const char *why = refusal(event, depth);
    if (why != NULL) {
        place_error(r->err, r->file, event->start_mark.line + 1, event->start_mark.column + 1, why);
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(r, event);
    struct ynode *n = node_new(r, event->type == YAML_MAPPING_START_EVENT ? YNODE_MAP : YNODE_LIST,
                               &event->start_mark);
    if (!read_members(r, n, depth)) {
        node_free(n);
        return NULL;
    }
    return n;
}

/* read_document reads one document and refuses a second. */
static struct ynode *read_document(struct reader *r)
{
    struct ynode *root = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event))
            break;
        yaml_event_type_t type = event.type;
        bool failed = false;
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            place_error(r->err, r->file, event.start_mark.line + 1, event.start_mark.column + 1,
                        "a second document begins here; one file holds one");
            failed = true;
        } else if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                   type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT) {
            root = read_value(r, &event, 0);
            failed = root == NULL;
        }
        yaml_event_delete(&event);
        if (failed)
            break;
        if (type == YAML_STREAM_END_EVENT) {
            if (root == NULL)
                place_error(r->err, r->file, 1, 1, "the file is empty");
            return root;
        }
    }
    node_free(root);
    return NULL;
}

static FILE *open_regular(const char *path, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        err_set(err, ERR_USE, "%.400s: %s", path, strerror(errno));
        return NULL;
    }
    struct stat st;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX) {
        err_set(err, ERR_USE, "%.400s: not a text file of at most 1 MiB", path);
        (void)fclose(f);
        return NULL;
    }
    return f;
}

struct ynode *yaml_load(const char *path, struct err *err)
{
    struct err own = {0};
    FILE *f = open_regular(path, err);
    if (f == NULL)
        return NULL;
    struct reader r = {.file = mem_strdup(path), .err = err == NULL ? &own : err};
    if (!yaml_parser_initialize(&r.parser))
        fatal("out of memory");
    yaml_parser_set_input_file(&r.parser, f);
    struct ynode *root = read_document(&r);
    yaml_parser_delete(&r.parser);
    (void)fclose(f);
    if (root == NULL)
        free((void *)(uintptr_t)r.file);
    return root;
}

void ynode_free(struct ynode *root)
{
    if (root == NULL)
        return;
    char *file = (char *)(uintptr_t)root->file;
    node_free(root);
    free(file);
}

const struct ynode *yaml_get(const struct ynode *map, const char *key)
{
    if (map == NULL || map->kind != YNODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    }
    return NULL;
}

/* text_number reads a plain decimal number; no hexadecimal, no "inf". */
static bool text_number(const char *text, double *out)
{
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(v))
        return false;
    *out = v;
    return true;
}

bool yaml_number(const struct ynode *n, double *out, struct err *err)
{
    if (n->kind == YNODE_SCALAR && !n->quoted && text_number(n->text, out))
        return true;
    if (n->kind == YNODE_SCALAR)
        yaml_error(err, n, "'%.60s' is not a number; write one, without quotes", n->text);
    else
        yaml_error(err, n, "a number must stand here");
    return false;
}

static int text_bool(const char *text)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0)
            return (int)(i & 1);
    }
    return -1;
}

bool yaml_bool(const struct ynode *n, bool *out, struct err *err)
{
    int v = n->kind == YNODE_SCALAR ? text_bool(n->text) : -1;
    if (v < 0) {
        yaml_error(err, n, "true or false must stand here");
        return false;
    }
    *out = v == 1;
    return true;
}

static json_t *scalar_json(const struct ynode *n)
{
    double v;
    if (n->quoted)
        return json_string(n->text);
    if (strcmp(n->text, "true") == 0 || strcmp(n->text, "false") == 0)
        return json_boolean(n->text[0] == 't');
    if (strcmp(n->text, "null") == 0 || strcmp(n->text, "~") == 0 || n->text[0] == '\0')
        return json_null();
    if (!text_number(n->text, &v))
        return json_string(n->text);
    errno = 0;
    char *end;
    long long whole = strtoll(n->text, &end, 10);
    return *end == '\0' && errno == 0 ? json_integer(whole) : json_real(v);
}

json_t *yaml_json(const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR)
        return scalar_json(n);
    json_t *out = n->kind == YNODE_LIST ? json_array() : json_object();
    for (size_t i = 0; i < n->count; i++) {
        json_t *item = yaml_json(n->items[i]);
        if (n->kind == YNODE_LIST)
            (void)json_array_append_new(out, item);
        else
            (void)json_object_set_new(out, n->keys[i]->text, item);
    }
    return out;
}
