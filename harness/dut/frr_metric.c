#include "harness/dut/frr_metric.h"

#include "harness/dut/mti_program.h"

#include <string.h>

static bool is_c_interface(const char *name)
{
    return name[0] == 'c' && name[1] >= '0' && name[1] <= '9';
}

static bool is_mti(const char *name)
{
    return strcmp(name, MTI_IFNAME) == 0;
}

int frr_count_neighbours(const json_t *json, struct frr_vrf_state *out)
{
    const char *name;
    json_t *neighbours;
    if (!json_is_object(json))
        return -1;
    json_object_foreach((json_t *)json, name, neighbours)
    {
        if (!json_is_object(neighbours))
            return -1;
        int64_t n = (int64_t)json_object_size(neighbours);
        if (is_mti(name))
            out->mti_neighbours += n;
        else if (is_c_interface(name))
            out->c_neighbours += n;
    }
    return 0;
}

int frr_count_interfaces(const json_t *json, struct frr_vrf_state *out)
{
    const char *name;
    json_t *interface;
    if (!json_is_object(json))
        return -1;
    json_object_foreach((json_t *)json, name, interface)
    {
        const char *state = json_string_value(json_object_get(interface, "state"));
        if (state == NULL)
            return -1;
        if (strcmp(state, "up") != 0)
            continue;
        if (is_mti(name))
            out->mti_up = true;
        else if (is_c_interface(name))
            out->c_interfaces++;
    }
    return 0;
}

static int64_t count_oifs(const json_t *mroute)
{
    const char *name;
    json_t *oif;
    int64_t n = 0;
    json_t *list = json_object_get(mroute, "oil");
    json_object_foreach(list, name, oif)
    {
        if (strcmp(name, "pimreg") != 0)
            n++;
    }
    return n;
}

/* The number of outgoing interfaces of an mroute that can forward, else 0. */
static int64_t forwards(const json_t *mroute)
{
    if (json_integer_value(json_object_get(mroute, "installed")) == 0)
        return 0;
    return count_oifs(mroute);
}

int frr_count_routes(const json_t *json, struct frr_routes *out)
{
    const char *group, *source;
    json_t *sources, *mroute;
    if (!json_is_object(json))
        return -1;
    json_object_foreach((json_t *)json, group, sources)
    {
        if (!json_is_object(sources))
            return -1;
        json_object_foreach(sources, source, mroute)
        {
            int64_t oifs = forwards(mroute);
            if (oifs == 0)
                continue;
            out->oifs += oifs;
            if (strcmp(source, "*") == 0)
                out->starg++;
            else
                out->sg++;
        }
    }
    return 0;
}

bool frr_has_starg(const json_t *mroutes, ip4_t group)
{
    char text[IP4_TEXT];
    return forwards(json_object_get(json_object_get(mroutes, ip4_text(group, text)), "*")) > 0;
}

bool frr_has_sg(const json_t *mroutes, ip4_t source, ip4_t group)
{
    char s[IP4_TEXT], g[IP4_TEXT];
    const json_t *sources = json_object_get(mroutes, ip4_text(group, g));
    return forwards(json_object_get(sources, ip4_text(source, s))) > 0;
}

int64_t frr_count_sg_within(const json_t *mroutes, struct ip4_prefix groups)
{
    const char *group, *source;
    json_t *sources, *mroute;
    int64_t n = 0;
    json_object_foreach((json_t *)mroutes, group, sources)
    {
        ip4_t g;
        if (!ip4_parse(group, &g) || (g & ip4_mask(groups.len)) != groups.addr)
            continue;
        json_object_foreach(sources, source, mroute) n +=
            strcmp(source, "*") != 0 && forwards(mroute) > 0;
    }
    return n;
}
