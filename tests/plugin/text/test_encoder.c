/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder with the shipped model: meaning across languages, bad input, damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/text/encoder.h"
#include "plugin/text/kernels.h"
#include "plugin/text/limits.h"
#include "plugin/text/model_file.h"

static struct encoder *encoder;
static struct encoder_cache *cache;

static int open_model(void **state)
{
    char path[4096], why[400] = "";
    (void)state;
    snprintf(path, sizeof path, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    if (encoder_open(&encoder, path, why, sizeof why) != WN_OK)
        print_error("%s\n", why);
    cache = encoder_cache_create();
    return encoder && cache ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    encoder_cache_destroy(cache);
    encoder_close(encoder);
    return 0;
}

static void quantised(const char *text, int8_t out[ENCODER_DIM])
{
    int32_t sum[ENCODER_DIM] = {0};
    encoder_add(encoder, cache, text, strlen(text), sum);
    encoder_quantise(sum, out);
}

/* Three short reports in all fifteen languages: each is nearer to its own than to the others. */
static void test_editions_are_near(void **state)
{
    static const char *const text[3][15] = {
        {"Strong earthquake shakes Japan, tsunami warning issued",
         "Starkes Erdbeben erschüttert Japan, Tsunami-Warnung ausgegeben",
         "Un fort séisme secoue le Japon, alerte au tsunami",
         "Un fuerte terremoto sacude Japón y se emite una alerta de tsunami",
         "Forte terremoto atinge o Japão e alerta de tsunami é emitido",
         "Сильное землетрясение в Японии, объявлена угроза цунами",
         "일본에 강한 지진, 쓰나미 경보 발령", "日本で強い地震、津波警報を発表",
         "日本发生强烈地震 发布海啸警报", "日本發生強烈地震 發布海嘯警報",
         "زلزال قوي يضرب اليابان وتحذير من تسونامي",
         "Động đất mạnh rung chuyển Nhật Bản, cảnh báo sóng thần",
         "แผ่นดินไหวรุนแรงในญี่ปุ่น ประกาศเตือนสึนามิ",
         "Gempa bumi kuat mengguncang Jepang, peringatan tsunami dikeluarkan",
         "Gempa bumi kuat menggegarkan Jepun, amaran tsunami dikeluarkan"},
        {"Central bank raises interest rates to fight inflation",
         "Zentralbank erhöht Zinsen, um die Inflation zu bekämpfen",
         "La banque centrale relève ses taux d'intérêt pour lutter contre l'inflation",
         "El banco central sube los tipos de interés para combatir la inflación",
         "Banco central aumenta os juros para combater a inflação",
         "Центральный банк повысил процентную ставку для борьбы с инфляцией",
         "중앙은행, 인플레이션 억제 위해 금리 인상", "中央銀行、インフレ対策で金利を引き上げ",
         "中央银行提高利率以对抗通货膨胀", "中央銀行提高利率以對抗通貨膨脹",
         "البنك المركزي يرفع أسعار الفائدة لمكافحة التضخم",
         "Ngân hàng trung ương tăng lãi suất để chống lạm phát",
         "ธนาคารกลางขึ้นอัตราดอกเบี้ยเพื่อต่อสู้กับเงินเฟ้อ",
         "Bank sentral menaikkan suku bunga untuk melawan inflasi",
         "Bank pusat menaikkan kadar faedah untuk melawan inflasi"},
        {"New vaccine protects children against malaria, study shows",
         "Neuer Impfstoff schützt Kinder vor Malaria, zeigt Studie",
         "Un nouveau vaccin protège les enfants contre le paludisme, selon une étude",
         "Una nueva vacuna protege a los niños contra la malaria, según un estudio",
         "Nova vacina protege crianças contra a malária, mostra estudo",
         "Новая вакцина защищает детей от малярии, показало исследование",
         "새 백신, 어린이를 말라리아로부터 보호한다는 연구 결과",
         "新しいワクチンが子どもをマラリアから守る、研究で判明",
         "研究显示新疫苗可保护儿童免受疟疾侵害", "研究顯示新疫苗可保護兒童免受瘧疾侵害",
         "لقاح جديد يحمي الأطفال من الملاريا بحسب دراسة",
         "Vắc-xin mới bảo vệ trẻ em khỏi bệnh sốt rét, nghiên cứu cho thấy",
         "วัคซีนใหม่ป้องกันเด็กจากโรคมาลาเรีย ผลการศึกษาชี้",
         "Vaksin baru melindungi anak-anak dari malaria, menurut penelitian",
         "Vaksin baharu melindungi kanak-kanak daripada malaria, kajian menunjukkan"},
    };
    int8_t v[3][15][ENCODER_DIM];
    (void)state;
    for (int s = 0; s < 3; s++)
        for (int l = 0; l < 15; l++)
            quantised(text[s][l], v[s][l]);
    for (int s = 0; s < 3; s++)
        for (int l = 0; l < 15; l++)
            for (int m = 0; m < 15; m++) {
                float own = encoder_cosine(v[s][l], v[s][m]);
                for (int o = 0; o < 3; o++)
                    if (o != s && encoder_cosine(v[s][l], v[o][m]) >= own)
                        fail_msg("\"%s\" is nearer to \"%s\" (%.2f) than to \"%s\" (%.2f)",
                                 text[s][l], text[o][m], encoder_cosine(v[s][l], v[o][m]),
                                 text[s][m], own);
            }
}

/* Case, width, traditional Han and a soft hyphen make no difference; the cache makes none either.
 */
static void test_folding(void **state)
{
    static const char *const same[][2] = {
        {"NATO summit in Brussels", "ｎａｔｏ SUMMIT in Brus\u00adsels"},
        {"臺灣經濟", "台湾经济"},
        {"1,000,000", "1.000.000"},
        {"2024", "٢٠٢٤"},
        {"إيران", "ايران"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        int8_t a[ENCODER_DIM], b[ENCODER_DIM];
        quantised(same[i][0], a);
        quantised(same[i][1], b);
        if (memcmp(a, b, sizeof a) != 0)
            fail_msg("\"%s\" and \"%s\" differ", same[i][0], same[i][1]);
    }
    float with[ENCODER_DIM], without[ENCODER_DIM];
    const char *text = "Президент США Дональд Трамп — トランプ大統領 met Kim 김정은 ทรัมป์";
    encoder_encode(encoder, cache, text, strlen(text), with);
    encoder_encode(encoder, NULL, text, strlen(text), without);
    assert_memory_equal(with, without, sizeof with);
}

static void test_bad_input(void **state)
{
    float v[ENCODER_DIM];
    static const char *const nothing[] = {"", " \n\t", "…—!?", "\xff\xfe\xc3\x28", "😀😀"};
    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        assert_int_equal(encoder_encode(encoder, cache, nothing[i], strlen(nothing[i]), v),
                         WN_ABSENT);
        for (int d = 0; d < ENCODER_DIM; d++)
            assert_true(v[d] == 0);
    }
    /* Every byte value at every place of short strings, and a cut in every place of a long one. */
    char s[4];
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b += 7) {
            s[0] = (char)a;
            s[1] = (char)b;
            s[2] = (char)(a ^ b);
            encoder_encode(encoder, cache, s, 3, v);
        }
    const char *text = "Đặngกรุงเทพमुंबई東京カタカナ서울שלוםالسلام🎈𠀀Ωμέγα";
    for (size_t n = 0; n <= strlen(text); n++) {
        char *exact = malloc(n + 1);
        memcpy(exact, text, n);
        encoder_encode(encoder, cache, exact, n, v);
        free(exact);
    }
    /* 5 MB without a space, in three scripts. */
    size_t size = 5 << 20;
    char *long_text = malloc(size);
    static const char *const unit[] = {"a", "漢", "ก"};
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < size; i++)
            long_text[i] = unit[k][i % strlen(unit[k])];
        encoder_encode(encoder, cache, long_text, size, v);
    }
    free(long_text);
}

