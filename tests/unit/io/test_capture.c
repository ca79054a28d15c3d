#include "emul/io/capture.h"
#include "emul/io/memlink.h"
#include "tests/unit/cu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAME 60

static char path[64];

static void fresh_path(void)
{
    (void)snprintf(path, sizeof(path), "/tmp/mvpn-capture-XXXXXX");
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    (void)close(fd);
}

static void put(struct capture *c, int64_t at_ns, uint8_t mark)
{
    uint8_t frame[FRAME];
    memset(frame, mark, sizeof(frame));
    capture_frame(c, frame, sizeof(frame), (struct instant){at_ns});
}

static uint64_t size_of(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Reads the file back as "mark@ns mark@ns ...". */
static void read_back(char *text, size_t room)
{
    struct err err = {0};
    struct capture_reader *r = capture_reader_open(path, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    const uint8_t *frame;
    size_t len, n = 0;
    struct instant at;
    text[0] = '\0';
    while (capture_reader_next(r, &frame, &len, &at, &err) == 1)
        n += (size_t)snprintf(text + n, room - n, "%c@%lld ", frame[len - 1], (long long)at.ns);
    CU_ASSERT_EQUAL(err.code, ERR_NONE);
    capture_reader_close(r);
}

static void frames_come_back_in_the_order_of_time(void)
{
    char text[256];
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    put(c, 5000000000, 'a');
    put(c, 5000000900, 'b');
    put(c, 5000000100, 'c');
    put(c, 5000000100, 'd');
    put(c, 5000000901, 'e');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text,
                           "a@5000000000 c@5000000100 d@5000000100 b@5000000900 e@5000000901 ");
    (void)unlink(path);
}

static void late_frames_never_turn_time_back(void)
{
    char text[256];
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    put(c, 2000, 'a');
    CU_ASSERT_EQUAL(capture_sync(c), 0);
    put(c, 1000, 'b');
    put(c, 3000, 'c');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "a@2000 b@2000 c@3000 ");
    (void)unlink(path);
}

static void a_resumed_capture_is_cut_and_goes_on(void)
{
    char text[256];
    struct err err = {0};
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    put(c, 1000, 'a');
    CU_ASSERT_EQUAL(capture_sync(c), 0);
    uint64_t keep = capture_bytes(c);
    CU_ASSERT_EQUAL(keep, 24 + 16 + FRAME);
    CU_ASSERT_EQUAL(size_of(path), keep);
    put(c, 2000, 'b');
    CU_ASSERT_EQUAL(capture_bytes(c), keep);
    CU_ASSERT_EQUAL(capture_close(c), 0);
    CU_ASSERT_PTR_NULL(capture_open(path, keep + 1, &err));
    CU_ASSERT_EQUAL(err.code, ERR_USE);
    CU_ASSERT_PTR_NULL(capture_open(path, keep + keep, NULL));
    c = capture_open(path, keep, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(capture_bytes(c), keep);
    put(c, 500, 'c');
    put(c, 4000, 'd');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "a@1000 c@1000 d@4000 ");
    (void)unlink(path);
}

static void pauses_leave_frames_out(void)
{
    char text[256];
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    put(c, 1, 'a');
    capture_pause(c);
    put(c, 2, 'b');
    capture_resume(c);
    put(c, 3, 'c');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "a@1 c@3 ");
    (void)unlink(path);
}

/* Sent frames in order, received ones 90 ms late: the file has all in order, none re-stamped. */
static void a_long_capture_is_sorted(void)
{
    enum { FRAMES = 200000 };
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    for (int i = 0; i < FRAMES; i++) {
        struct instant at = {(int64_t)i * 20 * NS_PER_US + NS_PER_S};
        if (i % 3 == 0)
            at = instant_add(at, -90 * NS_PER_MS);
        capture_frame(c, (const uint8_t *)&at, sizeof(at), at);
    }
    CU_ASSERT_EQUAL(capture_close(c), 0);
    struct capture_reader *r = capture_reader_open(path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    const uint8_t *frame;
    size_t len, count = 0, back = 0, stamped = 0;
    struct instant at, last = {0};
    while (capture_reader_next(r, &frame, &len, &at, NULL) == 1) {
        back += instant_before(at, last);
        stamped += memcmp(frame, &at, sizeof(at)) != 0;
        last = at;
        count++;
    }
    capture_reader_close(r);
    CU_ASSERT_EQUAL(count, FRAMES);
    CU_ASSERT_EQUAL(back, 0);
    CU_ASSERT_EQUAL(stamped, 0);
    (void)unlink(path);
}

/* Where Wireshark's tools are there, they must agree. */
static void capinfos_agrees(void)
{
    char command[160], line[256];
    bool strict = false, nanoseconds = false, three = false;
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    put(c, 1000000000000000001, 'a');
    put(c, 1000000000000000003, 'b');
    put(c, 1000000000000000002, 'c');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    (void)snprintf(command, sizeof(command), "LC_ALL=C capinfos -t -E -c -o -M %s 2>&1", path);
    FILE *f = system("command -v capinfos >/dev/null") == 0 ? popen(command, "r") : NULL;
    bool asked = f != NULL;
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        strict = strict || (strstr(line, "Strict time order") != NULL && strstr(line, "True"));
        nanoseconds = nanoseconds || strstr(line, "nsecpcap") != NULL;
        three = three || (strstr(line, "Number of packets") != NULL && strstr(line, "3"));
    }
    if (f != NULL)
        (void)pclose(f);
    CU_ASSERT_EQUAL(strict && nanoseconds && three, asked);
    (void)unlink(path);
}

