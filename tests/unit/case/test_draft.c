/*
 * The shipped cases against the draft's own numbers (sections 9 to 11, with the readings of its
 * contradictions): parameters, relationships, steps, repetitions, what comes before.
 */
#include "harness/case/record.h"
#include "tests/unit/cu.h"

#include <stdio.h>
#include <string.h>

#define ALL_STEPS "12345678 1234567"

static const struct {
    const char *id;
    const char *varies;
    const char
        *maximum; /* formula's value at N=7 c=3 R=5 g=4 s=2 d=2 total=11 I=6; "-": measures */
    const char *relations;
    const char *steps; /* of 7.1, of 7.2 */
    const char *mdt;   /* "+": each of them */
    const char *extra; /* first item or "" */
    unsigned repetitions;
    const char *after;  /* all, joined */
    const char *issues; /* of testcases the draft issues that concern this case alone */
} draft[] = {
    {"9.1", "N=? c=1 R=1 g=2 share=0.5 s=1", "7",
     "Num_mVPN == Num_MC_C_ints;Num_starG_C == Num_SG_C;Num_SG_C == 2*Num_mVPN;"
     "Num_OIF_C == 4*Num_mVPN;",
     ALL_STEPS, "asm,bidir", "", 1, "", "A3,D1"},
    {"9.2", "N=100,200,... c=? R=1", "21",
     "Num_MC_C_ints >= Num_mVPN;Num_starG_C == 0;Num_SG_C == 0;Num_OIF_C == 0;", "12378 12567",
     "asm,bidir", "c_neighbor_recovery_first", 1, "9.1", "D2,D3,A26"},
    {"9.3", "N=100,200,... c=1 R=1 g=? share=1,0,0.1 s=2,50", "84",
     "Num_starG_C + Num_SG_C >> Num_mVPN;Num_OIF_C >> Num_mVPN;Num_MC_C_ints == Num_mVPN;",
     ALL_STEPS, "asm,bidir", "", 1, "9.1", "D4,D5,D6,A26"},
    {"9.4", "N=100,Vmax c=C R=1 g=0.25*G,0.50*G,0.75*G,G share=0 s=2 d=?", "168",
     "Num_MC_C_ints > Num_mVPN;Num_starG_C + Num_SG_C >> Num_mVPN;Num_OIF_C >> Num_mVPN;"
     "Num_OIF_C == N*(1+s)*g*d;",
     ALL_STEPS, "asm,bidir", "", 1, "9.2,9.3,9.1", "D7,D8,D35"},
    {"9.5", "N=Vmax c=C R=1 g=Smax/4 share=0 s=2 spmsi_rx_total=?", "11",
     "Num_SPMSI_Rx > Num_mVPN at end;Num_SPMSI_Src == 0;Num_MC_C_ints > Num_mVPN;"
     "Num_starG_C + Num_SG_C >> Num_mVPN;Num_OIF_C >> Num_mVPN;",
     ALL_STEPS, "asm,bidir", "", 1, "9.2,9.3", "D9,D10,D11,D12,D13"},
    {"9.6", "N=Vmax c=1 R=1 g=Smax/4 share=1 s=2 spmsi_src_total=?", "12",
     "Num_SPMSI_Src > Num_mVPN at end;Num_SPMSI_Rx == 0;Num_MC_C_ints == Num_mVPN;"
     "Num_starG_C + Num_SG_C >> Num_mVPN;Num_OIF_C >> Num_mVPN;",
     ALL_STEPS, "asm,bidir", "", 1, "9.2,9.3,9.5", "D9,D14,D15"},
    {"9.7",
     "N=Vmax c=C R=1 g=Smax/2 share=0.1 s=2 spmsi_src=2 spmsi_rx=8 "
     "spmsi_src_flows=2*I spmsi_rx_flows=8*I I=?",
     "60",
     "Num_starG_C + Num_SG_C > Num_SPMSI_Rx;Num_SPMSI_Rx >= Num_mVPN;"
     "Num_starG_C + Num_SG_C > Num_SPMSI_Src;Num_SPMSI_Src >= Num_mVPN;"
     "Num_MC_C_ints == Num_PIM_C_neigh_c_side;Num_MC_C_ints > Num_mVPN;Num_OIF_C >> Num_mVPN;",
     ALL_STEPS, "asm,bidir", "", 1, "9.2,9.3,9.5", "D9,D16,D36,A2"},
    {"9.8", "N=? c=2 R=500 g=10 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "7",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C == 30*Num_mVPN;"
     "Num_OIF_C == 60*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     ALL_STEPS, "asm,ssm,bidir+", "", 1, "10.2", "D17,D19,D20,D21,A8,A9"},
    {"9.9", "N=? c=2 R=50 g=100 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "7",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C == 300*Num_mVPN;"
     "Num_OIF_C == 600*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     ALL_STEPS, "asm,ssm,bidir+", "", 1, "10.2", "D17,D19,D20"},
    {"9.10", "N=? c=2 R=100 g=33 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "7",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C ~= 100*Num_mVPN;"
     "Num_OIF_C ~= 200*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     ALL_STEPS, "asm,ssm,bidir+", "", 1, "10.2", "D17,D18,D19,D20,D22"},
    {"9.11", "N=1..Nmax c=2 R=100 g=33 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "-",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C ~= 100*Num_mVPN;"
     "Num_OIF_C ~= 200*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     "1234567 ", "asm,ssm,bidir+", "spmsi_switch_delay", 20, "9.10", "D23,D24,A15"},
    {"9.12", "N=1..Nmax c=2 R=100 g=33 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "-",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C ~= 100*Num_mVPN;"
     "Num_OIF_C ~= 200*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     "1234567 ", "asm,ssm,bidir+", "join_convergence", 10, "9.10", "D25,D26,A15"},
    {"9.13", "N=? c=2 R=100 g=33 share=0.1 s=2 spmsi_src=2 spmsi_rx=8", "7",
     "Num_MC_C_ints == 2*Num_mVPN;Num_starG_C + Num_SG_C ~= 100*Num_mVPN;"
     "Num_OIF_C ~= 200*Num_mVPN;Num_SPMSI_Rx == 8*Num_mVPN;Num_SPMSI_Src == 2*Num_mVPN;",
     ALL_STEPS, "asm,ssm,bidir+", "register_to_join_delay", 1, "9.10,10.2", "D27,D28"},
    {"10.1", "N=100,200,... c=1 R=? g=2 share=0.5 s=1", "35",
     "Num_MC_C_ints == Num_mVPN;Num_PIM_C_neigh_c_side == Num_mVPN;"
     "Num_PIM_C_neigh_mipmsi == N*R;Num_starG_C == 2*Num_mVPN;Num_SG_C == 2*Num_mVPN;"
     "Num_OIF_C == 4*Num_mVPN;",
     ALL_STEPS, "asm,bidir", "mipmsi_neighbor_recovery_first", 1, "9.1,10.2", "A2,A3,A26,D29"},
    {"10.2", "N=100,Vmax c=1 R=2 g=G share=0 s=2", "-",
     "Num_MC_C_ints == Num_mVPN;Num_starG_C + Num_SG_C >> Num_mVPN;Num_OIF_C >> Num_mVPN;",
     "1234567 ", "asm,bidir", "jp_suppression", 1, "9.3,9.1", "D30,D31,D32,D33"},
    {"11.1", "N=100,200,... c=1 R=? g=2 share=0.5 s=1", "42",
     "Num_MC_C_ints == Num_mVPN;Num_starG_C == 2*Num_mVPN;Num_SG_C == 2*Num_mVPN;"
     "Num_OIF_C == 4*Num_mVPN;Num_SG_P == N*(R+1);",
     ALL_STEPS, "ssm", "mipmsi_neighbor_recovery_first", 1, "9.1,10.1,10.2", "A3,D34"},
};
#define CASES (sizeof(draft) / sizeof(draft[0]))

static bool same(const char *id, const char *what, const char *is, const char *should)
{
    if (strcmp(is, should) == 0)
        return true;
    (void)fprintf(stderr, "%s %s: \"%s\", the draft has \"%s\"\n", id, what, is, should);
    return false;
}

static void add(char *buf, size_t cap, const char *text)
{
    size_t n = strlen(buf);
    (void)snprintf(buf + n, cap - n, "%s", text);
}

static char *relations_text(const struct test_case *tc, char *buf, size_t cap)
{
    buf[0] = '\0';
    for (size_t i = 0; i < tc->relation_count; i++) {
        const struct relation *r = &tc->relation[i];
        add(buf, cap, r->left_text);
        add(buf, cap, " ");
        add(buf, cap, relation_operator(r->kind));
        add(buf, cap, " ");
        add(buf, cap, r->right_text);
        add(buf, cap, tc->relation_at_end[i] ? " at end;" : ";");
    }
    return buf;
}

static char *steps_text(const struct test_case *tc, char buf[32])
{
    size_t n = 0;
    for (int failure = 0; failure < 2; failure++) {
        for (unsigned i = 1; i <= 8; i++) {
            if (case_step(tc, failure == 1, i))
                buf[n++] = (char)('0' + i);
        }
        buf[n++] = failure == 0 ? ' ' : '\0';
    }
    return buf;
}

static char *mdt_text(const struct test_case *tc, char buf[32])
{
    buf[0] = '\0';
    for (size_t i = 0; i < tc->mdt_count; i++) {
        add(buf, 32, i == 0 ? "" : ",");
        add(buf, 32, mdt_mode_name(tc->mdt_order[i]));
    }
    add(buf, 32, tc->mdt_each ? "+" : "");
    return buf;
}

static char *joined(const char *word(const struct test_case *, size_t), const struct test_case *tc,
                    char buf[256])
{
    buf[0] = '\0';
    for (size_t i = 0; word(tc, i) != NULL; i++) {
        add(buf, 256, i == 0 ? "" : ",");
        add(buf, 256, word(tc, i));
    }
    return buf;
}

static struct test_case *load(const char *id)
{
    struct err err = {0};
    struct test_case *tc = case_find(id, &err);
    if (tc == NULL)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tc);
    return tc;
}

static void test_tables(void)
{
    for (size_t i = 0; i < CASES; i++) {
        const char *id = draft[i].id;
        char buf[1024];
        struct test_case *tc = load(id);
        CU_ASSERT(same(id, "parameters", case_varies(tc, buf, sizeof(buf)), draft[i].varies));
        CU_ASSERT(same(id, "relations", relations_text(tc, buf, sizeof(buf)), draft[i].relations));
        CU_ASSERT(same(id, "steps", steps_text(tc, buf), draft[i].steps));
        CU_ASSERT(same(id, "MI-PMSI", mdt_text(tc, buf), draft[i].mdt));
        CU_ASSERT(same(id, "after", joined(case_after, tc, buf), draft[i].after));
        CU_ASSERT_EQUAL(case_repetitions(tc), draft[i].repetitions);
        CU_ASSERT(draft[i].extra[0] == '\0' ? tc->extra.count == 0
                                            : case_extra(tc, draft[i].extra));
        bool measures = draft[i].maximum[0] == '-';
        CU_ASSERT_EQUAL(case_kind(tc), measures ? CASE_MEASURE : CASE_SEARCH);
        CU_ASSERT_EQUAL(case_searched(tc) == PARAM_COUNT, measures);
        CU_ASSERT_EQUAL(case_stimuli(tc), !measures);
        CU_ASSERT(case_title(tc)[0] != '\0' && case_objective(tc)[0] != '\0');
        case_free(tc);
    }
}

static void test_maxima(void)
{
    struct case_values v = {.v = {[PARAM_MVPNS] = 7,
                                  [PARAM_C_INTERFACES] = 3,
                                  [PARAM_REMOTE_PES] = 5,
                                  [PARAM_GROUPS] = 4,
                                  [PARAM_INGRESS_SHARE] = 0.5,
                                  [PARAM_SOURCES] = 2,
                                  [PARAM_RECEIVER_C_IFS] = 2,
                                  [PARAM_SPMSI_SRC_TOTAL] = 12,
                                  [PARAM_SPMSI_RX_TOTAL] = 11,
                                  [PARAM_REUSE] = 6}};
    for (size_t i = 0; i < CASES; i++) {
        char buf[32] = "-";
        struct test_case *tc = load(draft[i].id);
        if (case_kind(tc) == CASE_SEARCH)
            (void)snprintf(buf, sizeof(buf), "%lld", (long long)case_variable(tc, &v));
        CU_ASSERT(same(draft[i].id, "maximum", buf, draft[i].maximum));
        case_free(tc);
    }
}

/* Every reading that the case follows is named, and has a text for the report. */
static void test_readings(void)
{
    for (size_t i = 0; i < CASES; i++) {
        char list[256], needed[64];
        struct test_case *tc = load(draft[i].id);
        (void)snprintf(needed, sizeof(needed), "%s", draft[i].issues);
        (void)joined(case_issue, tc, list);
        add(list, sizeof(list), ",");
        char *rest = needed;
        for (char *w; (w = strsep(&rest, ",")) != NULL;) {
            char word[8];
            (void)snprintf(word, sizeof(word), "%s,", w);
            CU_ASSERT_PTR_NOT_NULL(strstr(list, word));
        }
        for (size_t n = 0; case_issue(tc, n) != NULL; n++) {
            const char *text = case_reading(case_issue(tc, n));
            CU_ASSERT(text != NULL && strlen(text) > 12 && strlen(text) < 200);
        }
        case_free(tc);
    }
    CU_ASSERT_PTR_NULL(case_reading("D38"));
    CU_ASSERT_PTR_NULL(case_reading("A"));
}

static void test_particulars(void)
{
    struct run_settings s;
    struct err err = {0};
    run_settings_default(&s);
    for (size_t i = 0; i < CASES; i++) {
        struct test_case *tc = load(draft[i].id);
        CU_ASSERT_EQUAL(case_c_rp_on_dut(tc, &s), strcmp(draft[i].id, "9.13") == 0);
        CU_ASSERT_EQUAL(tc->receiver_behind_pe3, strcmp(draft[i].id, "10.2") == 0);
        CU_ASSERT_EQUAL(tc->test_groups, strcmp(draft[i].id, "9.12") == 0 ? 10 : 0);
        CU_ASSERT_EQUAL(case_own_step(tc, 0) != NULL,
                        strcmp(draft[i].id, "9.13") == 0 || strcmp(draft[i].id, "10.2") == 0);
        CU_ASSERT_DOUBLE_EQUAL(tc->tolerance, 0.02, 0);
        case_free(tc);
    }
    CU_ASSERT_EQUAL(run_settings_set(&s, "c_rp.location", "site", &err), 0);
    struct test_case *tc = load("9.13");
    CU_ASSERT_FALSE(case_c_rp_on_dut(tc, &s));
    case_free(tc);
}

static const struct cu_test tests[] = {
    {"parameters, relationships, steps", test_tables},
    {"what is maximised", test_maxima},
    {"readings of the draft", test_readings},
    {"C-RP, PE3, test groups, steps of their own", test_particulars},
};
CU_MAIN("case/draft", tests)
