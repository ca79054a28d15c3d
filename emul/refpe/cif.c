#include "emul/refpe/cif.h"

#include "emul/base/rng.h"
#include "emul/refpe/hello.h"
#include "emul/refpe/limits.h"

uint32_t iface_add(struct refpe *pe, enum iface_kind kind, uint32_t vrf, struct pe_port *port,
                   ip4_t addr, uint8_t len)
{
    pe->ifaces = array_grow(pe->ifaces, pe->iface_count, &pe->iface_cap, sizeof(*pe->ifaces));
    uint32_t index = (uint32_t)pe->iface_count++;
    pe->ifaces[index] = (struct iface){
        .kind = kind,
        .vrf = vrf,
        .port = port,
        .addr = addr,
        .len = len,
        .nbrs = NONE,
        .lan_dirty = true,
        .hello = DUE_NONE,
        .triggered = DUE_NONE,
        .query = DUE_NONE,
        .other_querier = DUE_NONE,
        .members = NONE,
        .next_in_vrf = NONE,
    };
    iface_new_genid(pe, index);
    if (port != NULL)
        iface_set_header(&pe->ifaces[index], 0, 0);
    return index;
}

void iface_set_header(struct iface *f, uint16_t outer_vid, uint16_t inner_vid)
{
    struct wr w = wr_init(f->header, sizeof(f->header));
    struct eth e = {.src = f->port->mac,
                    .outer_vid = outer_vid,
                    .inner_vid = inner_vid,
                    .ethertype = ETHERTYPE_IPV4};
    (void)eth_encode(&w, &e);
    f->header_bytes = (uint8_t)w.pos;
}

bool iface_working(const struct refpe *pe, uint32_t iface)
{
    const struct iface *f = &pe->ifaces[iface];
    const struct pe_port *port = f->kind == IFACE_KIND_MTI ? pe->p_port : f->port;
    return !f->refused && port != NULL && port->working;
}

static uint64_t tag_key(size_t port, uint16_t outer, uint16_t inner)
{
    return (uint64_t)port << 32 | (uint32_t)outer << 16 | inner;
}

uint32_t iface_of_frame(const struct refpe *pe, const struct pe_port *port, uint16_t outer,
                        uint16_t inner)
{
    uint32_t index = map_get(&pe->cif_by_tags, tag_key(port->index, outer, inner));
    return index == MAP_NONE ? NONE : index;
}

void iface_new_genid(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    uint64_t h = hash_mix(hash_mix(hash_text(pe->seed, "refpe-genid"), iface), ++f->restarts);
    f->genid = (uint32_t)h;
}

const struct iface *iface_lan(struct refpe *pe, uint32_t iface)
{
    struct iface *f = &pe->ifaces[iface];
    if (!f->lan_dirty)
        return f;
    f->lan_dirty = false;
    f->propagation_ms = PROPAGATION_DELAY_MS;
    f->override_ms = OVERRIDE_INTERVAL_MS;
    bool all_have_option = true, all_t = true;
    uint32_t propagation = f->propagation_ms, override = f->override_ms;
    for (uint32_t i = f->nbrs; i != NONE; i = nbr_at(pe, i)->next) {
        const struct nbr *n = nbr_at(pe, i);
        all_have_option = all_have_option && n->has_lan_delay;
        all_t = all_t && n->t_bit;
        propagation = n->propagation_ms > propagation ? n->propagation_ms : propagation;
        override = n->override_ms > override ? n->override_ms : override;
    }
    if (all_have_option) {
        f->propagation_ms = propagation;
        f->override_ms = override;
    }
    f->suppression = !(all_have_option && all_t && f->nbr_count > 0);
    return f;
}

int iface_send(struct refpe *pe, uint32_t iface, struct mac dst, uint8_t *packet, size_t len)
{
    const struct iface *f = &pe->ifaces[iface];
    if (!f->port->working)
        return -1;
    uint8_t *frame = packet - f->header_bytes;
    memcpy(frame, f->header, f->header_bytes);
    memcpy(frame, dst.b, sizeof(dst.b));
    return port_send(f->port->port, frame, len + f->header_bytes, loop_now(pe->loop));
}

int refpe_cif_add(struct refpe *pe, const struct refpe_cif *cif)
{
    struct vrf *v = pe_vrf(pe, cif->vrf);
    bool known_igmp = cif->igmp_version == 0 || cif->igmp_version == 2 || cif->igmp_version == 3;
    if (v == NULL || cif->port >= pe->c_port_count || !known_igmp)
        return -1;
    uint64_t key = tag_key(cif->port, cif->outer_vid, cif->inner_vid);
    if (map_get(&pe->cif_by_tags, key) != MAP_NONE)
        return -1;
    uint32_t index =
        iface_add(pe, IFACE_KIND_C, cif->vrf, pe->c_ports[cif->port], cif->addr, cif->len);
    struct iface *f = &pe->ifaces[index];
    iface_set_header(f, cif->outer_vid, cif->inner_vid);
    f->refused = v->refused || !limits_room_cif(pe);
    if (f->refused)
        return 0;
    f->igmp_version = cif->igmp_version;
    v->last_hop = v->last_hop || cif->igmp_version != 0;
    pe->counts.c_interfaces++;
    map_put(&pe->cif_by_tags, key, index);
    /* Append: interfaces keep the order of configuration. */
    uint32_t *place = &v->cifs;
    while (*place != NONE)
        place = &pe->ifaces[*place].next_in_vrf;
    *place = index;
    return 0;
}
