#include "harness/run/entry.h"

#include "harness/case/values.h"
#include "harness/run/progress.h"
#include "mvpnbench/result.h"

#include <stdio.h>

json_t *entry_new(const struct entry_facts *f, const struct instance_outcome *out)
{
    json_t *recoveries = json_array();
    for (size_t i = 0; i < out->recovery_count; i++) {
        const struct recovery_outcome *o = &out->recovery[i];
        json_array_append_new(recoveries, json_pack("[i,i,i,I]", (int)o->stimulus, (int)o->repeat,
                                                    (int)o->verdict, (json_int_t)o->trall_ns));
    }
    json_t *e = json_pack("{s:s,s:I,s:i,s:I,s:I,s:I,s:I,s:I}", "id", f->id, "value",
                          (json_int_t)f->at.value, "vpns", (int)f->at.vpns, "begin_ns",
                          (json_int_t)f->begin_ns, "before_ns", (json_int_t)f->before_ns, "end_ns",
                          (json_int_t)f->end_ns, "a1_bytes", (json_int_t)f->a1_bytes, "a3_bytes",
                          (json_int_t)f->a3_bytes);
    json_object_update_new(
        e, json_pack("{s:i,s:s,s:b,s:s,s:o,s:O,s:O}", "verdict", (int)out->verdict, "bound",
                     bound_name(out->bound), "verified", (int)out->verified, "reason", out->reason,
                     "recoveries", recoveries, "notes", out->notes, "record", out->record));
    return e;
}

static bool recovery_of_row(const json_t *row, struct recovery_outcome *o)
{
    int stimulus, repeat, verdict;
    json_int_t trall_ns;
    if (json_unpack((json_t *)(uintptr_t)row, "[i,i,i,I]", &stimulus, &repeat, &verdict,
                    &trall_ns) != 0 ||
        stimulus < 0 || stimulus >= STIM_COUNT || verdict < VERDICT_PASS ||
        verdict > VERDICT_INVALID)
        return false;
    *o = (struct recovery_outcome){.stimulus = (enum stimulus)stimulus,
                                   .repeat = (unsigned)repeat,
                                   .verdict = (enum verdict)verdict,
                                   .trall_ns = trall_ns};
    return true;
}

static bool read_outcome(const json_t *entry, struct instance_outcome *out)
{
    const char *bound, *reason;
    int verdict, verified;
    json_t *recoveries, *notes, *record;
    *out = (struct instance_outcome){0};
    if (json_unpack((json_t *)(uintptr_t)entry, "{s:i,s:s,s:b,s:s,s:o,s:o,s:o}", "verdict",
                    &verdict, "bound", &bound, "verified", &verified, "reason", &reason,
                    "recoveries", &recoveries, "notes", &notes, "record", &record) != 0 ||
        verdict < VERDICT_PASS || verdict > VERDICT_INVALID || !json_is_object(notes) ||
        !json_is_object(record) ||
        json_array_size(recoveries) > sizeof(out->recovery) / sizeof(out->recovery[0]))
        return false;
    size_t i;
    json_t *row;
    json_array_foreach(recoveries, i, row)
    {
        if (!recovery_of_row(row, &out->recovery[out->recovery_count++]))
            return false;
    }
    out->verdict = (enum verdict)verdict;
    out->bound = bound_by_name(bound);
    out->verified = verified != 0;
    (void)snprintf(out->reason, sizeof(out->reason), "%s", reason);
    out->record = json_incref(record);
    out->notes = json_incref(notes);
    return true;
}

static const char *id_of(const json_t *entry)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    return id == NULL ? "?" : id;
}

int entry_read(const json_t *entry, struct case_try at, struct instance_outcome *out,
               struct err *err)
{
    const json_t *value = json_object_get(entry, "value"), *vpns = json_object_get(entry, "vpns");
    if (!json_is_integer(value) || !json_is_integer(vpns) || !read_outcome(entry, out)) {
        err_set(err, ERR_USE, "the journal's instance %s is damaged; start the run anew",
                id_of(entry));
        return -1;
    }
    if ((uint64_t)json_integer_value(value) == at.value && json_integer_value(vpns) == at.vpns)
        return 0;
    instance_outcome_fini(out);
    err_set(err, ERR_USE,
            "the journal's instance %s tried %lld where this run tries %llu: it was written by "
            "another version or after a change of files; start the run anew",
            id_of(entry), (long long)json_integer_value(value), (unsigned long long)at.value);
    return -1;
}

static void say_recovery(const struct test_case *tc, const char *id,
                         const struct recovery_outcome *o)
{
    const char *stimulus = stimulus_name(o->stimulus), *verdict = verdict_name(o->verdict);
    json_t *fields = json_pack("{s:s,s:s,s:s,s:i,s:s}", "case", case_id(tc), "instance", id,
                               "stimulus", stimulus, "repeat", (int)o->repeat, "verdict", verdict);
    json_object_set_new(fields, "Trall-Tf",
                        o->trall_ns < 0 ? json_null() : json_real((double)o->trall_ns / 1e9));
    if (o->trall_ns >= 0)
        progress_event("recovery", fields, "%s: %s %s, Trall-Tf %.3f s", id, stimulus, verdict,
                       (double)o->trall_ns / 1e9);
    else
        progress_event("recovery", fields, "%s: %s %s", id, stimulus, verdict);
}

void entry_say(const struct test_case *tc, const json_t *entry)
{
    struct instance_outcome out;
    const char *id = id_of(entry);
    if (!read_outcome(entry, &out))
        return;
    char at[64] = "";
    if (case_kind(tc) == CASE_SEARCH)
        (void)snprintf(at, sizeof(at), "%s=%lld ", case_param_symbol(case_searched(tc)),
                       (long long)json_integer_value(json_object_get(entry, "value")));
    json_t *fields = json_pack("{s:s,s:s,s:s}", "case", case_id(tc), "instance", id, "verdict",
                               verdict_name(out.verdict));
    if (case_kind(tc) == CASE_SEARCH)
        json_object_set(fields, "value", json_object_get(entry, "value"));
    json_object_set_new(fields, "reason",
                        out.reason[0] == '\0' ? json_null() : json_string(out.reason));
    progress_event("instance", fields, "%s: %s%s%s%s", id, at, verdict_name(out.verdict),
                   out.reason[0] == '\0' ? "" : ": ", out.reason);
    for (size_t i = 0; i < out.recovery_count; i++) {
        say_recovery(tc, id, &out.recovery[i]);
    }
    instance_outcome_fini(&out);
}

static int64_t number(const json_t *entry, const char *key)
{
    return json_integer_value(json_object_get(entry, key));
}

int64_t entry_duration_ns(const json_t *entry)
{
    return number(entry, "before_ns") + number(entry, "end_ns");
}

int64_t entry_next_ns(int64_t after_ns)
{
    return (after_ns / NS_PER_S + 1) * NS_PER_S;
}

static int64_t begin_after(const json_t *entry, int64_t after_ns)
{
    return entry_next_ns(after_ns + number(entry, "before_ns"));
}

int64_t entry_end_ns(const json_t *entry, int64_t after_ns)
{
    return begin_after(entry, after_ns) + number(entry, "end_ns");
}

int64_t entry_stamp(json_t *entry, int64_t after_ns)
{
    json_t *record = json_object_get(entry, "record");
    int64_t begin = begin_after(entry, after_ns), end = entry_end_ns(entry, after_ns);
    if (record != NULL) {
        json_object_set_new(record, "begin", result_time(begin));
        json_object_set_new(record, "end", result_time(end));
    }
    return end;
}
