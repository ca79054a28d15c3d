#include "emul/wire/igmp.h"

#include "emul/wire/be.h"
#include "emul/wire/checksum.h"

#include <inttypes.h>

#define IGMP_BYTES          8
#define IGMP_V3_QUERY_BYTES 12
#define RECORD_BYTES        8
#define SUPPRESS_BIT        0x08
#define QRV_MASK            0x07
#define CODE_UNIT_MS        100
#define V1_MAX_RESP_MS      10000 /* RFC 2236 section 4: code 0 is read as 10 s */
#define CODE_FLOAT          0x80
#define CODE_FLOAT_MAX      31744 /* (15 | 16) << 10 */

/* code_value reads the 8-bit code of RFC 3376 section 4.1.1 and 4.1.7. */
static uint32_t code_value(uint8_t code)
{
    if (code < CODE_FLOAT)
        return code;
    return (uint32_t)((code & 15) | 16) << (((code >> 4) & 7) + 3);
}

/* code_of returns the code of the largest value that can be written and is not above value. */
static uint8_t code_of(uint32_t value)
{
    if (value < CODE_FLOAT)
        return (uint8_t)value;
    if (value > CODE_FLOAT_MAX)
        value = CODE_FLOAT_MAX;
    unsigned shift = 3;
    while (value >> shift > 31)
        shift++;
    return (uint8_t)(CODE_FLOAT | (shift - 3) << 4 | (value >> shift & 15));
}

/* record_bytes returns the length of the record at p, 0 if it is not whole in left bytes. */
static size_t record_bytes(const uint8_t *p, size_t left)
{
    if (left < RECORD_BYTES)
        return 0;
    size_t n = RECORD_BYTES + 4 * ((size_t)be_get16(p + 2) + p[1]);
    return n <= left ? n : 0;
}

static enum wire_err query_decode(struct rd *r, const uint8_t *p, size_t len, struct igmp *out)
{
    out->group = be_get32(p + 4);
    if (len == IGMP_BYTES) {
        out->version = p[1] == 0 ? 1 : 2;
        out->max_resp_ms = p[1] == 0 ? V1_MAX_RESP_MS : p[1] * (uint32_t)CODE_UNIT_MS;
        return WIRE_OK;
    }
    if (len < IGMP_V3_QUERY_BYTES)
        return rd_fail_at(r, r->pos, WIRE_LENGTH); /* RFC 3376 section 7.1 */
    out->version = 3;
    out->max_resp_ms = code_value(p[1]) * CODE_UNIT_MS;
    out->suppress = (p[8] & SUPPRESS_BIT) != 0;
    out->robustness = p[8] & QRV_MASK;
    out->query_interval_s = code_value(p[9]);
    out->count = be_get16(p + 10);
    out->list_bytes = (size_t)out->count * 4;
    (void)rd_bytes(r, IGMP_V3_QUERY_BYTES - IGMP_BYTES);
    out->list = rd_bytes(r, out->list_bytes);
    return r->err;
}

static enum wire_err report_decode(struct rd *r, const uint8_t *p, struct igmp *out)
{
    out->count = be_get16(p + 6);
    out->list = r->base + r->pos;
    for (unsigned i = 0; i < out->count; i++) {
        size_t n = record_bytes(r->base + r->pos, rd_left(r));
        if (n == 0)
            return rd_fail_at(r, r->pos, WIRE_SHORT);
        r->pos += n;
    }
    out->list_bytes = (size_t)(r->base + r->pos - out->list);
    return WIRE_OK;
}

/* Bytes behind a message are covered by its checksum and ignored (RFC 3376 4.1.10, 4.2.11). */
enum wire_err igmp_decode(struct rd *r, struct igmp *out)
{
    size_t start = r->pos, len = rd_left(r);
    const uint8_t *p = rd_bytes(r, IGMP_BYTES);
    if (p == NULL)
        return r->err;
    if (inet_checksum(p, len) != 0)
        return rd_fail_at(r, start + 2, WIRE_CHECKSUM);
    *out = (struct igmp){.type = p[0]};
    switch (p[0]) {
    case IGMP_QUERY:
        return query_decode(r, p, len, out);
    case IGMP_V3_REPORT:
        return report_decode(r, p, out);
    case IGMP_V1_REPORT:
    case IGMP_V2_REPORT:
    case IGMP_V2_LEAVE:
        out->group = be_get32(p + 4);
        return WIRE_OK;
    default:
        return rd_fail_at(r, start, WIRE_TYPE);
    }
}

bool igmp_record_next(const struct igmp *v, size_t *pos, struct igmp_record *out)
{
    if (*pos >= v->list_bytes)
        return false;
    const uint8_t *p = v->list + *pos;
    size_t n = record_bytes(p, v->list_bytes - *pos);
    if (n == 0)
        return false;
    out->type = p[0];
    out->source_count = be_get16(p + 2);
    out->group = be_get32(p + 4);
    out->sources = p + RECORD_BYTES;
    *pos += n;
    return true;
}

