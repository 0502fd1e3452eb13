/* SPDX-License-Identifier: Apache-2.0 */
/* The model's file: damaged or foreign ones are refused with their name, a missing one is lived
 * without; the shipped one tags plain sentences in all languages, and nothing without evidence. */
#include "host.h"

#include <stdio.h>
#include <unistd.h>

#include "plugin/topics/data.h"
#include "plugin/topics/model.h"

static char folder[] = "/tmp/winnow-topics-XXXXXX";
static char path[128];

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/" MODEL_FILE, folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void refused(const char *bytes, size_t n)
{
    struct model *m = NULL;
    char why[512] = "";
    write_file(bytes, n);
    assert_int_equal(model_open(path, &m, why, sizeof why), WN_INVALID);
    assert_null(m);
    assert_non_null(strstr(why, path));
}

static void test_damage(void **state)
{
    char *bytes = NULL;
    size_t n = 0;
    struct model *m = NULL;
    char why[512];
    (void)state;
    assert_int_equal(data_read(WINNOW_FILTERS_DIR "/" MODEL_FILE, 64 << 20, &bytes, &n), WN_OK);
    write_file(bytes, n);
    assert_int_equal(model_open(path, &m, why, sizeof why), WN_OK);
    model_close(m);
    m = NULL;
    refused(bytes, n - 1);
    refused(bytes, n / 2);
    refused(bytes, 63);
    refused(bytes, 0);
    static const double places[] = {0, 0.0000005, 0.001, 0.3, 0.7, 0.999};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t at = (size_t)(places[i] * (double)n);
        bytes[at] ^= 0x20;
        refused(bytes, n);
        bytes[at] ^= 0x20;
    }
    assert_int_equal(model_open("/nonexistent/" MODEL_FILE, &m, why, sizeof why), WN_ABSENT);
    /* A filter whose folder holds the damaged file does not start. */
    bytes[n / 2] ^= 1;
    write_file(bytes, n);
    wn_host host = {.options = {{"data", NULL, folder}}};
    void *self = NULL;
    wn_api api = host_api;
    /* The other files come from beside the program, where a test has none: name them all. */
    char command[512];
    snprintf(command, sizeof command, "cp " WINNOW_FILTERS_DIR "/topics-*.tsv %s/", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(topics_filter.create(&api, &host, &self), WN_ERROR);
    assert_non_null(strstr(host.log, MODEL_FILE));
    /* Without one it starts and says so. */
    unlink(path);
    host.log[0] = '\0';
    assert_int_equal(topics_filter.create(&api, &host, &self), WN_OK);
    assert_non_null(strstr(host.log, "not found"));
    topics_filter.destroy(self);
    snprintf(command, sizeof command, "rm %s/*.tsv", folder);
    assert_int_equal(system(command), 0);
    free(bytes);
}

static void expect(void *filter, const char *lang, const char *title, const char *id)
{
    wn_item *item = item_new(title, NULL);
    set(item, WN_DETECTED_LANG, lang);
    run(filter, item, NULL);
    if (strcmp(item->s[WN_TOPIC_BEST_ID][0], id))
        print_message("%s: %s\n", title, item->s[WN_TOPIC_BEST_ID][0]);
    assert_string_equal(item->s[WN_TOPIC_BEST_ID][0], id);
    item_free(item);
}

