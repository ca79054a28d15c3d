#include "emul/wire/pim_jp.h"

#define GROUPS_MAX 255

enum wire_err pim_jp_decode(struct rd *body, struct pim_jp *out, struct pim_jp_iter *it)
{
    out->upstream = pim_rd_unicast(body);
    (void)rd_u8(body);
    out->groups = rd_u8(body);
    out->holdtime_s = rd_u16(body);
    if (body->err == WIRE_OK && rd_left(body) < (size_t)out->groups * PIM_JP_GROUP)
        (void)rd_fail_at(body, body->end, WIRE_SHORT);
    it->rd = *body;
    it->groups_left = out->groups;
    it->joins_left = it->prunes_left = 0;
    it->group = 0;
    return body->err;
}

/* kind_of tells the kind from the W and R flags; W without R means nothing (RFC 7761 4.9.1). */
static bool kind_of(uint8_t flags, enum pim_jp_kind *kind)
{
    bool wc = (flags & PIM_SOURCE_WC) != 0, rpt = (flags & PIM_SOURCE_RPT) != 0;
    if (wc && !rpt)
        return false;
    *kind = wc ? PIM_JP_STARG : rpt ? PIM_JP_SGRPT : PIM_JP_SG;
    return true;
}

/* set_begin reads the head of the next group set. */
static void set_begin(struct pim_jp_iter *it)
{
    struct pim_group g = pim_rd_group(&it->rd);
    it->groups_left--;
    it->group = g.addr;
    it->joins_left = rd_u16(&it->rd);
    it->prunes_left = rd_u16(&it->rd);
    if (it->rd.err == WIRE_OK && g.mask_len != 32)
        (void)rd_fail_at(&it->rd, it->rd.pos - PIM_JP_GROUP + 3, WIRE_VALUE);
}

bool pim_jp_next(struct pim_jp_iter *it, struct pim_jp_entry *out)
{
    while (it->joins_left == 0 && it->prunes_left == 0) {
        if (it->rd.err != WIRE_OK || it->groups_left == 0) {
            (void)rd_done(&it->rd);
            return false;
        }
        set_begin(it);
    }
    struct pim_source s = pim_rd_source(&it->rd);
    if (it->rd.err != WIRE_OK)
        return false;
    if (s.mask_len != 32 || !kind_of(s.flags, &out->kind)) {
        (void)rd_fail_at(&it->rd, it->rd.pos - PIM_JP_ENTRY, WIRE_VALUE);
        return false;
    }
    out->join = it->joins_left > 0;
    out->group = it->group;
    out->source = s.addr;
    if (out->join)
        it->joins_left--;
    else
        it->prunes_left--;
    return true;
}

enum wire_err pim_jp_check(const uint8_t *message, size_t len)
{
    enum pim_type type;
    struct rd body;
    enum wire_err err = pim_open(message, len, &type, &body);
    if (err != WIRE_OK)
        return err;
    if (type != PIM_JOIN_PRUNE)
        return WIRE_TYPE;
    struct pim_jp head;
    struct pim_jp_iter it;
    err = pim_jp_decode(&body, &head, &it);
    if (err != WIRE_OK)
        return err;
    struct pim_jp_entry entry;
    while (pim_jp_next(&it, &entry))
        continue;
    return it.rd.err;
}

static bool is_rpt_prune(const struct pim_jp_entry *e)
{
    return !e->join && e->kind == PIM_JP_SGRPT;
}

static bool is_starg_join(const struct pim_jp_entry *e)
{
    return e->join && e->kind == PIM_JP_STARG;
}

/*
 * A unit is what may not be cut: from the first to the last of a (*,G) join and its (S,G,rpt)
 * prunes (RFC 7761 section 4.9.5.2), else one entry. unit_entries returns the entries of the one
 * that begins at e[0], of count entries.
 */
static size_t unit_entries(const struct pim_jp_entry *e, size_t count)
{
    if (!is_starg_join(&e[0]) && !is_rpt_prune(&e[0]))
        return 1;
    bool join = false;
    size_t last = 0, prunes = 0;
    for (size_t i = 0; i < count && e[i].group == e[0].group; i++) {
        join = join || is_starg_join(&e[i]);
        prunes += is_rpt_prune(&e[i]);
        if (is_starg_join(&e[i]) || is_rpt_prune(&e[i]))
            last = i;
    }
    return join && prunes > 0 ? last + 1 : 1;
}

/* entries_that_fit counts the entries, in whole units, that fit into room bytes. */
static size_t entries_that_fit(const struct pim_jp_entry *e, size_t count, size_t max_entries,
                               size_t room)
{
    size_t n = 0, groups = 0;
    while (n < count) {
        size_t unit = unit_entries(e + n, count - n);
        bool new_group = n == 0 || e[n].group != e[n - 1].group;
        size_t bytes = unit * PIM_JP_ENTRY + (new_group ? PIM_JP_GROUP : 0);
        if (unit > max_entries - n || bytes > room || (new_group && groups == GROUPS_MAX))
            break;
        n += unit;
        room -= bytes;
        groups += new_group;
    }
    return n;
}

static void write_source(struct wr *w, enum pim_jp_kind kind, ip4_t addr)
{
    static const uint8_t flags[] = {
        [PIM_JP_STARG] = PIM_SOURCE_SPARSE | PIM_SOURCE_WC | PIM_SOURCE_RPT,
        [PIM_JP_SG] = PIM_SOURCE_SPARSE,
        [PIM_JP_SGRPT] = PIM_SOURCE_SPARSE | PIM_SOURCE_RPT,
    };
    pim_wr_source(w, &(struct pim_source){flags[kind], 32, addr});
}

