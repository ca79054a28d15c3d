/* The control server against clients of all kinds: whatever they send, it serves the next one. */
#include "emul/base/mem.h"
#include "emul/base/rng.h"
#include "harness/cli/control.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BIG_BYTES 200000u

static struct {
    struct loop *loop;
    struct control *server;
    char dir[64], path[CONTROL_PATH_MAX];
    unsigned carried_out;
    struct control_call *late; /* of the command later */
} t;

static json_t *do_add(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    uint32_t a, b;
    (void)arg;
    (void)call;
    t.carried_out++;
    if (argc != 3) {
        err_set(err, ERR_USE, "add A B");
        return NULL;
    }
    if (control_number("A", argv[1], &a, err) != 0 || control_number("B", argv[2], &b, err) != 0)
        return NULL;
    return json_pack("{s:I}", "sum", (json_int_t)a + b);
}

static json_t *do_later(void *arg, struct control_call *call, int argc, char **argv,
                        struct err *err)
{
    (void)arg;
    (void)argc;
    (void)argv;
    if (t.late != NULL) {
        err_set(err, ERR_USE, "one is under way");
        return NULL;
    }
    t.late = call;
    return NULL;
}

static json_t *do_big(void *arg, struct control_call *call, int argc, char **argv, struct err *err)
{
    (void)arg;
    (void)call;
    (void)argc;
    (void)argv;
    (void)err;
    char *text = mem_zalloc(BIG_BYTES + 1, 1);
    memset(text, 'x', BIG_BYTES);
    json_t *answer = json_pack("{s:s}", "text", text);
    free(text);
    return answer;
}

static const struct control_command commands[] = {
    {"add", "A B", "their sum", do_add},
    {"later", "", "answered when the test likes", do_later},
    {"big", "", "a long answer", do_big},
};
static const struct control_table table = {commands, 3, NULL};

static void begin(void)
{
    struct err err = {0};
    t.loop = loop_new_real();
    (void)snprintf(t.dir, sizeof(t.dir), "%s/mvpnctl-XXXXXX", P_tmpdir);
    CU_ASSERT_FATAL(mkdtemp(t.dir) != NULL);
    (void)snprintf(t.path, sizeof(t.path), "%s/socket", t.dir);
    t.late = NULL;
    t.server = control_listen(t.loop, t.path, &table, &err);
    CU_ASSERT_FATAL(t.server != NULL);
}

static void end(void)
{
    control_free(t.server);
    CU_ASSERT(access(t.path, F_OK) != 0);
    CU_ASSERT_EQUAL(rmdir(t.dir), 0);
    loop_free(t.loop);
}

static void let(double ms)
{
    (void)loop_run(t.loop, instant_add(loop_now(t.loop), (int64_t)(ms * 1e6)));
}

