/*
 * A JSON reader of our own, because jansson keeps a whole file as its tree and gives times as
 * doubles. It accepts what RFC 8259 does, but no key twice in an object, no key with a NUL, and
 * nesting as deep as no result has it.
 */
#include "reports/load.h"

#include "emul/base/mem.h"
#include "mvpnbench/result.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX  64u
#define NUMBER_MAX 64u /* digits: longer ones are no measurement */
#define BLOCK      (1u << 18)

struct reader {
    FILE *f;
    const char *path;
    struct err *err;
    struct share *share;
    int c; /* the character at line:column; EOF at the end */
    unsigned long line, column;
    unsigned depth;
    char *text; /* of the string that is being read */
    size_t length, capacity;
};

static json_t *read_value(struct reader *r);

/* ---- characters ---- */

static void next(struct reader *r)
{
    if (r->c == '\n') {
        r->line++;
        r->column = 0;
    }
    r->c = getc_unlocked(r->f);
    if ((r->c & 0xc0) != 0x80) /* columns are characters: bytes that continue one are none */
        r->column++;
}

static void skip_blank(struct reader *r)
{
    while (r->c == ' ' || r->c == '\n' || r->c == '\t' || r->c == '\r')
        next(r);
}

__attribute__((format(printf, 2, 3))) static json_t *wrong(struct reader *r, const char *format,
                                                           ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (ferror(r->f))
        err_set(r->err, ERR_USE, "%s:%lu:%lu: %s; name the directory of a run", r->path, r->line,
                r->column, strerror(errno));
    else
        err_set(r->err, ERR_USE, "%s:%lu:%lu: %s%s; name the directory of a run", r->path, r->line,
                r->column, r->c == EOF ? "the file ends here: " : "", what);
    return NULL;
}

/* ---- strings ---- */

static void put(struct reader *r, unsigned byte)
{
    if (r->length == r->capacity) {
        r->capacity = r->capacity == 0 ? 256 : 2 * r->capacity;
        r->text = mem_realloc(r->text, r->capacity, 1);
    }
    r->text[r->length++] = (char)byte;
}