static void write_set_head(struct wr *w, ip4_t group, size_t joins, size_t prunes)
{
    pim_wr_group(w, &(struct pim_group){.mask_len = 32, .addr = group});
    wr_u16(w, (uint16_t)joins);
    wr_u16(w, (uint16_t)prunes);
}

/* write_set writes the entries of one group, joins first, and returns how many there were. */
static size_t write_set(struct wr *w, const struct pim_jp_entry *e, size_t count)
{
    size_t n = 0, joins = 0;
    for (; n < count && e[n].group == e[0].group; n++)
        joins += e[n].join;
    write_set_head(w, e[0].group, joins, n - joins);
    for (size_t i = 0; i < n; i++) {
        if (e[i].join)
            write_source(w, e[i].kind, e[i].source);
    }
    for (size_t i = 0; i < n; i++) {
        if (!e[i].join)
            write_source(w, e[i].kind, e[i].source);
    }
    return n;
}

/* next_prune returns the (S,G,rpt) prune with the smallest source not below floor, or NULL. */
static const struct pim_jp_entry *next_prune(const struct pim_jp_entry *e, size_t count,
                                             uint64_t floor)
{
    const struct pim_jp_entry *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (is_rpt_prune(&e[i]) && e[i].source >= floor &&
            (best == NULL || e[i].source < best->source))
            best = &e[i];
    }
    return best;
}

/*
 * write_cut_unit writes a unit that is too long for any message of ours: of the (S,G,rpt) prunes
 * the numerically smallest sources stay (RFC 7761 section 4.9.5.2).
 */
static void write_cut_unit(struct wr *w, const struct pim_jp_entry *e, size_t unit, size_t entries)
{
    size_t joins = 0, others = 0;
    for (size_t i = 0; i < unit; i++) {
        joins += e[i].join;
        others += !e[i].join && !is_rpt_prune(&e[i]);
    }
    if (joins + others > entries) {
        (void)wr_fail(w, WIRE_FULL);
        return;
    }
    size_t prunes = entries - joins - others, written = 0;
    size_t head = w->pos;
    write_set_head(w, e[0].group, joins, 0);
    for (int join = 1; join >= 0; join--) {
        for (size_t i = 0; i < unit; i++) {
            if (e[i].join == (join == 1) && !is_rpt_prune(&e[i]))
                write_source(w, e[i].kind, e[i].source);
        }
    }
    uint64_t floor = 0;
    for (; written < prunes; written++) {
        const struct pim_jp_entry *p = next_prune(e, unit, floor);
        if (p == NULL)
            break;
        write_source(w, PIM_JP_SGRPT, p->source);
        floor = (uint64_t)p->source + 1;
    }
    wr_set_u16(w, head + PIM_JP_GROUP - 2, (uint16_t)(others + written));
}

enum wire_err pim_jp_encode(struct wr *w, ip4_t upstream, uint16_t holdtime_s,
                            const struct pim_jp_entry *entries, size_t count, size_t max_entries,
                            size_t *taken)
{
    *taken = 0;
    if (count == 0 || max_entries == 0)
        return wr_fail(w, WIRE_VALUE);
    size_t mark = pim_begin(w, PIM_JOIN_PRUNE);
    pim_wr_unicast(w, upstream);
    wr_u8(w, 0);
    size_t groups_at = w->pos;
    wr_u8(w, 0);
    wr_u16(w, holdtime_s);
    if (w->err != WIRE_OK)
        return w->err;

    size_t room = w->cap - w->pos;
    size_t n = entries_that_fit(entries, count, max_entries, room);
    uint8_t groups = 0;
    if (n > 0) {
        for (size_t at = 0; at < n; groups++)
            at += write_set(w, entries + at, n - at);
    } else {
        size_t fit = room < PIM_JP_GROUP ? 0 : (room - PIM_JP_GROUP) / PIM_JP_ENTRY;
        n = unit_entries(entries, count);
        groups = 1;
        write_cut_unit(w, entries, n, fit < max_entries ? fit : max_entries);
    }
    if (w->err != WIRE_OK)
        return w->err;
    w->base[groups_at] = groups;
    *taken = n;
    return pim_end(w, mark);
}

static void print_entry(FILE *f, const struct pim_jp_entry *e)
{
    char source[IP4_TEXT], group[IP4_TEXT];
    (void)ip4_text(e->source, source);
    (void)ip4_text(e->group, group);
    (void)fputs(e->join ? " join" : " prune", f);
    if (e->kind == PIM_JP_STARG)
        (void)fprintf(f, " (*,%s) rp %s", group, source);
    else
        (void)fprintf(f, " (%s,%s%s)", source, group, e->kind == PIM_JP_SGRPT ? ",rpt" : "");
}

void pim_jp_print(FILE *f, const struct pim_jp *v, struct pim_jp_iter it)
{
    char upstream[IP4_TEXT];
    (void)fprintf(f, "pim join/prune upstream %s holdtime %u s groups %u",
                  ip4_text(v->upstream, upstream), v->holdtime_s, v->groups);
    struct pim_jp_entry e;
    while (pim_jp_next(&it, &e))
        print_entry(f, &e);
}
