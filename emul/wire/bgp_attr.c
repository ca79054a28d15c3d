#include "emul/wire/bgp_attr.h"

#include "emul/wire/bgp_id.h"

#include <inttypes.h>

#define OPTIONAL   0x80
#define TRANSITIVE 0x40
#define KIND       (OPTIONAL | TRANSITIVE)
#define EXTENDED   0x10
#define WELL_KNOWN TRANSITIVE

#define MALFORMED_LIST     1 /* subcodes of RFC 4271 6.3 */
#define UNKNOWN_WELL_KNOWN 2
#define FLAGS_ERROR        4
#define LENGTH_ERROR       5
#define OPTIONAL_ERROR     9

static void origin_decode(struct rd *r, struct bgp_attrs *out)
{
    out->origin = rd_u8(r);
    if (out->origin > BGP_ORIGIN_INCOMPLETE)
        rd_fail(r, WIRE_VALUE);
}

static size_t one_byte(const struct bgp_attrs *v)
{
    (void)v;
    return 1;
}

static size_t four_bytes(const struct bgp_attrs *v)
{
    (void)v;
    return 4;
}

static void origin_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u8(w, v->origin);
}

static void origin_print(FILE *f, const struct bgp_attrs *v)
{
    static const char *const names[] = {"igp", "egp", "incomplete"};
    (void)fprintf(f, "origin %s", names[v->origin]);
}

/* slice_take takes all that is left; a list is some items of that many bytes (RFC 7606 7.8). */
static struct bgp_slice slice_take(struct rd *r)
{
    size_t len = rd_left(r);
    return (struct bgp_slice){rd_bytes(r, len), len};
}

static struct bgp_slice list_take(struct rd *r, size_t item)
{
    if (rd_left(r) == 0 || rd_left(r) % item != 0)
        rd_fail(r, WIRE_LENGTH);
    return slice_take(r);
}

static void slice_encode(struct wr *w, struct bgp_slice s)
{
    wr_bytes(w, s.bytes, s.len);
}

static void path_decode(struct rd *r, struct bgp_attrs *out)
{
    struct rd walk = *r;
    while (rd_left(&walk) > 0) {
        uint8_t type = rd_u8(&walk), count = rd_u8(&walk);
        if (walk.err == WIRE_OK && ((type != BGP_AS_SET && type != BGP_AS_SEQUENCE) || count == 0))
            rd_fail(&walk, WIRE_VALUE);
        (void)rd_bytes(&walk, (size_t)count * 4);
    }
    out->as_path = slice_take(r);
    if (walk.err != WIRE_OK)
        rd_fail(r, walk.err);
}

static size_t path_bytes(const struct bgp_attrs *v)
{
    return v->as_path.len;
}

static void path_encode(struct wr *w, const struct bgp_attrs *v)
{
    slice_encode(w, v->as_path);
}

static void path_print(FILE *f, const struct bgp_attrs *v)
{
    struct rd r = bgp_slice_rd(v->as_path);
    (void)fputs("as-path [", f);
    for (const char *gap = ""; rd_left(&r) > 0; gap = " ") {
        bool set = rd_u8(&r) == BGP_AS_SET;
        unsigned count = rd_u8(&r);
        (void)fprintf(f, "%s%s", gap, set ? "{" : "");
        for (unsigned i = 0; i < count; i++)
            (void)fprintf(f, "%s%u", i > 0 ? " " : "", rd_u32(&r));
        (void)fputs(set ? "}" : "", f);
    }
    (void)fputc(']', f);
}

static void next_hop_decode(struct rd *r, struct bgp_attrs *out)
{
    out->next_hop = rd_u32(r);
}

static void next_hop_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u32(w, v->next_hop);
}

static void next_hop_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    (void)fprintf(f, "next-hop %s", ip4_text(v->next_hop, text));
}

static void med_decode(struct rd *r, struct bgp_attrs *out)
{
    out->med = rd_u32(r);
}

static void med_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u32(w, v->med);
}

static void med_print(FILE *f, const struct bgp_attrs *v)
{
    (void)fprintf(f, "med %u", v->med);
}

static void local_pref_decode(struct rd *r, struct bgp_attrs *out)
{
    out->local_pref = rd_u32(r);
}

static void local_pref_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u32(w, v->local_pref);
}

static void local_pref_print(FILE *f, const struct bgp_attrs *v)
{
    (void)fprintf(f, "local-pref %u", v->local_pref);
}

static void atomic_decode(struct rd *r, struct bgp_attrs *out)
{
    (void)r;
    (void)out;
}

