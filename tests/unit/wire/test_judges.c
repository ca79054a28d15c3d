/*
 * Independent judges: frames made by our encoders are written to a capture and read by tshark and
 * tcpdump, which must find nothing wrong. That they would, is tried with damaged frames.
 */
#include "tests/unit/cu.h"
#include "tests/unit/wire/frames.h"

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_MAX 512
#define LINE_TEXT   4096
#define PATH_TEXT   256
#define TSHARK      "tshark -n -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE"

static struct frame frames[FRAMES_MAX];
static size_t frame_count;
static char path[PATH_TEXT];

static void write_capture(const struct frame *list, size_t count)
{
    pcap_t *p = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t *d = pcap_dump_open(p, path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (size_t i = 0; i < count; i++) {
        struct pcap_pkthdr h = {.ts = {(time_t)i, 0}};
        h.caplen = h.len = (bpf_u_int32)list[i].len;
        pcap_dump((u_char *)d, &h, list[i].bytes);
    }
    pcap_dump_close(d);
    pcap_close(p);
}

static bool has_any(const char *line, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasestr(line, *words) != NULL)
            return true;
    }
    return false;
}

static FILE *judge(const char *format)
{
    char command[COMMAND_MAX];
    (void)snprintf(command, sizeof(command), format, path);
    return popen(command, "r");
}

/* complaints counts the lines of a judge's verbose output that find something wrong. */
static size_t complaints(const char *format, const char *const *words, bool show)
{
    char line[LINE_TEXT];
    size_t n = 0;
    FILE *f = judge(format);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        /* An empty PIM packet is what a Null-Register holds (RFC 7761 4.9.3). */
        if (!has_any(line, words) || strcmp(line, "    10.2.2.2 > 239.1.1.1:  [|pim]\n") == 0)
            continue;
        if (show)
            (void)fprintf(stderr, "\n%s", line);
        n++;
    }
    CU_ASSERT_EQUAL(pclose(f), 0);
    return n;
}

static size_t tshark_complaints(bool show)
{
    static const char *const words[] = {"malformed", "incorrect",         "expert info (error",
                                        "[bad",      "expert info (warn", "truncated",
                                        NULL};
    return complaints(TSHARK " -V -r %s 2>/dev/null", words, show);
}

static size_t tcpdump_complaints(bool show)
{
    static const char *const words[] = {"bad ",    "incorrect", "malformed", "truncated",
                                        "invalid", "[|",        NULL};
    return complaints("tcpdump -vvn -r %s 2>/dev/null", words, show);
}

static void test_nothing_wrong(void)
{
    write_capture(frames, frame_count);
    CU_ASSERT_EQUAL(tshark_complaints(true), 0);
    CU_ASSERT_EQUAL(tcpdump_complaints(true), 0);
}

/* Every frame is read as what it was meant to be; fragments are put together. */
static void test_protocols(void)
{
    char line[LINE_TEXT];
    size_t n = 0;
    write_capture(frames, frame_count);
    FILE *f = judge(TSHARK " -T fields -e frame.protocols -r %s 2>/dev/null");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (; fgets(line, sizeof(line), f) != NULL && n < frame_count; n++) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, frames[n].protocols) != 0)
            (void)fprintf(stderr, "\n%s: %s\n", frames[n].name, line);
        CU_ASSERT_STRING_EQUAL(line, frames[n].protocols);
    }
    CU_ASSERT_EQUAL(pclose(f), 0);
    CU_ASSERT_EQUAL(n, frame_count);
}

static void test_judges_see_damage(void)
{
    struct frame damaged = frames[0]; /* a Hello: Ethernet 14, IPv4 20, PIM */
    damaged.bytes[14 + 20 + 9] ^= 1;
    write_capture(&damaged, 1);
    CU_ASSERT_TRUE(tshark_complaints(false) > 0);
    CU_ASSERT_TRUE(tcpdump_complaints(false) > 0);
    damaged = frames[0];
    damaged.bytes[14 + 8] ^= 1;
    write_capture(&damaged, 1);
    CU_ASSERT_TRUE(tshark_complaints(false) > 0);
    CU_ASSERT_TRUE(tcpdump_complaints(false) > 0);
}

static const struct cu_test tests[] = {
    {"nothing wrong", test_nothing_wrong},
    {"protocols", test_protocols},
    {"judges see damage", test_judges_see_damage},
};

int main(void)
{
    if (system("tshark -v >/dev/null 2>&1") != 0 ||
        system("tcpdump --version >/dev/null 2>&1") != 0) {
        (void)fputs("tshark or tcpdump is not here: skipped\n", stderr);
        return CU_SKIP;
    }
    const char *dir = getenv("TMPDIR");
    (void)snprintf(path, sizeof(path), "%s/mvpn-judges-XXXXXX", dir != NULL ? dir : P_tmpdir);
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    (void)close(fd);
    frame_count = frames_build(frames);
    int result = cu_run("wire judges", tests, sizeof(tests) / sizeof(tests[0]));
    (void)unlink(path);
    return result;
}
