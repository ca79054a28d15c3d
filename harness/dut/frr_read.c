/* Asking FRR through vtysh: several instances at a time, all questions of one instance at once. */
#include "emul/base/mem.h"
#include "harness/dut/frr.h"
#include "harness/dut/frr_jobs.h"
#include "harness/dut/frr_metric.h"
#include "mvpnbench/topology.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL       2
#define VTYSH_LIMIT_MS 20000
#define READY_STEP_MS  100
#define READY_STEPS    300 /* and as long again as the questions take */
#define QUESTIONS_MAX  3

#define ASK_NEIGHBOURS "show ip pim neighbor json"
#define ASK_INTERFACES "show ip pim interface json"
#define ASK_ROUTES     "show ip mroute json"

/* Answers of one FRR instance, in the order of the questions. */
struct answers {
    json_t *json[QUESTIONS_MAX];
};

static void job_fill(const struct frr *f, uint32_t instance, const char *const *questions,
                     struct frr_job *job)
{
    char ns[FRR_NAME_MAX];
    size_t n = 0;
    job->argv[n++] = FRR_VTYSH;
    job->argv[n++] = "-N";
    job->argv[n++] = mem_strdup(frr_instance_ns(f, instance, ns));
    job->argv[n++] = "--config_dir";
    job->argv[n++] = f->state_dir;
    job->argv[n++] = "-d";
    job->argv[n++] = "pimd";
    for (; *questions != NULL; questions++) {
        job->argv[n++] = "-c";
        job->argv[n++] = *questions;
    }
}

/* vtysh prints one JSON value a question, one after the other. */
static int answers_parse(const struct frr_job *job, const char *const *questions,
                         struct answers *out, struct err *err)
{
    const char *p = job->out;
    for (size_t i = 0; questions[i] != NULL; i++) {
        json_error_t e;
        out->json[i] = json_loads(p, JSON_DISABLE_EOF_CHECK, &e);
        if (out->json[i] == NULL) {
            int len = (int)strcspn(p, "\n");
            err_set(err, ERR_TESTBED, "FRR PE: vtysh -N %s '%s' did not answer in JSON: %.*s",
                    job->argv[2], questions[i], len > 80 ? 80 : len, p);
            return -1;
        }
        p += e.position;
    }
    return 0;
}

static void answers_free(struct answers *a, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t q = 0; q < QUESTIONS_MAX; q++)
            json_decref(a[i].json[q]);
    }
    free(a);
}

