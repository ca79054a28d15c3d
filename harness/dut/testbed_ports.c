#include "harness/dut/testbed_ports.h"

#include "emul/base/mem.h"
#include "emul/io/pktport.h"

#include <stdlib.h>

bool testbed_names_ports(const struct dut_context *ctx)
{
    return json_object_get(ctx->testbed, "ports") != NULL;
}

static struct port *open_one(const struct dut_context *ctx, const char *side, const char *ifname,
                             const json_t *port, struct err *err)
{
    struct pktport_params params = {.name = side,
                                    .ifname = ifname,
                                    .netns = json_string_value(json_object_get(port, "namespace")),
                                    .force = ctx->force};
    if (ifname == NULL) {
        err_set(err, ERR_USE, "the testbed file names an interface of %s by a number; quote it",
                side);
        return NULL;
    }
    struct port *p = pktport_open(ctx->loop, &params, err);
    if (p == NULL || p->mtu >= ctx->mtu)
        return p;
    err_set(err, ERR_TESTBED, "interface %s has an MTU of %u, the testbed file says %u", ifname,
            p->mtu, ctx->mtu);
    port_free(p);
    return NULL;
}

int testbed_ports_open(struct testbed_ports *t, const struct dut_context *ctx, struct err *err)
{
    const json_t *ports = json_object_get(ctx->testbed, "ports");
    const json_t *a1 = json_object_get(ports, "a1"), *a3 = json_object_get(ports, "a3");
    const json_t *many = json_object_get(a1, "interfaces");
    size_t count = many == NULL ? 1 : json_array_size(many);
    *t = (struct testbed_ports){.trunk = many == NULL, .a1 = mem_zalloc(count, sizeof(*t->a1))};
    for (; t->a1_count < count; t->a1_count++) {
        const json_t *name =
            many == NULL ? json_object_get(a1, "interface") : json_array_get(many, t->a1_count);
        t->a1[t->a1_count] = open_one(ctx, "a1", json_string_value(name), a1, err);
        if (t->a1[t->a1_count] == NULL)
            break;
    }
    if (t->a1_count == count)
        t->a3 = open_one(ctx, "a3", json_string_value(json_object_get(a3, "interface")), a3, err);
    if (t->a3 != NULL)
        return 0;
    testbed_ports_close(t);
    return -1;
}

void testbed_ports_close(struct testbed_ports *t)
{
    for (size_t i = 0; i < t->a1_count; i++)
        port_free(t->a1[i]);
    port_free(t->a3);
    free(t->a1);
    *t = (struct testbed_ports){0};
}
