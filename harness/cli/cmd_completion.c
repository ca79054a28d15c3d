/* mvpnbench completion: a script for a shell. */
#include "harness/case/values.h"
#include "harness/cli/completion.h"
#include "harness/cli/exit.h"

static int take(void *ctx, size_t index, const char *value, struct err *err)
{
    static completion_fn *const shells[] = {completion_bash, completion_zsh, completion_fish};
    completion_fn **shell = ctx;
    (void)index; /* there are no options */
    if (*shell != NULL) {
        err_set(err, ERR_USE, "completion takes one shell; leave '%.60s' out", value);
        return -1;
    }
    int n = value_word("completion", value, "bash|zsh|fish", err);
    if (n < 0)
        return -1;
    *shell = shells[n];
    return 0;
}

int cmd_completion(int argc, char **argv)
{
    completion_fn *shell = NULL;
    struct err err = {0};
    if (options_parse(NULL, 0, argc, argv, take, &shell, &err) != 0)
        return cli_fail(&err);
    if (shell == NULL) {
        err_set(&err, ERR_USE, "completion needs a shell: mvpnbench completion bash|zsh|fish");
        return cli_fail(&err);
    }
    shell(stdout);
    return EXIT_DONE;
}
