#include "emul/io/capture.h"
#include "emul/wire/frame_print.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit.h"

#include <stdio.h>

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    const char **path = ctx;
    if (index == OPTION_POSITIONAL && *path == NULL) {
        *path = value;
        return 0;
    }
    err_set(err, ERR_USE, "decode takes one file; leave '%.60s' out", value);
    return -1;
}

int cmd_decode(int argc, char **argv)
{
    const char *path = NULL;
    struct err err = {0};
    if (options_parse(NULL, 0, argc, argv, take, &path, &err) != 0)
        return cli_fail(&err);
    if (path == NULL) {
        err_set(&err, ERR_USE, "decode needs a capture file: mvpnbench decode FILE");
        return cli_fail(&err);
    }
    struct capture_reader *r = capture_reader_open(path, &err);
    if (r == NULL) {
        struct err named = {0};
        err_set(&named, err.code, "%s; name a capture (pcap)", err.text);
        return cli_fail(&named);
    }
    const uint8_t *frame;
    size_t len;
    struct instant at;
    int more;
    while ((more = capture_reader_next(r, &frame, &len, &at, &err)) == 1)
        frame_print(stdout, frame, len, at);
    capture_reader_close(r);
    return more == 0 ? EXIT_DONE : cli_fail(&err);
}