/* Asks instances first..last; NULL with *err when one did not answer. */
static struct answers *ask(const struct frr *f, uint32_t first, uint32_t last,
                           const char *const *questions, struct err *err)
{
    size_t count = last - first + 1;
    struct frr_job *jobs = mem_zalloc(count, sizeof *jobs);
    struct answers *a = mem_zalloc(count, sizeof *a);
    for (size_t i = 0; i < count; i++)
        job_fill(f, first + (uint32_t)i, questions, &jobs[i]);
    int rc = frr_jobs_run(jobs, count, PARALLEL, VTYSH_LIMIT_MS, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = answers_parse(&jobs[i], questions, &a[i], err);
    for (size_t i = 0; i < count; i++)
        free((char *)jobs[i].argv[2]);
    frr_jobs_free(jobs, count);
    free(jobs);
    if (rc == 0)
        return a;
    answers_free(a, count);
    return NULL;
}

static int odd_answer(const char *question, struct err *err)
{
    err_set(err, ERR_TESTBED, "FRR PE: '%s' answered JSON of an unknown shape", question);
    return -1;
}

/* Ready: PIM runs on every interface of every VRF, and the P instance forwards every MDT to us. */
static int count_ready(const struct frr *f, uint32_t *ready, struct err *err)
{
    static const char *const questions[] = {ASK_INTERFACES, NULL};
    uint32_t n = f->spec.mvpns;
    struct answers *a = ask(f, 0, n, questions, err);
    if (a == NULL)
        return -1;
    int rc = 0;
    *ready = json_object_get(a[0].json[0], FRR_M_IF) != NULL &&
             json_object_get(a[0].json[0], FRR_P_IF) != NULL;
    for (uint32_t v = 1; v <= n && rc == 0; v++) {
        struct frr_vrf_state state = {0};
        rc = frr_count_interfaces(a[v].json[0], &state);
        *ready += state.mti_up && state.c_interfaces == (int64_t)f->spec.c_interfaces;
    }
    answers_free(a, n + 1);
    return rc < 0 ? odd_answer(ASK_INTERFACES, err) : 0;
}

int frr_wait_ready(struct frr *f, struct err *err)
{
    uint32_t ready = 0;
    for (int i = 0; i < READY_STEPS; i++) {
        if (count_ready(f, &ready, err) < 0)
            return -1;
        if (ready == f->spec.mvpns + 1)
            return 0;
        (void)poll(NULL, 0, READY_STEP_MS);
    }
    err_set(err, ERR_TESTBED, "FRR PE: only %u of %u instances of pimd have their interfaces up",
            ready, f->spec.mvpns + 1);
    return -1;
}

int frr_read_neighbours(struct frr *f, struct neighbour_count *out, struct err *err)
{
    static const char *const questions[] = {ASK_NEIGHBOURS, NULL};
    struct answers *a = ask(f, 1, f->spec.mvpns, questions, err);
    if (a == NULL)
        return -1;
    struct frr_vrf_state sum = {0};
    int rc = 0;
    for (uint32_t i = 0; i < f->spec.mvpns && rc == 0; i++)
        rc = frr_count_neighbours(a[i].json[0], &sum);
    answers_free(a, f->spec.mvpns);
    *out = (struct neighbour_count){.c_interface = sum.c_neighbours, .mi_pmsi = sum.mti_neighbours};
    return rc < 0 ? odd_answer(ASK_NEIGHBOURS, err) : 0;
}

enum { Q_NEIGHBOURS, Q_INTERFACES, Q_ROUTES };

static int view_p(const struct answers *a, struct dut_view *out, struct err *err)
{
    struct frr_routes r = {0};
    if (frr_count_routes(a->json[Q_ROUTES], &r) < 0)
        return odd_answer(ASK_ROUTES, err);
    out->p.v[NUM_STARG_P] = r.starg;
    out->p.v[NUM_SG_P] = r.sg;
    out->p.v[NUM_OIF_P] = r.oifs;
    return 0;
}

/* The default MDT is there: the route of all remote PEs' packets, or that of each one's. */
static bool mdt_is_built(const struct instance_spec *s, uint32_t v, const json_t *p_routes)
{
    ip4_t group = topology_mdt_group(s, v);
    if (s->mdt != MDT_SSM)
        return frr_has_starg(p_routes, group);
    for (uint32_t r = 1; r <= s->remote_pes; r++) {
        if (!frr_has_sg(p_routes, topology_remote_pe_addr(s, r), group))
            return false;
    }
    return true;
}

static int view_vrf(const struct frr *f, uint32_t v, const struct answers *a,
                    const json_t *p_routes, struct dut_view *out, struct err *err)
{
    struct frr_vrf_state s = {0};
    struct frr_routes r = {0};
    if (frr_count_neighbours(a->json[Q_NEIGHBOURS], &s) < 0)
        return odd_answer(ASK_NEIGHBOURS, err);
    if (frr_count_interfaces(a->json[Q_INTERFACES], &s) < 0)
        return odd_answer(ASK_INTERFACES, err);
    if (frr_count_routes(a->json[Q_ROUTES], &r) < 0)
        return odd_answer(ASK_ROUTES, err);
    int64_t *m = out->metric.v;
    m[NUM_MVPN] += s.mti_up && mdt_is_built(&f->spec, v, p_routes);
    if (s.mti_neighbours + 1 > m[NUM_PE])
        m[NUM_PE] = s.mti_neighbours + 1;
    m[NUM_MC_C_INTS] += s.c_interfaces;
    m[NUM_PIM_C_NEIGH] += s.c_neighbours + s.mti_neighbours;
    m[NUM_STARG_C] += r.starg;
    m[NUM_SG_C] += r.sg;
    m[NUM_OIF_C] += r.oifs;
    out->neighbours.c_interface += s.c_neighbours;
    out->neighbours.mi_pmsi += s.mti_neighbours;
    return 0;
}

int frr_read_view(struct frr *f, struct dut_view *out, struct err *err)
{
    static const char *const questions[] = {ASK_NEIGHBOURS, ASK_INTERFACES, ASK_ROUTES, NULL};
    uint32_t n = f->spec.mvpns;
    struct answers *a = ask(f, 0, n, questions, err);
    if (a == NULL)
        return -1;
    /* FRR sources no S-PMSI: that is 0, not unknown. */
    out->metric = (struct mvpn_metric){0};
    out->neighbours = (struct neighbour_count){0};
    int rc = view_p(&a[0], out, err);
    out->metric.v[NUM_SPMSI_RX] = frr_count_sg_within(a[0].json[Q_ROUTES], FRR_DATA_MDTS);
    for (uint32_t v = 1; v <= n && rc == 0; v++)
        rc = view_vrf(f, v, &a[v], a[0].json[Q_ROUTES], out, err);
    answers_free(a, n + 1);
    return rc;
}
