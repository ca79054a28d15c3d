/* A result.json: any bytes give a tree that prints, loads and prints again the same, or a complaint
 * that names its place. */
#include "reports/load.h"
#include "reports/reports.h"
#include "tests/fuzz/file.h"

static char *printed(const json_t *tree, size_t *length)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, length);
    struct err err = {0};
    if (f == NULL || report_json(f, &(struct report_input){.result = tree}, &err) != 0 ||
        fclose(f) != 0)
        abort();
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    const char *path = fuzz_file(data, size);
    json_t *tree = result_load(path, &err);
    if (tree == NULL) {
        fuzz_check(fuzz_complaint(path, &err));
        return 0;
    }
    size_t length, again_length;
    char *text = printed(tree, &length);
    json_t *again = result_load(fuzz_file((const uint8_t *)text, length), &err);
    fuzz_check(again == NULL ? err.text : NULL);
    char *same = printed(again, &again_length);
    fuzz_check(length != again_length || memcmp(text, same, length) != 0 ? "prints otherwise"
                                                                         : NULL);
    free(same);
    json_decref(again);
    free(text);
    json_decref(tree);
    return 0;
}
