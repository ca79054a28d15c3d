#include "reports/walk.h"

#include "emul/base/mem.h"
#include "reports/tree.h"

#include <stdlib.h>
#include <string.h>

#define DRAFT "draft-sdry-bmwg-mvpnscale-03"

/* The DUTs of all cases, each once: "name version (driver), ..."; the caller frees. */
static char *duts_of(const json_t *cases)
{
    char *all = mem_strdup("");
    json_t *said = json_object(), *one_case;
    size_t i;
    json_array_foreach(cases, i, one_case)
    {
        const json_t *dut = json_object_get(one_case, "dut");
        const char *version = tree_text(dut, "version", NULL);
        char *one =
            mem_printf("%s%s%s (%s)", tree_text(dut, "name", "-"), version == NULL ? "" : " ",
                       version == NULL ? "" : version, tree_text(dut, "driver", "-"));
        if (json_is_object(dut) && json_object_get(said, one) == NULL) {
            char *longer = mem_printf("%s%s%s", all, *all == '\0' ? "" : ", ", one);
            free(all);
            all = longer;
            json_object_set_new(said, one, json_true());
        }
        free(one);
    }
    json_decref(said);
    return all;
}

static void walk_head(const json_t *result, struct report_sink *sink)
{
    char *duts = duts_of(json_object_get(result, "cases"));
    char *version = tree_scalar(tree_at(result, "tool", "version", NULL));
    char *seed = tree_scalar(tree_at(result, "tool", "seed", NULL));
    char *started = tree_scalar(json_object_get(result, "started"));
    char *text = mem_printf("MVPN control-plane scale of a PE router, measured after " DRAFT
                            ". DUT: %s. mvpnbench %s, seed %s, %s clock, started %s.",
                            *duts == '\0' ? "-" : duts, version, seed,
                            tree_text(result, "clock", "unknown"), started);
    sink->ops->paragraph(sink, text);
    free(text);
    free(started);
    free(seed);
    free(version);
    free(duts);
}

static void walk_legend(struct report_sink *sink)
{
    static const char *const items[] = {
        "'-' is a value that was not or could not be measured; its reason stands among the "
        "deviations of the case.",
        "Expected: computed from the parameters of the instance. DUT: read from the DUT. "
        "Apparatus: as far as it can be seen in the packets received. Directions are the DUT's: "
        "ingress traffic comes from its C-interfaces, egress traffic goes to them.",
        "N mVPNs; per mVPN c C-interfaces, R remote PEs, g groups of s sources each; share: the "
        "ingress groups among them.",
        "Num_PE counts the DUT: it is the number of remote PEs of a VPN plus one.",
        "Counts of packets are (packet, expected receiver) pairs of packets sent within the window "
        "of step 7.",
        "apparatus, as what bounds a maximum: the value is as far as this apparatus can go, not "
        "as far as the DUT can; range: search.max was reached.",
    };
    sink->ops->section(sink, 1, "How to read this report");
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        sink->ops->item(sink, items[i]);
}

static void walk_times(struct report_sink *sink)
{
    sink->ops->section(sink, 1, "The recovery times");
    sink->ops->paragraph(
        sink,
        "Tf is the recovery action on the apparatus's clock. Tre (t_first_ingress) and Trd "
        "(t_first_egress) are the arrivals of the first packet among the interrupted pairs of that "
        "direction; Trall is the instant at which the last interrupted pair has its rate back, "
        "confirmed by a run in order of 5 packets and 5 s. Pairs are (flow, expected receiver) "
        "pairs; only those that lost packets are counted. The resolution is the sending interval "
        "of a flow. Loss-derived convergence (RFC 6412: lost packets over rate, of the pair that "
        "lost most) counts packets sent after Tf: it checks Trall-Tf to a sending interval or "
        "two.");
    sink->ops->paragraph(
        sink,
        "The apparatus floor (apparatus_floor_s) is Trall-Tf of the same instance on a reference "
        "PE that needs no time at all: what PIM's own timers on the emulated side cost after the "
        "recovery action. A neighbour is known again with its next Hello (one every 30 s, or a "
        "triggered one within 5 s), and joins follow with the next triggered or periodic "
        "Join/Prune (one every 60 s). Trall-Tf less the floor is therefore the nearest to the "
        "DUT's own share; Trall-Tf itself is what the draft asks for.");
}

void report_walk(const struct report_input *in, struct report_sink *sink)
{
    const json_t *result = in->result, *cases = json_object_get(result, "cases");
    size_t i;
    json_t *one_case;
    sink->ops->begin(sink, "mvpnbench report");
    walk_head(result, sink);
    if (in->unfinished != NULL)
        sink->ops->paragraph(sink, in->unfinished);
    if (json_array_size(cases) == 0)
        sink->ops->paragraph(sink, "No test case was run.");
    else
        walk_summary(in, sink);
    json_array_foreach(cases, i, one_case) walk_case(one_case, in->dir, sink);
    walk_legend(sink);
    if (walk_has_recovery(result))
        walk_times(sink);
    sink->ops->end(sink);
}

void report_document(void *arg, struct report_sink *sink)
{
    report_walk(arg, sink);
}