static void test_kernels_agree(void **state)
{
    enum { ROWS = 300 };
    static uint8_t rows[ROWS * ENCODER_DIM / 2], scale[ROWS];
    uint32_t which[ROWS], seed = 7;
    int32_t a[ENCODER_DIM] = {0}, b[ENCODER_DIM] = {0};
    int8_t v[ENCODER_DIM * 5], w[ENCODER_DIM];
    (void)state;
    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    for (uint32_t i = 0; i < ROWS; i++) {
        scale[i] = i % 3 ? 255 : (uint8_t)i;
        which[i] = (i * 7) % ROWS;
    }
    memset(rows, 0, ENCODER_DIM * 20); /* the most negative rows, where 16 bits would overflow */
    kernels_best()->sum_rows(rows, scale, which, ROWS, a);
    kernels_plain()->sum_rows(rows, scale, which, ROWS, b);
    assert_memory_equal(a, b, sizeof a);
    int64_t expected = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        expected += ((rows[which[i] * (ENCODER_DIM / 2)] & 15) - 8) * scale[which[i]];
    assert_int_equal(a[0], expected);
    for (size_t i = 0; i < sizeof v; i++)
        v[i] = (int8_t)(i % 3 == 0 ? -127 : 127);
    memset(w, -127, sizeof w);
    int32_t x[5], y[5];
    kernels_best()->dot_many(w, v, ENCODER_DIM, 5, x);
    kernels_plain()->dot_many(w, v, ENCODER_DIM, 5, y);
    assert_memory_equal(x, y, sizeof x);
    assert_int_equal(kernels_best()->dot(w, v), x[0]);
}