static void many_frames_at_one_instant_keep_their_order(void)
{
    enum { FRAMES = 400000 };
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    for (uint32_t i = 0; i < FRAMES; i++)
        capture_frame(c, (const uint8_t *)&i, sizeof(i), (struct instant){7});
    CU_ASSERT_EQUAL(capture_close(c), 0);
    struct capture_reader *r = capture_reader_open(path, NULL);
    const uint8_t *frame;
    size_t len;
    struct instant at;
    uint32_t i = 0, number, wrong = 0;
    for (; capture_reader_next(r, &frame, &len, &at, NULL) == 1; i++) {
        memcpy(&number, frame, sizeof(number));
        wrong += number != i || at.ns != 7;
    }
    capture_reader_close(r);
    CU_ASSERT_EQUAL(i, FRAMES);
    CU_ASSERT_EQUAL(wrong, 0);
    (void)unlink(path);
}

static void write_bytes(const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, f), len);
    (void)fclose(f);
}

static void microseconds_are_read_too(void)
{
    static const uint32_t file[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535,     1, /* header */
                                    3,          250,         4, 4, 0x7a7a7a7a};
    char text[64];
    fresh_path();
    write_bytes(file, sizeof(file));
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "z@3000250000 ");
    (void)unlink(path);
}

static void damaged_files_are_named(void)
{
    struct err err = {0};
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    put(c, 1, 'a');
    put(c, 2, 'b');
    CU_ASSERT_EQUAL(capture_close(c), 0);
    CU_ASSERT_EQUAL(truncate(path, (off_t)size_of(path) - 10), 0);
    struct capture_reader *r = capture_reader_open(path, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    const uint8_t *frame;
    size_t len;
    struct instant at;
    CU_ASSERT_EQUAL(capture_reader_next(r, &frame, &len, &at, &err), 1);
    CU_ASSERT_EQUAL(capture_reader_next(r, &frame, &len, &at, &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "frame 2"));
    capture_reader_close(r);
    err = (struct err){0};
    write_bytes("not a capture at all, only text", 31);
    CU_ASSERT_PTR_NULL(capture_reader_open(path, &err));
    CU_ASSERT_EQUAL(strncmp(err.text, path, strlen(path)), 0);
    (void)unlink(path);
    err = (struct err){0};
    CU_ASSERT_PTR_NULL(capture_reader_open(path, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file"));
}

static void a_disk_that_says_no_is_reported(void)
{
    struct rlimit before, small = {.rlim_cur = 100};
    fresh_path();
    struct capture *c = capture_open(path, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    (void)setrlimit(RLIMIT_FSIZE, &small);
    put(c, 1, 'a');
    CU_ASSERT_EQUAL(capture_sync(c), 0);
    put(c, 2, 'b');
    CU_ASSERT_EQUAL(capture_sync(c), -1);
    CU_ASSERT_EQUAL(capture_close(c), -1);
    (void)setrlimit(RLIMIT_FSIZE, &before);
    (void)unlink(path);
    struct err err = {0};
    CU_ASSERT_PTR_NULL(capture_open("/nonexistent/a1.pcap", 0, &err));
    CU_ASSERT_EQUAL(err.code, ERR_TESTBED);
}

/* A port records what it sends and what it receives. */
static void ports_are_captured(void)
{
    char text[256];
    uint8_t frame[FRAME];
    struct port *ends[2];
    fresh_path();
    struct loop *loop = loop_new_virtual((struct instant){100});
    memlink_new(loop, &(struct link_params){.delay_ns = 10}, 1, "a", "b", 1500, ends);
    struct capture *c = capture_open(path, 0, NULL);
    port_set_capture(ends[0], c);
    memset(frame, 's', sizeof(frame));
    CU_ASSERT_EQUAL(port_send(ends[0], frame, sizeof(frame), loop_now(loop)), 0);
    memset(frame, 'r', sizeof(frame));
    CU_ASSERT_EQUAL(port_send(ends[1], frame, sizeof(frame), loop_now(loop)), 0);
    (void)loop_run(loop, (struct instant){200});
    port_free(ends[0]);
    port_free(ends[1]);
    loop_free(loop);
    CU_ASSERT_EQUAL(capture_close(c), 0);
    read_back(text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "s@100 r@110 ");
    (void)unlink(path);
}

static const struct cu_test tests[] = {
    {"frames come back in the order of time", frames_come_back_in_the_order_of_time},
    {"late frames never turn time back", late_frames_never_turn_time_back},
    {"a resumed capture is cut and goes on", a_resumed_capture_is_cut_and_goes_on},
    {"pauses leave frames out", pauses_leave_frames_out},
    {"a long capture is sorted", a_long_capture_is_sorted},
    {"capinfos agrees", capinfos_agrees},
    {"one instant keeps its order", many_frames_at_one_instant_keep_their_order},
    {"microseconds are read too", microseconds_are_read_too},
    {"damaged files are named", damaged_files_are_named},
    {"a disk that says no is reported", a_disk_that_says_no_is_reported},
    {"ports are captured", ports_are_captured},
};

CU_MAIN("capture", tests)