static int client(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    (void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", t.path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_FATAL(connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    let(1);
    return fd;
}

static void say(int fd, const char *text)
{
    CU_ASSERT_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The next answer on a client, NULL: none came. */
static json_t *hear(int fd)
{
    static char text[BIG_BYTES + 1000];
    size_t used = 0;
    for (unsigned tries = 0; tries < 400; tries++) {
        char c;
        ssize_t n;
        while ((n = recv(fd, &c, 1, 0)) == 1 && c != '\n' && used + 1 < sizeof(text))
            text[used++] = c;
        if (n == 1)
            return json_loadb(text, used, 0, NULL);
        if (n == 0)
            return NULL;
        let(1);
    }
    return NULL;
}

static bool sums(int fd)
{
    say(fd, "add 20 3\n");
    json_t *a = hear(fd);
    bool right = json_integer_value(json_object_get(a, "sum")) == 23 &&
                 json_is_true(json_object_get(a, "ok"));
    json_decref(a);
    return right;
}

static bool serves(void)
{
    int fd = client();
    bool right = sums(fd);
    (void)close(fd);
    let(1);
    return right;
}

/* The error code of the next answer. */
static int refused(int fd)
{
    json_t *a = hear(fd);
    int code = json_is_false(json_object_get(a, "ok"))
                   ? (int)json_integer_value(json_object_get(a, "code"))
                   : -1;
    CU_ASSERT(json_is_string(json_object_get(a, "error")));
    json_decref(a);
    return code;
}

static void test_lines(void)
{
    begin();
    struct stat st;
    CU_ASSERT(stat(t.path, &st) == 0 && (st.st_mode & 0777) == 0600);
    int fd = client();
    CU_ASSERT(sums(fd));
    const char *const wrong[] = {"ad 1 2\n",
                                 "add 1\n",
                                 "add 1 -2\n",
                                 "add 1 0\n",
                                 "\n",
                                 "   \t \n",
                                 "add 1 4294967296\n",
                                 "add\x01 1 2\n",
                                 "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        say(fd, wrong[i]);
        CU_ASSERT_EQUAL(refused(fd), 2);
    }
    say(fd, "\xff\xfe\x80 1\n");
    CU_ASSERT_EQUAL(refused(fd), 2);
    CU_ASSERT_EQUAL(send(fd, "add 1\0 2\n", 9, MSG_NOSIGNAL), 9);
    CU_ASSERT_EQUAL(refused(fd), 2);
    /* Several in one piece, and one in several pieces. */
    say(fd, "add 1 1\r\nadd 2 2\nad");
    let(2);
    say(fd, "d 3 3\n");
    for (int want = 2; want <= 6; want += 2) {
        json_t *a = hear(fd);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(a, "sum")), want);
        json_decref(a);
    }
    say(fd, "help\n");
    json_t *a = hear(fd);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(a, "rows")), 3);
    json_decref(a);
    (void)close(fd);
    end();
}

static void test_huge_line(void)
{
    begin();
    int fd = client();
    char junk[5000];
    memset(junk, 'a', sizeof(junk));
    (void)send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
    let(2);
    CU_ASSERT_EQUAL(refused(fd), 2);
    CU_ASSERT(serves());
    (void)close(fd);
    end();
}

/* Who goes away at once has still said something; who half closes still hears. */
static void test_leaving(void)
{
    begin();
    unsigned before = t.carried_out;
    int fd = client();
    say(fd, "add 1 2\nadd 3 4\nadd 5");
    (void)close(fd);
    let(5);
    CU_ASSERT(t.carried_out >= before + 1);
    fd = client();
    say(fd, "add 20 3\n");
    (void)shutdown(fd, SHUT_WR);
    json_t *a = hear(fd);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(a, "sum")), 23);
    json_decref(a);
    CU_ASSERT(hear(fd) == NULL);
    (void)close(fd);
    CU_ASSERT(serves());
    end();
}

static void test_later(void)
{
    begin();
    int fd = client();
    say(fd, "later\nadd 20 3\n");
    let(3);
    CU_ASSERT_FATAL(t.late != NULL);
    CU_ASSERT(serves()); /* others do not wait */
    control_answer(t.late, json_pack("{s:i}", "n", 7));
    t.late = NULL;
    json_t *a = hear(fd), *b = hear(fd);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(a, "n")), 7);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(b, "sum")), 23);
    json_decref(a);
    json_decref(b);
    /* Nobody is there any more when the answer comes, nor is the server. */
    say(fd, "later\n");
    let(3);
    (void)close(fd);
    let(3);
    CU_ASSERT_FATAL(t.late != NULL);
    struct err err = {0};
    err_set(&err, ERR_TESTBED, "too late");
    control_refuse(t.late, &err);
    t.late = NULL;
    fd = client();
    say(fd, "later\n");
    let(3);
    CU_ASSERT_FATAL(t.late != NULL);
    end();
    control_answer(t.late, json_object());
    (void)close(fd);
}

static void test_many(void)
{
    begin();
    int fds[100];
    for (size_t i = 0; i < 100; i++)
        fds[i] = client();
    CU_ASSERT(serves());
    CU_ASSERT(sums(fds[99]));
    for (size_t i = 0; i < 100; i++)
        (void)close(fds[i]);
    let(5);
    CU_ASSERT(serves());
    end();
}

