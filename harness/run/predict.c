#include "harness/run/predict.h"

static const char *const event_names[] = {"first_join", "further_join", "refresh", "leave",
                                          "last_leave"};
static const char *const column_names[] = {"upstream", "other_pes", "rr", "all"};

double predict_trees(const struct predict_input *in)
{
    return in->groups * (1 + in->sources);
}

/* How often each event occurs in the life of a tree: R PEs join, and leave again. */
static void events(const struct predict_input *in, double times[PREDICT_EVENTS])
{
    double more = in->receivers > 0 ? in->receivers - 1 : 0;
    times[PREDICT_FIRST_JOIN] = in->receivers > 0;
    times[PREDICT_FURTHER_JOIN] = more;
    times[PREDICT_REFRESH] = 1; /* the row is of the whole lifetime */
    times[PREDICT_LEAVE] = more;
    times[PREDICT_LAST_LEAVE] = in->receivers > 0;
}

static void add_up(const struct predict_input *in, struct prediction *p)
{
    double times[PREDICT_EVENTS];
    events(in, times);
    for (int c = 0; c < PREDICT_COLUMNS; c++)
        p->sum[c] = 0;
    for (int e = 0; e < PREDICT_EVENTS; e++) {
        double *row = p->rows[e];
        row[PREDICT_ALL] = row[PREDICT_UPSTREAM] + row[PREDICT_OTHER] + row[PREDICT_RR];
        for (int c = 0; c < PREDICT_COLUMNS; c++)
            p->sum[c] += times[e] * row[c];
    }
}

/* RFC 6517, A.1.1.1: every PE of the mVPN sees each Join or Prune on the LAN. */
void predict_pim(const struct predict_input *in, struct prediction *out)
{
    double refreshes = in->lifetime_s / in->refresh_s, p = in->pes, r = in->receivers;
    const double one[PREDICT_EVENTS] = {1, 1, refreshes, 2, 1};
    *out = (struct prediction){0};
    for (int e = 0; e < PREDICT_EVENTS; e++) {
        out->rows[e][PREDICT_UPSTREAM] = one[e];
        out->rows[e][PREDICT_OTHER] = one[e] * (p - 1);
    }
    add_up(in, out);
    out->printed[PREDICT_UPSTREAM] = 2 * r + refreshes;
    out->printed[PREDICT_OTHER] = (2 * r + refreshes) * (p - 1);
    out->printed[PREDICT_ALL] = p * (3 * r + refreshes);
    out->state[PREDICT_UPSTREAM] = 1;
    out->state[PREDICT_OTHER] = r;
    out->state[PREDICT_ALL] = r + 1;
}

/* RFC 6517, A.1.1.2: route reflectors and RT-constrain, two reflectors a cluster in the rows. */
void predict_bgp(const struct predict_input *in, bool best, struct prediction *out)
{
    double r = in->receivers, rr = in->reflectors, rr_messages = best ? 2 : 6;
    double clusters = in->clusters < 0 ? rr / 2 : in->clusters;
    *out = (struct prediction){
        .rows = {[PREDICT_FIRST_JOIN] = {2, 2, 6},
                 [PREDICT_FURTHER_JOIN] = {best ? 0 : 2, 2, rr_messages},
                 [PREDICT_LEAVE] = {best ? 0 : 2, 2, rr_messages},
                 [PREDICT_LAST_LEAVE] = {2, 2, 6}},
        .printed = {2 * rr, 4 * r, rr_messages * r, best ? 6 * r + rr : 10 * r + 2 * rr},
        .state = {4, 2 * r, 2 * r + rr * clusters, 4 * r + rr * clusters + 4}};
    add_up(in, out);
}

static json_t *columns(const double v[PREDICT_COLUMNS], double trees)
{
    json_t *o = json_object();
    for (int c = 0; c < PREDICT_COLUMNS; c++)
        json_object_set_new(o, column_names[c], json_real(v[c] * trees));
    return o;
}

static json_t *figures(const struct prediction *p, double trees)
{
    json_t *o = json_object(), *rows = json_object(), *split = json_object();
    for (int e = 0; e < PREDICT_EVENTS; e++)
        json_object_set_new(rows, event_names[e], columns(p->rows[e], 1));
    json_object_set_new(o, "rows", rows);
    json_object_set_new(o, "sum", json_real(p->sum[PREDICT_ALL] * trees));
    json_object_set_new(o, "printed", json_real(p->printed[PREDICT_ALL] * trees));
    json_object_set_new(o, "state", json_real(p->state[PREDICT_ALL] * trees));
    json_object_set_new(split, "sum", columns(p->sum, trees));
    json_object_set_new(split, "printed", columns(p->printed, trees));
    json_object_set_new(split, "state", columns(p->state, trees));
    json_object_set_new(o, "by_equipment", split);
    return o;
}

json_t *predict_json(const struct predict_input *in)
{
    struct prediction p;
    double trees = predict_trees(in);
    json_t *o = json_object();
    predict_pim(in, &p);
    json_object_set_new(o, "pim", figures(&p, trees));
    predict_bgp(in, false, &p);
    json_t *bgp = figures(&p, trees);
    predict_bgp(in, true, &p);
    json_object_set_new(bgp, "tending_toward", figures(&p, trees));
    json_object_set_new(o, "bgp", bgp);
    json_object_set_new(o, "trees", json_real(trees));
    return o;
}