static size_t no_bytes(const struct bgp_attrs *v)
{
    (void)v;
    return 0;
}

static void atomic_encode(struct wr *w, const struct bgp_attrs *v)
{
    (void)w;
    (void)v;
}

static void atomic_print(FILE *f, const struct bgp_attrs *v)
{
    (void)v;
    (void)fputs("atomic-aggregate", f);
}

static void aggregator_decode(struct rd *r, struct bgp_attrs *out)
{
    out->aggregator = (struct bgp_slice){rd_bytes(r, 8), 8};
}

static size_t aggregator_bytes(const struct bgp_attrs *v)
{
    return v->aggregator.len;
}

static void aggregator_encode(struct wr *w, const struct bgp_attrs *v)
{
    slice_encode(w, v->aggregator);
}

static void aggregator_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    struct rd r = bgp_slice_rd(v->aggregator);
    uint32_t as = rd_u32(&r);
    (void)fprintf(f, "aggregator %u %s", as, ip4_text(rd_u32(&r), text));
}

static void communities_decode(struct rd *r, struct bgp_attrs *out)
{
    out->communities = list_take(r, 4);
}

static size_t communities_bytes(const struct bgp_attrs *v)
{
    return v->communities.len;
}

static void communities_encode(struct wr *w, const struct bgp_attrs *v)
{
    slice_encode(w, v->communities);
}

static void communities_print(FILE *f, const struct bgp_attrs *v)
{
    struct rd r = bgp_slice_rd(v->communities);
    (void)fputs("communities", f);
    while (rd_left(&r) > 0) {
        uint32_t c = rd_u32(&r);
        if (c == BGP_NO_EXPORT)
            (void)fputs(" no-export", f);
        else
            (void)fprintf(f, " %u:%u", c >> 16, c & 0xffff);
    }
}

static void originator_decode(struct rd *r, struct bgp_attrs *out)
{
    out->originator_id = rd_u32(r);
}

static void originator_encode(struct wr *w, const struct bgp_attrs *v)
{
    wr_u32(w, v->originator_id);
}

static void originator_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    (void)fprintf(f, "originator %s", ip4_text(v->originator_id, text));
}

static void clusters_decode(struct rd *r, struct bgp_attrs *out)
{
    out->cluster_list = list_take(r, 4);
}

static size_t clusters_bytes(const struct bgp_attrs *v)
{
    return v->cluster_list.len;
}

static void clusters_encode(struct wr *w, const struct bgp_attrs *v)
{
    slice_encode(w, v->cluster_list);
}

static void clusters_print(FILE *f, const struct bgp_attrs *v)
{
    char text[IP4_TEXT];
    struct rd r = bgp_slice_rd(v->cluster_list);
    (void)fputs("clusters", f);
    while (rd_left(&r) > 0)
        (void)fprintf(f, " %s", ip4_text(rd_u32(&r), text));
}

static void ext_decode(struct rd *r, struct bgp_attrs *out)
{
    out->ext_communities = list_take(r, 8);
}

static size_t ext_bytes(const struct bgp_attrs *v)
{
    return v->ext_communities.len;
}

static void ext_encode(struct wr *w, const struct bgp_attrs *v)
{
    slice_encode(w, v->ext_communities);
}

static void ext_print(FILE *f, const struct bgp_attrs *v)
{
    struct rd r = bgp_slice_rd(v->ext_communities);
    for (const char *gap = ""; rd_left(&r) > 0; gap = " ") {
        (void)fputs(gap, f);
        bgp_ec_print(f, rd_u64(&r));
    }
}

/*
 * Everything that is understood, in the order of encoding. What a malformed one costs: RFC 7606
 * section 7 (RFC 6514 section 5 for PMSI_TUNNEL); CONNECTOR is Historic and nothing depends on it.
 */