/* Clients that ask for much and read nothing. */
static void test_deaf(void)
{
    begin();
    int fds[8];
    for (size_t i = 0; i < 8; i++) {
        fds[i] = client();
        for (unsigned n = 0; n < 50; n++)
            say(fds[i], "big\n");
        let(2);
    }
    CU_ASSERT(serves());
    json_t *a = hear(fds[0]);
    CU_ASSERT_EQUAL(strlen(json_string_value(json_object_get(a, "text"))), BIG_BYTES);
    json_decref(a);
    for (size_t i = 0; i < 8; i++)
        (void)close(fds[i]);
    let(5);
    CU_ASSERT(serves());
    end();
}

/* Seeded rubbish of all lengths, read or not, ended or not. */
static void test_rubbish(void)
{
    static const char *const words[] = {"add", "big", "later", "help", "1", " ", "\n", "\n", "\t"};
    begin();
    for (uint64_t seed = 0; seed < 400; seed++) {
        char junk[3000];
        size_t used = 0, want = hash_range(hash_mix(1, seed), sizeof(junk) - 8);
        for (uint64_t n = 0; used < want; n++) {
            uint64_t h = hash_mix(hash_mix(2, seed), n);
            const char *word = words[h % 9];
            if (h % 3 == 0)
                junk[used++] = (char)(h >> 20);
            else
                used += (size_t)snprintf(junk + used, 8, "%s", word);
        }
        int fd = client();
        (void)send(fd, junk, used, MSG_NOSIGNAL);
        if (seed % 2 == 0)
            let(1);
        if (seed % 5 == 0)
            json_decref(hear(fd));
        (void)close(fd);
        if (t.late != NULL && seed % 7 == 0) {
            control_answer(t.late, json_object());
            t.late = NULL;
        }
        if (seed % 50 == 0)
            CU_ASSERT(serves());
    }
    let(10);
    CU_ASSERT(serves());
    end();
    if (t.late != NULL)
        control_answer(t.late, json_object());
}

static void test_places(void)
{
    begin();
    struct err err = {0};
    CU_ASSERT(control_listen(t.loop, t.path, &table, &err) == NULL); /* it is in use */
    CU_ASSERT(strstr(err.text, "already") != NULL);
    CU_ASSERT(serves());
    char file[CONTROL_PATH_MAX], far[200];
    (void)snprintf(file, sizeof(file), "%s/file", t.dir);
    (void)close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    CU_ASSERT(control_listen(t.loop, file, &table, NULL) == NULL);
    CU_ASSERT_EQUAL(unlink(file), 0);
    memset(far, 'a', sizeof(far) - 1);
    far[sizeof(far) - 1] = '\0';
    CU_ASSERT(control_listen(t.loop, far, &table, NULL) == NULL);
    CU_ASSERT_EQUAL(control_connect(file, NULL), -1);
    /* What a killed program left is replaced. */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    (void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", file);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    (void)close(fd);
    struct control *second = control_listen(t.loop, file, &table, NULL);
    CU_ASSERT(second != NULL);
    control_free(second);
    CU_ASSERT(access(file, F_OK) != 0);
    end();
}

static void test_find(void)
{
    begin();
    char path[CONTROL_PATH_MAX], found[CONTROL_PATH_MAX] = "";
    CU_ASSERT_EQUAL(setenv("XDG_RUNTIME_DIR", t.dir, 1), 0);
    CU_ASSERT_EQUAL(control_find(found), 0);
    control_default_path(path);
    struct control *c = control_listen(t.loop, path, &table, NULL);
    CU_ASSERT_FATAL(c != NULL);
    CU_ASSERT_EQUAL(control_find(found), 1);
    CU_ASSERT_STRING_EQUAL(found, path);
    control_sweep();
    CU_ASSERT_EQUAL(control_find(found), 1);
    let(2);
    control_free(c);
    CU_ASSERT_EQUAL(control_find(found), 0);
    (void)unsetenv("XDG_RUNTIME_DIR");
    end();
}

static const struct cu_test tests[] = {
    {"lines and answers", test_lines},
    {"a line without end", test_huge_line},
    {"clients that leave", test_leaving},
    {"answers that come later", test_later},
    {"many clients", test_many},
    {"clients that do not read", test_deaf},
    {"rubbish", test_rubbish},
    {"places for the socket", test_places},
    {"finding what runs", test_find},
};

CU_MAIN("control", tests)
