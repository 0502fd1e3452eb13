/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as bytes: what comes back is what went in, and nothing else is taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/pack.h"

struct world {
    struct encoder *encoder;
    struct workshop *workshop;
};

static int set_up(void **state)
{
    static struct world w;
    char path[4096], why[4300];
    snprintf(path, sizeof path, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    if (encoder_open(&w.encoder, path, why, sizeof why) != WN_OK)
        return -1;
    w.workshop = workshop_create(w.encoder);
    *state = &w;
    return w.workshop ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    workshop_destroy(w->workshop);
    encoder_close(w->encoder);
    return 0;
}

static void make(struct workshop *w, struct evidence *e, const char *lang, const char *title,
                 const char *text)
{
    struct core c;
    memset(&c, 0, sizeof c);
    c.id = 17;
    c.arrived = 1700000000;
    c.url = 99;
    snprintf(c.lang, sizeof c.lang, "%s", lang);
    core_from_text(w, &c, (wn_str){title, strlen(title)}, (wn_str){text, strlen(text)});
    memset(e, 0, sizeof *e);
    assert_int_equal(evidence_from_core(w, &c, e), WN_OK);
}

static const char *const texts[][3] = {
    {"en", "Harbour tunnel opens after nine years",
     "The tunnel under the harbour of Larvik opened on Monday. It cost 3.2 billion kroner, "
     "40 percent more than planned.\nThe minister cut the ribbon. Trains follow in 2027."},
    {"ja", "港のトンネルが9年を経て開通",
     "ラルヴィク港のトンネルが月曜日に開通した。費用は32億クローネ。\n鉄道は2027年に続く。"},
    {"th", "อุโมงค์ใต้ท่าเรือเปิดแล้ว", "อุโมงค์ใต้ท่าเรือลาร์วิกเปิดในวันจันทร์ด้วยงบประมาณ 3.2 พันล้านโครน"},
    {"de", "Hafentunnel nach neun Jahren eröffnet", ""},
};

static void comes_back(void **state)
{
    struct world *w = *state;
    static struct evidence in, out;
    static unsigned char bytes[PACK_MAX];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        make(w->workshop, &in, texts[i][0], texts[i][1], texts[i][2]);
        size_t n = pack_evidence(&in, true, bytes);
        assert_true(n <= PACK_MAX);
        memset(&out, 0, sizeof out);
        assert_int_equal(pack_read_evidence(w->workshop, bytes, n, &out), WN_OK);
        for (int l = 0; l < EVIDENCE_LANGS; l++) {
            assert_true(fabsf(in.near_title[l] - out.near_title[l]) < 1e-4f);
            assert_true(fabsf(in.near_whole[l] - out.near_whole[l]) < 1e-4f);
        }
        memcpy(out.near_title, in.near_title, sizeof in.near_title);
        memcpy(out.near_whole, in.near_whole, sizeof in.near_whole);
        assert_memory_equal(&out, &in, sizeof in);
    }
}

/* Without vectors the core alone comes back, and nobody takes it for evidence. */
static void core_alone(void **state)
{
    struct world *w = *state;
    static struct evidence in, out;
    static struct core core;
    static unsigned char bytes[PACK_MAX];
    make(w->workshop, &in, texts[0][0], texts[0][1], texts[0][2]);
    size_t n = pack_evidence(&in, false, bytes), all = pack_evidence(&in, true, bytes);
    assert_true(n < all);
    memset(&core, 0, sizeof core);
    assert_int_equal(pack_read_core(bytes, n, &core), WN_OK);
    assert_memory_equal(&core, &in.core, sizeof core);
    assert_int_equal(pack_read_evidence(w->workshop, bytes, n, &out), WN_ABSENT);
    /* Another model's vectors are none, and the words would be found in it. */
    in.core.model++;
    all = pack_evidence(&in, true, bytes);
    assert_int_equal(pack_read_evidence(w->workshop, bytes, all, &out), WN_ABSENT);
}

/* A file that was cut, or in which bytes changed: refused or read as something, never past its end
 * (the sanitizers see that). */
static void damaged(void **state)
{
    struct world *w = *state;
    static struct evidence in, out;
    static unsigned char bytes[PACK_MAX];
    make(w->workshop, &in, texts[1][0], texts[1][1], texts[1][2]);
    size_t n = pack_evidence(&in, true, bytes);
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        memcpy(copy, bytes, cut);
        int status = pack_read_evidence(w->workshop, copy, cut, &out);
        assert_true(status == WN_INVALID || status == WN_ABSENT);
        free(copy);
    }
    for (size_t at = 0; at < n; at++) {
        unsigned char *copy = malloc(n);
        memcpy(copy, bytes, n);
        copy[at] ^= 0xFF;
        int status = pack_read_evidence(w->workshop, copy, n, &out);
        if (at < 4)
            assert_int_equal(status, WN_INVALID); /* the mark of version and layout */
        if (status == WN_OK)
            assert_true(out.n_sentences <= EVIDENCE_SENTENCES && out.n_words <= EVIDENCE_WORDS &&
                        out.core.title_len + out.core.text_len <= CORE_TEXT);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(core_alone),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
