#include "emul/wire/bgp_print.h"

#include "emul/wire/bgp_notification.h"
#include "emul/wire/bgp_open.h"
#include "emul/wire/bgp_refresh.h"
#include "emul/wire/bgp_update.h"

#define MARKER 16

/* begins_message: all of the marker that is there is one. */
static bool begins_message(const uint8_t *payload, size_t len)
{
    size_t n = 0;
    while (n < len && n < MARKER && payload[n] == 0xff)
        n++;
    return n == len || n == MARKER;
}

static void fault_print(FILE *f, const char *name, const struct bgp_fault *fault)
{
    (void)fprintf(f, "bgp %s: ", name);
    bgp_fault_print(f, fault);
}

static void open_layer(FILE *f, struct bgp_slice body)
{
    struct bgp_open v;
    struct bgp_fault fault = bgp_open_decode(body, &v);
    if (fault.act == BGP_ACT_NONE)
        bgp_open_print(f, &v);
    else
        fault_print(f, "open", &fault);
}

/* update_layer prints what is left of a message whose session would go on. */
static void update_layer(FILE *f, struct bgp_slice body)
{
    struct bgp_update v;
    struct bgp_fault fault = bgp_update_decode(body, &v);
    if (fault.act != BGP_ACT_NONE)
        fault_print(f, "update", &fault);
    if (fault.act == BGP_ACT_DISCARD || fault.act == BGP_ACT_WITHDRAW)
        (void)fputs(": ", f);
    if (fault.act != BGP_ACT_RESET)
        bgp_update_print(f, &v);
}

static void notification_layer(FILE *f, struct bgp_slice body)
{
    struct bgp_notification v;
    if (bgp_notification_decode(body, &v) == WIRE_OK)
        bgp_notification_print(f, &v);
}

static void refresh_layer(FILE *f, struct bgp_slice body)
{
    struct bgp_refresh v;
    if (bgp_refresh_decode(body, &v) == WIRE_OK)
        bgp_refresh_print(f, &v);
}

static void keepalive_layer(FILE *f, struct bgp_slice body)
{
    (void)body;
    (void)fputs("bgp keepalive", f);
}

static void message_print(FILE *f, const uint8_t *message, size_t len)
{
    static void (*const layers[])(FILE * f, struct bgp_slice body) = {
        [BGP_OPEN] = open_layer,
        [BGP_UPDATE] = update_layer,
        [BGP_NOTIFICATION] = notification_layer,
        [BGP_KEEPALIVE] = keepalive_layer,
        [BGP_ROUTE_REFRESH] = refresh_layer,
    };
    enum bgp_type type;
    struct bgp_slice body;
    struct bgp_fault fault = bgp_message_open(message, len, &type, &body);
    if (fault.act == BGP_ACT_NONE)
        layers[type](f, body);
    else
        fault_print(f, "header", &fault);
}

/* cut_print says of the end of a payload how much of a message is there. */
static void cut_print(FILE *f, const uint8_t *at, size_t left, size_t need)
{
    if (left < BGP_HEADER)
        (void)fprintf(f, "bgp: %zu bytes, continued in the next segment", left);
    else
        (void)fprintf(f, "bgp %s: %zu of %zu bytes, continued in the next segment",
                      bgp_type_name((enum bgp_type)at[BGP_HEADER - 1]), left, need);
}

void bgp_segment_print(FILE *f, const uint8_t *payload, size_t len, unsigned indent)
{
    for (size_t at = 0, need; at < len; at += need) {
        struct bgp_fault why;
        enum bgp_framing framing = bgp_frame(payload + at, len - at, &need, &why);
        (void)fprintf(f, "%*s", (int)indent, "");
        if (at == 0 && !begins_message(payload, len)) {
            (void)fprintf(f, "bgp: %zu bytes, continued from an earlier segment\n", len);
            return;
        }
        if (framing == BGP_BROKEN)
            fault_print(f, "header", &why);
        else if (framing == BGP_NEEDS_MORE)
            cut_print(f, payload + at, len - at, need);
        else
            message_print(f, payload + at, need);
        (void)fputc('\n', f);
        if (framing != BGP_WHOLE)
            return;
    }
}