static void query_encode(struct wr *w, const struct igmp *v)
{
    if (v->version == 2 && (v->max_resp_ms < CODE_UNIT_MS || v->max_resp_ms > 255 * CODE_UNIT_MS))
        (void)wr_fail(w, WIRE_VALUE);
    if (v->version == 3 && v->list_bytes != (size_t)v->count * 4)
        (void)wr_fail(w, WIRE_LENGTH);
    uint32_t units = v->max_resp_ms / CODE_UNIT_MS;
    wr_u8(w, v->version == 1 ? 0 : v->version == 2 ? (uint8_t)units : code_of(units));
    wr_u16(w, 0);
    wr_u32(w, v->group);
    if (v->version != 3)
        return;
    wr_u8(w, (uint8_t)((v->suppress ? SUPPRESS_BIT : 0) | (v->robustness & QRV_MASK)));
    wr_u8(w, code_of(v->query_interval_s));
    wr_u16(w, v->count);
    wr_bytes(w, v->list, v->list_bytes);
}

enum wire_err igmp_encode(struct wr *w, const struct igmp *v)
{
    size_t mark = w->pos;
    wr_u8(w, v->type);
    switch (v->type) {
    case IGMP_QUERY:
        query_encode(w, v);
        break;
    case IGMP_V3_REPORT:
        wr_u8(w, 0);
        wr_u32(w, 0);
        wr_u16(w, v->count);
        wr_bytes(w, v->list, v->list_bytes);
        break;
    case IGMP_V1_REPORT:
    case IGMP_V2_REPORT:
    case IGMP_V2_LEAVE:
        wr_u8(w, 0);
        wr_u16(w, 0);
        wr_u32(w, v->group);
        break;
    default:
        return wr_fail(w, WIRE_TYPE);
    }
    if (w->err == WIRE_OK)
        wr_set_u16(w, mark + 2, inet_checksum(w->base + mark, w->pos - mark));
    return w->err;
}

enum wire_err igmp_record_encode(struct wr *w, const struct igmp_record *v)
{
    wr_u8(w, v->type);
    wr_u8(w, 0);
    wr_u16(w, v->source_count);
    wr_u32(w, v->group);
    wr_bytes(w, v->sources, (size_t)v->source_count * 4);
    return w->err;
}

static void print_sources(FILE *f, const uint8_t *p, size_t count)
{
    char text[IP4_TEXT];
    (void)fputs(" {", f);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(f, "%s%s", i == 0 ? "" : " ", ip4_text(be_get32(p + 4 * i), text));
    (void)fputc('}', f);
}

static const char *record_name(uint8_t type)
{
    static const char *const names[] = {
        [IGMP_IS_INCLUDE] = "is-include", [IGMP_IS_EXCLUDE] = "is-exclude",
        [IGMP_TO_INCLUDE] = "to-include", [IGMP_TO_EXCLUDE] = "to-exclude",
        [IGMP_ALLOW_NEW] = "allow",       [IGMP_BLOCK_OLD] = "block",
    };
    return type >= IGMP_IS_INCLUDE && type <= IGMP_BLOCK_OLD ? names[type] : "unknown";
}

static void print_report(FILE *f, const struct igmp *v)
{
    char group[IP4_TEXT];
    size_t pos = 0;
    struct igmp_record rec;
    (void)fputs("igmp v3 report", f);
    while (igmp_record_next(v, &pos, &rec)) {
        (void)fprintf(f, " %s %s", record_name(rec.type), ip4_text(rec.group, group));
        print_sources(f, rec.sources, rec.source_count);
    }
}

void igmp_print(FILE *f, const struct igmp *v)
{
    char group[IP4_TEXT];
    (void)ip4_text(v->group, group);
    switch (v->type) {
    case IGMP_QUERY:
        (void)fprintf(f, "igmp v%u query %s max-resp %" PRIu32 " ms", v->version,
                      v->group == 0 ? "general" : group, v->max_resp_ms);
        if (v->version == 3) {
            (void)fprintf(f, "%s robustness %u interval %" PRIu32 " s",
                          v->suppress ? " suppress" : "", v->robustness, v->query_interval_s);
            print_sources(f, v->list, v->count);
        }
        break;
    case IGMP_V3_REPORT:
        print_report(f, v);
        break;
    case IGMP_V2_LEAVE:
        (void)fprintf(f, "igmp v2 leave %s", group);
        break;
    default:
        (void)fprintf(f, "igmp v%d report %s", v->type == IGMP_V1_REPORT ? 1 : 2, group);
        break;
    }
}