static void test_languages(void **state)
{
    static const char *const football[][2] = {
        {"en", "The striker scored twice and the team won the championship match"},
        {"ko", "공격수가 두 골을 넣어 팀이 결승 경기에서 승리했다"},
        {"ja", "フォワードが2得点を決め、チームは決勝の試合に勝利した"},
        {"ar", "سجل المهاجم هدفين وفاز الفريق في المباراة النهائية للبطولة"},
        {"zh-Hans", "前锋攻入两球，球队赢得了决赛"},
        {"zh-Hant", "前鋒攻入兩球，球隊贏得了決賽"},
        {"vi", "Tiền đạo ghi hai bàn thắng giúp đội bóng thắng trận chung kết"},
        {"th", "กองหน้ายิงสองประตูพาทีมชนะการแข่งขันนัดชิงชนะเลิศ"},
        {"id", "Penyerang itu mencetak dua gol dan tim memenangkan pertandingan final"},
        {"ms", "Penyerang itu menjaringkan dua gol dan pasukan memenangi perlawanan akhir"},
        {"de", "Der Stürmer traf zweimal und die Mannschaft gewann das Finale"},
        {"ru", "Нападающий забил два гола, и команда выиграла финальный матч"},
        {"fr", "L'attaquant a marqué deux buts et l'équipe a gagné la finale du championnat"},
        {"es", "El delantero marcó dos goles y el equipo ganó la final del campeonato"},
        {"pt", "O atacante marcou dois gols e o time venceu a final do campeonato"},
    };
    wn_host host = {.log_level = 0};
    void *filter = filter_new(&host);
    (void)state;
    for (size_t i = 0; i < sizeof football / sizeof *football; i++)
        expect(filter, football[i][0], football[i][1], "15000000");
    expect(filter, "de", "Der Bundestag stimmt über das Gesetz der Regierung ab", "11000000");
    expect(filter, "fr", "L'hôpital manque de médecins et d'infirmières pour les patients",
           "07000000");
    expect(filter, "ru", "Учёные открыли новую частицу в лаборатории физики", "13000000");
    topics_filter.destroy(filter);
}

/* Below the threshold: no topic, rather than a wrong one. */
static void test_no_evidence(void **state)
{
    static const char *const texts[] = {
        "",          "…", "12345 67 89", "qqxz vvkj wwpt", "\xff\xfe\xfd", "👍👍👍", "ᚠᚢᚦᚨᚱᚲ",
        "გამარჯობა", "a"};
    wn_host host = {.log_level = 0};
    void *filter = filter_new(&host);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wn_item *item = item_new(texts[i], NULL);
        run(filter, item, NULL);
        if (item->count[WN_TOPIC_ID])
            print_message("%s: %s\n", texts[i], item->s[WN_TOPIC_ID][0]);
        assert_int_equal(item->count[WN_TOPIC_ID], 0);
        assert_int_equal(item->count[WN_TOPIC_BEST_ID], 1);
        item_free(item);
    }
    wn_item *item = item_new(NULL, NULL); /* not even a title */
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    item_free(item);
    topics_filter.destroy(filter);
}

/* Five megabytes of text are read as far as the limits say. */
static void test_long_text(void **state)
{
    size_t n = 5 << 20;
    char *text = malloc(n + 1);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 7 == 6 ? ' ' : (char)('a' + i * 31 % 26);
    text[n] = '\0';
    wn_host host = {.log_level = 0};
    void *filter = filter_new(&host);
    (void)state;
    wn_item *item = item_new(NULL, text);
    run(filter, item, NULL);
    item_free(item);
    free(text);
    topics_filter.destroy(filter);
}

static void test_like(void **state)
{
    wn_host host = {.options = {{"topics", NULL,
                                 "[{\"name\": \"Chess\", \"like\": [\"The chess grandmaster "
                                 "won the world championship game with a rook sacrifice\"]}]"}}};
    void *filter = filter_new(&host);
    (void)state;
    wn_item *item = item_new("Grandmaster wins chess game at the world championship", NULL);
    run(filter, item, NULL);
    assert_true(tagged(item, "own:Chess") > 0);
    item_free(item);
    item = item_new("Central bank raises interest rates", NULL);
    run(filter, item, NULL);
    assert_int_equal(tagged(item, "own:Chess"), -1);
    item_free(item);
    topics_filter.destroy(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage),      cmocka_unit_test(test_languages),
        cmocka_unit_test(test_no_evidence), cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_like),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
