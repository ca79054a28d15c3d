#include "harness/run/marking.h"

#include "emul/base/mem.h"
#include "mvpnbench/emul_marking.h"
#include "mvpnbench/result.h"

#include <stdlib.h>

#define LOSSES_LISTED 1000

static json_t *blocks(const struct procedure *p, const struct emul_branch_loss *l, size_t count)
{
    json_t *list = json_array();
    int64_t length_ns = p->q->spec.marking_ns;
    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "n", json_integer(l[i].block));
        json_object_set_new(o, "colour", json_integer(l[i].block & 1));
        json_object_set_new(o, "begin", result_time(l[i].block * length_ns - p->begin.ns));
        json_object_set_new(o, "vpn", json_integer(l[i].vpn));
        json_object_set_new(o, "sent", json_integer((json_int_t)l[i].sent));
        json_object_set_new(o, "received", json_integer((json_int_t)l[i].received));
        json_object_set_new(o, "lost", json_integer((json_int_t)(l[i].sent - l[i].received)));
        json_array_append_new(list, o);
    }
    return list;
}

json_t *marking_record(const struct procedure *p)
{
    size_t count = emul_branch_count(p->emul);
    if (count == 0)
        return NULL;
    struct emul_branch_loss *losses = mem_zalloc(LOSSES_LISTED, sizeof(*losses));
    json_t *o = json_object(), *list = json_array();
    for (size_t i = 0; i < count; i++) {
        struct emul_branch b;
        emul_branch_get(p->emul, i, &b, losses, LOSSES_LISTED);
        size_t listed = b.loss_count < LOSSES_LISTED ? b.loss_count : LOSSES_LISTED;
        json_t *item = json_object();
        json_object_set_new(item, "from", json_string(b.from));
        json_object_set_new(item, "to", json_string(b.to));
        json_object_set_new(item, "sent", json_integer((json_int_t)b.sent));
        json_object_set_new(item, "received", json_integer((json_int_t)b.received));
        json_object_set_new(item, "lost", json_integer((json_int_t)b.lost));
        json_object_set_new(item, "lossy_blocks", json_integer((json_int_t)b.loss_count));
        json_object_set_new(item, "blocks", blocks(p, losses, listed));
        json_array_append_new(list, item);
    }
    json_object_set_new(o, "block_s", json_real((double)p->q->spec.marking_ns / 1e9));
    json_object_set_new(o, "branches", list);
    free(losses);
    return o;
}