static const struct attr_row {
    uint8_t type, flags;
    enum bgp_act malformed;
    void (*decode)(struct rd *r, struct bgp_attrs *out);
    size_t (*bytes)(const struct bgp_attrs *v);
    void (*encode)(struct wr *w, const struct bgp_attrs *v);
    void (*print)(FILE *f, const struct bgp_attrs *v);
} rows[] = {
    {BGP_ATTR_ORIGIN, WELL_KNOWN, BGP_ACT_WITHDRAW, origin_decode, one_byte, origin_encode,
     origin_print},
    {BGP_ATTR_AS_PATH, WELL_KNOWN, BGP_ACT_WITHDRAW, path_decode, path_bytes, path_encode,
     path_print},
    {BGP_ATTR_NEXT_HOP, WELL_KNOWN, BGP_ACT_WITHDRAW, next_hop_decode, four_bytes, next_hop_encode,
     next_hop_print},
    {BGP_ATTR_MED, OPTIONAL, BGP_ACT_WITHDRAW, med_decode, four_bytes, med_encode, med_print},
    {BGP_ATTR_LOCAL_PREF, WELL_KNOWN, BGP_ACT_WITHDRAW, local_pref_decode, four_bytes,
     local_pref_encode, local_pref_print},
    {BGP_ATTR_ATOMIC_AGGREGATE, WELL_KNOWN, BGP_ACT_DISCARD, atomic_decode, no_bytes, atomic_encode,
     atomic_print},
    {BGP_ATTR_AGGREGATOR, KIND, BGP_ACT_DISCARD, aggregator_decode, aggregator_bytes,
     aggregator_encode, aggregator_print},
    {BGP_ATTR_COMMUNITIES, KIND, BGP_ACT_WITHDRAW, communities_decode, communities_bytes,
     communities_encode, communities_print},
    {BGP_ATTR_EXT_COMMUNITIES, KIND, BGP_ACT_WITHDRAW, ext_decode, ext_bytes, ext_encode,
     ext_print},
    {BGP_ATTR_ORIGINATOR_ID, OPTIONAL, BGP_ACT_WITHDRAW, originator_decode, four_bytes,
     originator_encode, originator_print},
    {BGP_ATTR_CLUSTER_LIST, OPTIONAL, BGP_ACT_WITHDRAW, clusters_decode, clusters_bytes,
     clusters_encode, clusters_print},
    {BGP_ATTR_MP_REACH, OPTIONAL, BGP_ACT_RESET, bgp_reach_decode, bgp_reach_bytes,
     bgp_reach_encode, bgp_reach_print},
    {BGP_ATTR_MP_UNREACH, OPTIONAL, BGP_ACT_RESET, bgp_unreach_decode, bgp_unreach_bytes,
     bgp_unreach_encode, bgp_unreach_print},
    {BGP_ATTR_CONNECTOR, KIND, BGP_ACT_DISCARD, bgp_connector_decode, bgp_connector_bytes,
     bgp_connector_encode, bgp_connector_print},
    {BGP_ATTR_PMSI_TUNNEL, KIND, BGP_ACT_WITHDRAW, bgp_pmsi_decode, bgp_pmsi_bytes, bgp_pmsi_encode,
     bgp_pmsi_print},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct attr_row *row_find(uint8_t type)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].type == type)
            return &rows[i];
    }
    return NULL;
}

static void blame(struct bgp_fault *fault, enum bgp_act act, uint8_t subcode, uint8_t attribute,
                  const char *what, struct bgp_slice data)
{
    bgp_blame(fault, (struct bgp_fault){act, BGP_ERR_UPDATE, subcode, attribute, what, data});
}

static bool is_mp(uint8_t type)
{
    return type == BGP_ATTR_MP_REACH || type == BGP_ATTR_MP_UNREACH;
}

/* other_take keeps an attribute that is not understood, if it is optional (RFC 4271 6.3). */
static void other_take(const struct bgp_attr *a, struct bgp_slice whole, struct bgp_attrs *out,
                       struct bgp_fault *fault)
{
    if ((a->flags & OPTIONAL) == 0)
        blame(fault, BGP_ACT_RESET, UNKNOWN_WELL_KNOWN, a->type, "unknown well-known attribute",
              whole);
    else if (out->other_count == BGP_ATTR_OTHERS_MAX)
        blame(fault, BGP_ACT_DISCARD, OPTIONAL_ERROR, a->type, "too many unknown attributes",
              whole);
    else
        out->other[out->other_count++] = *a;
}

static void row_take(const struct attr_row *row, const struct bgp_attr *a, struct bgp_slice whole,
                     struct bgp_attrs *out, struct bgp_fault *fault)
{
    if ((out->present & BGP_HAS(a->type)) != 0) {
        blame(fault, is_mp(a->type) ? BGP_ACT_RESET : BGP_ACT_DISCARD, MALFORMED_LIST, a->type,
              "attribute stands twice", whole);
        return;
    }
    if ((a->flags & KIND) != row->flags) {
        blame(fault, is_mp(a->type) ? BGP_ACT_RESET : BGP_ACT_WITHDRAW, FLAGS_ERROR, a->type,
              "wrong flags", whole);
        return;
    }
    struct rd value = bgp_slice_rd(a->value);
    row->decode(&value, out);
    enum wire_err err = rd_done(&value);
    if (err == WIRE_OK)
        out->present |= BGP_HAS(a->type);
    else
        blame(fault, row->malformed, is_mp(a->type) ? OPTIONAL_ERROR : LENGTH_ERROR, a->type,
              "malformed", whole);
}