/* A copy of the model with `size` bytes, one byte at `at` changed by `change`. */
static void write_copy(const char *path, size_t size, size_t at, int change)
{
    char model[4096];
    snprintf(model, sizeof model, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    FILE *in = fopen(model, "rb"), *out = fopen(path, "wb");
    assert_non_null(in);
    assert_non_null(out);
    for (size_t i = 0; i < size; i++) {
        int c = getc(in);
        if (c == EOF)
            break;
        putc(i == at ? c ^ change : c, out);
    }
    fclose(in);
    fclose(out);
}

static void test_damaged_files(void **state)
{
    char path[] = "/tmp/winnow-model-XXXXXX", why[400];
    struct encoder *e = NULL;
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    static const struct {
        size_t size, at;
        int change;
        const char *says;
    } cases[] = {
        {0, 0, 0, "not an encoder model"},
        {63, 99, 0, "not an encoder model"},
        {100000, 999999, 0, "cut short"},
        {MODEL_FILE_MAX, 3, 1, "not an encoder model of this layout"},
        {MODEL_FILE_MAX, 9, 1, "another version"},
        {MODEL_FILE_MAX, 9000000, 64, "checksum"},
        {MODEL_FILE_MAX, 26, 2, "checksum"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_copy(path, cases[i].size, cases[i].at, cases[i].change);
        assert_int_equal(encoder_open(&e, path, why, sizeof why), WN_INVALID);
        assert_null(e);
        if (!strstr(why, cases[i].says) || !strstr(why, path))
            fail_msg("case %zu says: %s", i, why);
    }
    unlink(path);
    assert_int_equal(encoder_open(&e, path, why, sizeof why), WN_ABSENT);
    assert_non_null(strstr(why, path));
}

static void test_find(void **state)
{
    char out[4096];
    (void)state;
    assert_int_equal(encoder_find("/some/where.wnm", NULL, out, sizeof out), WN_OK);
    assert_string_equal(out, "/some/where.wnm");
    assert_int_equal(encoder_find("/some/where.wnm", NULL, out, 4), WN_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_editions_are_near), cmocka_unit_test(test_folding),
        cmocka_unit_test(test_bad_input),         cmocka_unit_test(test_kernels_agree),
        cmocka_unit_test(test_damaged_files),     cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
