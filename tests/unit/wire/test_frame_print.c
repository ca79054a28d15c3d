/* frame_print against tests/golden/frame/<name>.txt, and on damaged frames. */
#include "emul/base/rng.h"
#include "emul/wire/eth.h"
#include "emul/wire/frame_print.h"
#include "emul/wire/gre.h"
#include "emul/wire/ipv4.h"
#include "tests/unit/cu.h"
#include "tests/unit/wire/golden.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

/* printed returns the text of a frame; the caller frees it. */
static char *printed(const uint8_t *frame, size_t len)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    frame_print(f, frame, len, (struct instant){12000345678});
    (void)fclose(f);
    return text;
}

static void expect_text(const struct golden *g)
{
    char path[2 * GOLDEN_NAME], want[TEXT_MAX] = "";
    (void)snprintf(path, sizeof(path), "tests/golden/%s.txt", g->name);
    FILE *f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    want[fread(want, 1, sizeof(want) - 1, f)] = '\0';
    (void)fclose(f);
    char *text = printed(g->bytes, g->len);
    if (strcmp(text, want) != 0)
        (void)fprintf(stderr, "\n%s prints:\n%s", g->name, text);
    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
}

static void test_texts(void)
{
    struct golden *list;
    size_t n = golden_load_all("frame", &list);
    CU_ASSERT_TRUE(n > 0);
    for (size_t i = 0; i < n; i++)
        expect_text(&list[i]);
    golden_free_all(list, n);
}

/* The error of a layer is named with its offset in the frame. */
static void test_errors(void)
{
    struct golden g = golden_load("frame/hello_vlan");
    g.bytes[42] ^= 1;
    char *text = printed(g.bytes, g.len);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  pim: bad checksum at offset 40\n"));
    free(text);
    text = printed(g.bytes, g.len - 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  ipv4: too short at offset 81\n"));
    free(text);
    golden_free(&g);
    g = golden_load("frame/gre_probe");
    g.bytes[36] = 0x80;
    text = printed(g.bytes, g.len);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  gre protocol 0x8000 payload 96\n"));
    free(text);
    g.bytes[36] = 8;
    g.bytes[40] ^= 1;
    text = printed(g.bytes, g.len);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n    ipv4: too short at offset"));
    free(text);
    golden_free(&g);
}

/* Packets in packets are shown to a depth, not for ever. */
static void test_deep(void)
{
    enum { LEVELS = 8, INNER = 24 };
    uint8_t frame[ETH_HEADER_BARE + LEVELS * INNER];
    struct wr w = wr_init(frame, sizeof(frame));
    size_t marks[LEVELS];
    (void)eth_encode(&w, &(struct eth){.ethertype = ETHERTYPE_IPV4});
    for (size_t i = 0; i < LEVELS; i++) {
        marks[i] = ipv4_begin(&w, &(struct ipv4){.protocol = IPPROTO_NUM_GRE});
        (void)gre_encode(&w, &(struct gre){.protocol = ETHERTYPE_IPV4});
    }
    for (size_t i = 0; i < LEVELS; i++)
        CU_ASSERT_EQUAL(ipv4_end(&w, marks[i]), WIRE_OK);
    char *text = printed(frame, w.pos);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "deeper layers not shown\n"));
    free(text);
}

static void test_damaged(void)
{
    struct golden *list;
    size_t n = golden_load_all("frame", &list);
    struct rng rng = {3};
    for (size_t i = 0; i < n; i++) {
        for (size_t len = 0; len < list[i].len; len++) {
            uint8_t *exact = malloc(len);
            if (len > 0)
                memcpy(exact, list[i].bytes, len);
            free(printed(exact, len));
            free(exact);
        }
        for (int round = 0; round < 500; round++) {
            size_t at = (size_t)hash_range(rng_next(&rng), list[i].len);
            list[i].bytes[at] = (uint8_t)rng_next(&rng);
            char *text = printed(list[i].bytes, list[i].len);
            CU_ASSERT_TRUE(strlen(text) > 0);
            free(text);
        }
    }
    golden_free_all(list, n);
}

static const struct cu_test tests[] = {
    {"texts", test_texts},
    {"errors", test_errors},
    {"deep", test_deep},
    {"damaged frames", test_damaged},
};

CU_MAIN("wire frame_print", tests)