void bgp_attrs_decode(struct bgp_slice section, struct bgp_attrs *out, struct bgp_fault *fault)
{
    struct rd r = bgp_slice_rd(section);
    out->present = 0;
    out->other_count = 0;
    while (rd_left(&r) > 0) {
        size_t start = r.pos;
        struct bgp_attr a;
        a.flags = rd_u8(&r);
        a.type = rd_u8(&r);
        a.value.len = (a.flags & EXTENDED) != 0 ? rd_u16(&r) : rd_u8(&r);
        a.value.bytes = rd_bytes(&r, a.value.len);
        if (r.err != WIRE_OK) { /* RFC 7606 section 4 */
            blame(fault, BGP_ACT_WITHDRAW, MALFORMED_LIST, a.type, "attribute runs over the end",
                  (struct bgp_slice){0});
            return;
        }
        struct bgp_slice whole = {section.bytes + start, r.pos - start};
        const struct attr_row *row = row_find(a.type);
        if (row == NULL)
            other_take(&a, whole, out, fault);
        else
            row_take(row, &a, whole, out, fault);
    }
}

void bgp_attr_begin(struct wr *w, uint8_t flags, uint8_t type, size_t bytes)
{
    bool extended = bytes > UINT8_MAX;
    if (bytes > UINT16_MAX)
        (void)wr_fail(w, WIRE_LENGTH);
    wr_u8(w, (uint8_t)((flags & ~EXTENDED) | (extended ? EXTENDED : 0)));
    wr_u8(w, type);
    if (extended)
        wr_u16(w, (uint16_t)bytes);
    else
        wr_u8(w, (uint8_t)bytes);
}

/* rows_encode writes the present ones of the rows from..end - 1. */
static void rows_encode(struct wr *w, const struct bgp_attrs *v, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        if ((v->present & BGP_HAS(rows[i].type)) == 0)
            continue;
        bgp_attr_begin(w, rows[i].flags, rows[i].type, rows[i].bytes(v));
        rows[i].encode(w, v);
    }
}

/* The rows of MP_REACH and MP_UNREACH stand together. */
static size_t mp_rows(void)
{
    return (size_t)(row_find(BGP_ATTR_MP_REACH) - rows);
}

static void others_encode(struct wr *w, const struct bgp_attrs *v)
{
    for (size_t i = 0; i < v->other_count; i++) {
        const struct bgp_attr *a = &v->other[i];
        bgp_attr_begin(w, a->flags, a->type, a->value.len);
        slice_encode(w, a->value);
    }
}

enum wire_err bgp_attrs_encode(struct wr *w, const struct bgp_attrs *v)
{
    rows_encode(w, v, 0, ROWS);
    others_encode(w, v);
    return w->err;
}

void bgp_attrs_encode_before(struct wr *w, const struct bgp_attrs *v)
{
    rows_encode(w, v, 0, mp_rows());
}

void bgp_attrs_encode_behind(struct wr *w, const struct bgp_attrs *v)
{
    rows_encode(w, v, mp_rows() + 2, ROWS);
    others_encode(w, v);
}

static size_t head_bytes(size_t value)
{
    return value > UINT8_MAX ? 4 : 3;
}

size_t bgp_attrs_bytes_behind(const struct bgp_attrs *v)
{
    size_t n = 0;
    for (size_t i = mp_rows() + 2; i < ROWS; i++) {
        if ((v->present & BGP_HAS(rows[i].type)) != 0)
            n += head_bytes(rows[i].bytes(v)) + rows[i].bytes(v);
    }
    for (size_t i = 0; i < v->other_count; i++)
        n += head_bytes(v->other[i].value.len) + v->other[i].value.len;
    return n;
}

void bgp_attrs_print(FILE *f, const struct bgp_attrs *v)
{
    for (size_t i = 0; i < ROWS; i++) {
        if ((v->present & BGP_HAS(rows[i].type)) == 0)
            continue;
        (void)fputc(' ', f);
        rows[i].print(f, v);
    }
    for (size_t i = 0; i < v->other_count; i++)
        (void)fprintf(f, " attribute %u (%zu bytes)", v->other[i].type, v->other[i].value.len);
}
