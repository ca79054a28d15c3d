#include "emul/wire/bgp_notification.h"

struct bgp_notification bgp_notification_of(const struct bgp_fault *fault)
{
    return (struct bgp_notification){fault->code, fault->subcode, fault->data};
}

enum wire_err bgp_notification_decode(struct bgp_slice body, struct bgp_notification *out)
{
    struct rd r = bgp_slice_rd(body);
    out->code = rd_u8(&r);
    out->subcode = rd_u8(&r);
    out->data.len = rd_left(&r);
    out->data.bytes = rd_bytes(&r, out->data.len);
    return rd_done(&r);
}

enum wire_err bgp_notification_encode(struct wr *w, const struct bgp_notification *v)
{
    size_t mark = bgp_begin(w, BGP_NOTIFICATION);
    wr_u8(w, v->code);
    wr_u8(w, v->subcode);
    wr_bytes(w, v->data.bytes, v->data.len);
    return bgp_end(w, mark);
}

void bgp_notification_print(FILE *f, const struct bgp_notification *v)
{
    static const char *const names[] = {
        [BGP_ERR_HEADER] = "message header error", [BGP_ERR_OPEN] = "open error",
        [BGP_ERR_UPDATE] = "update error",         [BGP_ERR_HOLD_EXPIRED] = "hold timer expired",
        [BGP_ERR_FSM] = "state machine error",     [BGP_ERR_CEASE] = "cease",
    };
    bool known = v->code >= BGP_ERR_HEADER && v->code <= BGP_ERR_CEASE;
    (void)fprintf(f, "bgp notification %u/%u %s", v->code, v->subcode,
                  known ? names[v->code] : "unknown error");
    if (v->data.len > 0)
        (void)fprintf(f, " data %zu", v->data.len);
}
