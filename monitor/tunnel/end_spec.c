#include "monitor/tunnel/end.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int delay(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return text[0] != '\0' && *end == '\0' && isfinite(*out) && *out >= 0 &&
                   *out <= END_DELAY_MAX_MS
               ? 0
               : -1;
}

static int name(const char *text, char out[END_NAME_MAX])
{
    if (text[0] == '\0' || strlen(text) >= END_NAME_MAX || strpbrk(text, "/ \n") != NULL)
        return -1;
    (void)snprintf(out, END_NAME_MAX, "%s", text);
    return 0;
}

static int take(struct end_spec *s, const char *key, const char *value)
{
    if (strcmp(key, "name") == 0)
        return name(value, s->name);
    if (strcmp(key, "local") == 0)
        return ip4_parse(value, &s->local) ? 0 : -1;
    if (strcmp(key, "remote") == 0)
        return ip4_parse(value, &s->remote) ? 0 : -1;
    if (strcmp(key, "inner") == 0)
        return ip4_prefix_parse(value, &s->inner) ? 0 : -1;
    if (strcmp(key, "out") == 0)
        return delay(value, &s->out_ms);
    if (strcmp(key, "in") == 0)
        return delay(value, &s->in_ms);
    return -1;
}

int end_spec_parse(struct end_spec *s, const char *word, struct err *err)
{
    char copy[256], *at = copy, *part;
    *s = (struct end_spec){0};
    int good = strlen(word) < sizeof(copy) ? 0 : -1;
    (void)snprintf(copy, sizeof(copy), "%s", word);
    while (good == 0 && (part = strsep(&at, ",")) != NULL) {
        char *equals = strchr(part, '=');
        if (equals == NULL) {
            good = -1;
            break;
        }
        *equals = '\0';
        good = take(s, part, equals + 1);
    }
    if (good == 0 && s->name[0] != '\0' && s->local != 0 && s->remote != 0 && s->inner.addr != 0)
        return 0;
    err_set(err, ERR_USE,
            "gre-end: '%.120s' is no tunnel; say "
            "name=IF,local=ADDR,remote=ADDR,inner=ADDR/LEN[,out=MS][,in=MS]",
            word);
    return -1;
}

int end_delay_parse(struct end_spec *s, const char *line)
{
    char copy[128], *save, *word[4];
    size_t n = 0;
    if (strlen(line) >= sizeof(copy))
        return -1;
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *w = strtok_r(copy, " \t\r\n", &save); w != NULL && n < 4;
         w = strtok_r(NULL, " \t\r\n", &save))
        word[n++] = w;
    *s = (struct end_spec){0};
    return n == 3 && name(word[0], s->name) == 0 && delay(word[1], &s->out_ms) == 0 &&
                   delay(word[2], &s->in_ms) == 0
               ? 0
               : -1;
}