static void put_code(struct reader *r, uint32_t code)
{
    if (code < 0x80) {
        put(r, code);
    } else if (code < 0x800) {
        put(r, 0xc0 | code >> 6);
        put(r, 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(r, 0xe0 | code >> 12);
        put(r, 0x80 | (code >> 6 & 0x3f));
        put(r, 0x80 | (code & 0x3f));
    } else {
        put(r, 0xf0 | code >> 18);
        put(r, 0x80 | (code >> 12 & 0x3f));
        put(r, 0x80 | (code >> 6 & 0x3f));
        put(r, 0x80 | (code & 0x3f));
    }
}

static bool read_hex4(struct reader *r, uint32_t *code)
{
    static const char digits[] = "0123456789abcdef";
    *code = 0;
    for (int i = 0; i < 4; i++) {
        next(r);
        int lower = r->c >= 'A' && r->c <= 'F' ? r->c - 'A' + 'a' : r->c;
        const char *at = lower <= 0 ? NULL : strchr(digits, lower);
        if (at == NULL)
            return false;
        *code = *code << 4 | (uint32_t)(at - digits);
    }
    return true;
}

static bool read_unicode(struct reader *r)
{
    uint32_t code, low;
    if (!read_hex4(r, &code))
        return false;
    if (code >= 0xd800 && code <= 0xdbff) { /* the first half of a pair (RFC 8259, 7) */
        next(r);
        if (r->c != '\\')
            return false;
        next(r);
        if (r->c != 'u' || !read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return false;
    }
    put_code(r, code);
    return true;
}

static bool read_escape(struct reader *r)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    next(r);
    if (r->c == 'u')
        return read_unicode(r);
    const char *at = r->c <= 0 ? NULL : strchr(letters, r->c);
    if (at == NULL)
        return false;
    put(r, (unsigned char)means[at - letters]);
    return true;
}

/* read_text reads a string into r->text, with a NUL behind it; r->c is its first quote. */
static bool read_text(struct reader *r)
{
    r->length = 0;
    for (next(r); r->c != '"'; next(r)) {
        if (r->c == '\\') {
            if (!read_escape(r)) {
                (void)wrong(r, "not an escape that JSON knows");
                return false;
            }
        } else if (r->c < 0x20) {
            (void)wrong(r, "a string that is not closed, or a control character in it");
            return false;
        } else {
            put(r, (unsigned)r->c);
        }
    }
    put(r, 0);
    r->length--;
    next(r);
    return true;
}

static json_t *read_string(struct reader *r)
{
    if (!read_text(r))
        return NULL;
    json_t *v = json_stringn(r->text, r->length);
    return v == NULL ? wrong(r, "a string that is not UTF-8") : share_value(r->share, v);
}

/* ---- numbers ---- */

struct number {
    char text[NUMBER_MAX + 1];
    size_t length;
    size_t decimals;
    bool exponent;
};

static bool digits(struct reader *r, struct number *n, size_t *count)
{
    *count = 0;
    for (; r->c >= '0' && r->c <= '9'; next(r), ++*count) {
        if (n->length == NUMBER_MAX)
            return false;
        n->text[n->length++] = (char)r->c;
    }
    return *count > 0;
}

static bool take_char(struct reader *r, struct number *n)
{
    if (n->length == NUMBER_MAX)
        return false;
    n->text[n->length++] = (char)r->c;
    next(r);
    return true;
}

static bool read_digits(struct reader *r, struct number *n)
{
    size_t whole, some;
    if (r->c == '-' && !take_char(r, n))
        return false;
    bool zero = r->c == '0';
    if (!digits(r, n, &whole) || (zero && whole > 1))
        return false;
    if (r->c == '.' && (!take_char(r, n) || !digits(r, n, &n->decimals)))
        return false;
    if (r->c == 'e' || r->c == 'E') {
        n->exponent = true;
        if (!take_char(r, n) || ((r->c == '+' || r->c == '-') && !take_char(r, n)) ||
            !digits(r, n, &some))
            return false;
    }
    return true;
}

/* The nanoseconds of "-12.000000345"; false where they are more than 64 bits hold. */
static bool nanoseconds(const struct number *n, int64_t *ns)
{
    char all[NUMBER_MAX + 1];
    size_t k = 0;
    for (size_t i = 0; i < n->length; i++) {
        if (n->text[i] != '.')
            all[k++] = n->text[i];
    }
    all[k] = '\0';
    errno = 0;
    *ns = strtoll(all, NULL, 10);
    return errno == 0;
}

static json_t *read_number(struct reader *r)
{
    struct number n = {.length = 0};
    int64_t ns;
    if (!read_digits(r, &n))
        return wrong(r, "not a number that JSON knows");
    n.text[n.length] = '\0';
    if (n.decimals == 9 && !n.exponent && nanoseconds(&n, &ns))
        return share_time(r->share, ns);
    errno = 0;
    if (n.decimals == 0 && !n.exponent) {
        long long whole = strtoll(n.text, NULL, 10);
        return errno != 0 ? wrong(r, "a number that is too large")
                          : share_value(r->share, json_integer(whole));
    }
    double real = strtod(n.text, NULL);
    return !isfinite(real) ? wrong(r, "a number that is too large")
                           : share_value(r->share, json_real(real));
}

/* ---- containers ---- */

static bool deeper(struct reader *r)
{
    if (r->depth == DEPTH_MAX)
        (void)wrong(r, "nested deeper than %u: no result is", DEPTH_MAX);
    return r->depth++ < DEPTH_MAX;
}

/* Reads a member, key and value, into object. */
static bool read_member(struct reader *r, json_t *object)
{
    if (r->c != '"') {
        (void)wrong(r, "a key in quotes is missing");
        return false;
    }
    if (!read_text(r))
        return false;
    if (strlen(r->text) != r->length) {
        (void)wrong(r, "a key with a NUL in it");
        return false;
    }
    if (json_object_get(object, r->text) != NULL) {
        (void)wrong(r, "the key \"%.60s\" stands twice in one object", r->text);
        return false;
    }
    char *key = mem_strdup(r->text);
    skip_blank(r);
    json_t *v = NULL;
    if (r->c != ':') {
        (void)wrong(r, "':' is missing behind a key");
    } else {
        next(r);
        v = read_value(r);
    }
    bool good = v != NULL && json_object_set_new(object, key, v) == 0;
    if (v != NULL && !good)
        (void)wrong(r, "a key that is not UTF-8");
    free(key);
    return good;
}

static bool read_item(struct reader *r, json_t *array)
{
    json_t *v = read_value(r);
    if (v != NULL && json_array_append_new(array, v) != 0)
        fatal("out of memory (result)");
    return v != NULL;
}

/* Reads the rest of a container up to its end; r->c is its first bracket. */
static json_t *read_container(struct reader *r, json_t *v, int end,
                              bool (*read)(struct reader *r, json_t *v))
{
    bool good = deeper(r);
    next(r);
    skip_blank(r);
    for (bool first = true; good && (!first || r->c != end); first = false) {
        skip_blank(r);
        good = read(r, v);
        skip_blank(r);
        if (!good || r->c == end)
            break;
        if (r->c != ',') {
            (void)wrong(r, "',' or '%c' is missing", end);
            good = false;
        } else {
            next(r);
        }
    }
    r->depth--;
    if (!good) {
        json_decref(v);
        return NULL;
    }
    next(r);
    return share_value(r->share, v);
}

static json_t *read_word(struct reader *r)
{
    char word[8];
    size_t n = 0;
    while (r->c >= 'a' && r->c <= 'z' && n < sizeof(word) - 1) {
        word[n++] = (char)r->c;
        next(r);
    }
    word[n] = '\0';
    if (strcmp(word, "true") == 0)
        return json_true();
    if (strcmp(word, "false") == 0)
        return json_false();
    return strcmp(word, "null") == 0 ? json_null() : wrong(r, "not a value that JSON knows");
}

static json_t *read_value(struct reader *r)
{
    skip_blank(r);
    if (r->c == '{')
        return read_container(r, json_object(), '}', read_member);
    if (r->c == '[')
        return read_container(r, json_array(), ']', read_item);
    if (r->c == '"')
        return read_string(r);
    if (r->c == '-' || (r->c >= '0' && r->c <= '9'))
        return read_number(r);
    return read_word(r);
}

/* ---- the file ---- */

/* What every reader of a result takes for granted. */
static const char *not_a_result(const json_t *result)
{
    const char *schema = json_string_value(json_object_get(result, "schema"));
    const json_t *cases = json_object_get(result, "cases");
    size_t i;
    const json_t *one;
    if (schema == NULL || strcmp(schema, RESULT_SCHEMA) != 0)
        return "not of schema " RESULT_SCHEMA;
    if (!json_is_array(cases))
        return "not of schema " RESULT_SCHEMA ": \"cases\" is no list";
    json_array_foreach(cases, i, one)
    {
        const json_t *instances = json_object_get(one, "instances");
        const json_t *maximum = json_object_get(one, "maximum");
        if (!json_is_object(one))
            return "not of schema " RESULT_SCHEMA ": a case that is no object";
        if ((instances != NULL && !json_is_array(instances)) ||
            (maximum != NULL && !json_is_array(maximum)))
            return "not of schema " RESULT_SCHEMA ": \"instances\" or \"maximum\" is no list";
    }
    return NULL;
}

json_t *result_load_shared(const char *path, struct share *share, struct err *err)
{
    struct reader r = {.path = path, .err = err, .share = share, .line = 1};
    r.f = fopen(path, "r");
    if (r.f == NULL) {
        err_set(err, ERR_USE, "%s:1:1: %s; name the directory of an earlier run", path,
                strerror(errno));
        return NULL;
    }
    char *block = mem_zalloc(BLOCK, 1); /* a result may be a hundred megabytes */
    (void)setvbuf(r.f, block, _IOFBF, BLOCK);
    next(&r);
    json_t *result = read_value(&r);
    skip_blank(&r);
    if (result != NULL && r.c != EOF) {
        (void)wrong(&r, "more behind the end of the result");
        json_decref(result);
        result = NULL;
    }
    const char *why = result == NULL ? NULL : not_a_result(result);
    if (why != NULL) {
        err_set(err, ERR_USE, "%s:1:1: %s; name the directory of a run", path, why);
        json_decref(result);
        result = NULL;
    }
    free(r.text);
    (void)fclose(r.f);
    free(block);
    return result;
}

json_t *result_load(const char *path, struct err *err)
{
    struct share share = {0};
    json_t *result = result_load_shared(path, &share, err);
    share_fini(&share);
    return result;
}
