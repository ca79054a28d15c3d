#include "emul/wire/bgp_id.h"

#include <inttypes.h>

/* value_print writes the six bytes of a form, false when the form is none. */
static bool value_print(FILE *f, unsigned form, uint64_t v)
{
    char text[IP4_TEXT];
    switch (form) {
    case BGP_ID_AS2:
        (void)fprintf(f, "%u:%u", (unsigned)(v >> 32 & 0xffff), (unsigned)v);
        return true;
    case BGP_ID_IPV4:
        (void)fprintf(f, "%s:%u", ip4_text((ip4_t)(v >> 16), text), (unsigned)(v & 0xffff));
        return true;
    case BGP_ID_AS4:
        (void)fprintf(f, "%u:%u", (unsigned)(uint32_t)(v >> 16), (unsigned)(v & 0xffff));
        return true;
    default:
        return false;
    }
}

void bgp_rd_print(FILE *f, uint64_t rd)
{
    if (!value_print(f, (unsigned)(rd >> 48), rd))
        (void)fprintf(f, "0x%016" PRIx64, rd);
}

void bgp_ec_print(FILE *f, uint64_t ec)
{
    uint8_t subtype = bgp_ec_subtype(ec), form = bgp_ec_form(ec);
    const char *name = subtype == BGP_EC_RT                                 ? "rt "
                       : subtype == BGP_EC_SOURCE_AS && form != BGP_ID_IPV4 ? "source-as "
                       : bgp_ec_is_vrf_import(ec)                           ? "vrf-import "
                                                                            : NULL;
    if (name == NULL || form > BGP_ID_AS4) {
        (void)fprintf(f, "0x%016" PRIx64, ec);
        return;
    }
    (void)fputs(name, f);
    (void)value_print(f, form, ec);
}
