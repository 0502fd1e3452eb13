/* SPDX-License-Identifier: Apache-2.0 */
/* Clear news, four items in each of the fifteen languages: all get their topic of the second level, and
 * with it the one of the first that it belongs to, at the options as shipped. */
#include "host.h"

#include <stdio.h>

static const struct news {
    const char *lang, *id, *top, *title, *text;
} all[] = {
    /* elections */
    {"en", "20000574", "11000000", "Opposition wins general election by a landslide",
     "With all votes counted, the party holds a majority of seats. Turnout was 71 percent; the "
     "election "
     "commission declared the result on Monday."},
    {"de", "20000574", "11000000", "Bundestagswahl: Wahlbeteiligung höher als vor vier Jahren",
     "Bis zum Mittag gab mehr als ein Drittel der Wahlberechtigten die Stimme ab. Die Wahllokale "
     "schließen um "
     "18 Uhr, dann gibt es erste Hochrechnungen."},
    {"es", "20000574", "11000000",
     "La oposición gana las elecciones presidenciales en segunda vuelta",
     "El candidato obtuvo el 54 por ciento de los votos. La autoridad electoral confirmó los "
     "resultados tras "
     "el recuento."},
    {"id", "20000574", "11000000",
     "KPU umumkan hasil pemilihan presiden, dua calon maju ke putaran kedua",
     "Penghitungan suara pemilu selesai pada Senin malam. Partisipasi pemilih mencapai 80 persen."},
    {"zh-Hans", "20000574", "11000000", "总统选举结果公布 现任总统以微弱优势当选",
     "选举委员会公布计票结果，投票率达到百分之七十，落选的候选人要求重新计票。"},
    /* diplomacy */
    {"fr", "20000639", "11000000", "Les ministres des Affaires étrangères se rencontrent à Genève",
     "Les chefs de la diplomatie des deux pays veulent rétablir des relations diplomatiques et "
     "rouvrir leurs "
     "ambassades."},
    {"ru", "20000639", "11000000",
     "Министры иностранных дел двух стран договорились вернуть послов",
     "На переговорах дипломаты обсудили восстановление дипломатических отношений и работу "
     "посольств."},
    {"ar", "20000639", "11000000", "وزيرا الخارجية يبحثان إعادة فتح السفارتين",
     "اتفق البلدان على استئناف العلاقات الدبلوماسية وتبادل السفراء بعد محادثات استمرت يومين."},
    {"ko", "20000639", "11000000", "한일 외교장관 회담, 대사 복귀 합의",
     "양국 외교부는 외교 관계 정상화를 위한 회담을 다음 달 다시 열기로 했다."},
    /* nuclear policy */
    {"en", "20000635", "11000000", "Talks on Iran's nuclear programme resume in Vienna",
     "Inspectors of the atomic agency want access to uranium enrichment sites under the nuclear "
     "deal."},
    {"ja", "20000635", "11000000", "イランの核合意をめぐる協議が再開",
     "国際原子力機関はウラン濃縮の核施設への査察を求め、核開発の制限について話し合う。"},
    {"pt", "20000635", "11000000", "Irã retoma negociações sobre o acordo nuclear",
     "A agência atômica pede inspeções no programa nuclear e limites ao enriquecimento de urânio."},
    {"zh-Hans", "20000635", "11000000", "伊朗核协议谈判在维也纳恢复",
     "国际原子能机构要求核查铀浓缩设施，各方讨论限制其核计划。"},
    /* parliament, government */
    {"th", "20000615", "11000000", "สภาผู้แทนราษฎรเริ่มอภิปรายไม่ไว้วางใจรัฐบาล",
     "ส.ส.ฝ่ายค้านอภิปรายในรัฐสภา ก่อนลงมติในวันศุกร์"},
    {"vi", "20000615", "11000000", "Quốc hội thông qua luật đất đai sửa đổi",
     "Tại kỳ họp, các đại biểu Quốc hội đã biểu quyết với đa số tán thành dự án luật."},
    /* football */
    {"en", "20001065", "15000000", "Late goal sends home side into the World Cup final",
     "The striker headed in a corner in the 89th minute; the goalkeeper saved a penalty before "
     "half-time."},
    {"es", "20001065", "15000000", "El delantero marca tres goles en el clásico de la Liga",
     "El equipo de fútbol ganó 3-1 y el entrenador celebró la victoria ante su afición."},
    {"pt", "20001065", "15000000",
     "Time vence clássico com gol nos acréscimos e lidera o Brasileirão",
     "O atacante marcou de pênalti e o goleiro garantiu a vitória do futebol da capital."},
    {"th", "20001065", "15000000", "ทีมชาติไทยชนะ 2-1 คว้าแชมป์ฟุตบอลอาเซียน",
     "กองหน้ายิงสองประตูในครึ่งหลัง ผู้รักษาประตูเซฟจุดโทษในนัดชิงชนะเลิศ"},
    {"ms", "20001065", "15000000", "Harimau Malaya menang 2-0 dalam perlawanan bola sepak",
     "Penyerang menjaringkan dua gol manakala penjaga gol menyelamatkan sepakan penalti."},
    {"ko", "20001065", "15000000", "손흥민 결승골, 축구 대표팀 월드컵 본선 진출",
     "공격수가 후반 페널티킥으로 골을 넣어 2-1로 이겼다."},
    /* other sports */
    {"ja", "20000849", "15000000", "プロ野球、投手が完封で今季10勝目",
     "打線は本塁打2本で5点を奪い、チームは首位を守った。"},
    {"fr", "20001085", "15000000", "Roland-Garros : la joueuse de tennis se qualifie en deux sets",
     "La tête de série a remporté le tournoi en simple dames sur terre battue."},
    {"zh-Hant", "20000851", "15000000", "NBA籃球賽 湖人延長賽險勝",
     "後衛三分球命中率高，全隊籃板佔優勢。"},
    /* stock markets */
    {"en", "20000385", "04000000", "Wall Street closes higher as shares of chipmakers rally",
     "The Dow Jones index rose 1.2 percent, the Nasdaq two percent. Investors on the stock "
     "exchange bought "
     "technology stocks."},
    {"de", "20000385", "04000000", "Dax schließt im Minus: Aktien von Autoherstellern verlieren",
     "An der Frankfurter Börse gab der Leitindex um ein Prozent nach. Anleger verkauften Aktien."},
    {"zh-Hans", "20000385", "04000000", "沪深股市收盘下跌 上证指数失守三千点",
     "投资者抛售股票，两市成交额萎缩，证券板块领跌。"},
    {"zh-Hant", "20000385", "04000000", "台股收盤大漲三百點 半導體股領軍",
     "投資人買進股票，證交所成交量放大，外資買超。"},
    {"vi", "20000385", "04000000", "Chứng khoán giảm mạnh, VN-Index mất 20 điểm",
     "Nhà đầu tư bán tháo cổ phiếu trên thị trường chứng khoán trong phiên chiều."},
    {"ar", "20000385", "04000000", "البورصة تغلق على ارتفاع بدعم من أسهم البنوك",
     "ارتفع المؤشر الرئيسي وسط إقبال المستثمرين على شراء الأسهم في سوق الأوراق المالية."},
    /* monetary policy, banking */
    {"ru", "20000379", "04000000", "Центробанк повысил ключевую ставку до 16 процентов",
     "Регулятор объяснил решение инфляцией: денежно-кредитная политика останется жёсткой."},
    {"id", "20000379", "04000000", "Bank Indonesia naikkan suku bunga acuan untuk menekan inflasi",
     "Gubernur bank sentral mengatakan kebijakan moneter tetap ketat."},
    {"ja", "20000379", "04000000", "日銀、政策金利を引き上げ 金融緩和を転換",
     "日本銀行は金融政策決定会合で利上げを決めた。物価の上昇が続いている。"},
    {"fr", "20000379", "04000000", "La Banque centrale européenne relève ses taux directeurs",
     "La BCE durcit sa politique monétaire pour freiner l'inflation en zone euro."},
    /* mergers */
    {"en", "20000204", "04000000", "Drugmaker to acquire rival in 12-billion-dollar takeover",
     "Shareholders of both companies must approve the merger; the acquisition is to close next "
     "year."},
    {"de", "20000204", "04000000", "Fusion der Stahlkonzerne: Übernahme kostet vier Milliarden",
     "Die Aktionäre beider Unternehmen stimmten der Übernahme zu, das Kartellamt prüft die "
     "Fusion."},
    /* earthquakes and floods */
    {"ja", "20000153", "03000000", "能登で震度6弱の地震 津波の心配なし",
     "気象庁によると震源の深さは10キロ、マグニチュード6.5。余震に注意が必要だ。"},
    {"id", "20000153", "03000000", "Gempa bumi magnitudo 6,1 guncang Sulawesi",
     "Gempa menewaskan belasan orang dan merusak ratusan rumah; tim SAR mencari korban di "
     "reruntuhan."},
    {"es", "20000153", "03000000", "Terremoto de magnitud 6,9 deja decenas de muertos",
     "El sismo derrumbó edificios; los rescatistas buscan supervivientes y hubo réplicas."},
    {"zh-Hant", "20000153", "03000000", "花蓮發生規模6.3地震 餘震不斷",
     "地震造成房屋倒塌，消防人員搜救受困民眾。"},
    {"ms", "20000154", "03000000", "Banjir di Kelantan: mangsa di pusat pemindahan meningkat",
     "Paras air sungai melepasi tahap bahaya dan banjir menenggelamkan beratus rumah."},
    {"vi", "20000154", "03000000", "Lũ lụt miền Trung: hàng nghìn ngôi nhà bị ngập",
     "Nước lũ dâng cao, lực lượng cứu hộ sơ tán người dân khỏi vùng ngập lụt."},
    {"th", "20000154", "03000000", "น้ำท่วมหนักหลายจังหวัดภาคใต้ ชาวบ้านอพยพ",
     "ระดับน้ำในแม่น้ำล้นตลิ่ง น้ำท่วมบ้านเรือนหลายพันหลัง"},
    /* epidemics */
    {"en", "20000449", "07000000", "WHO declares end of Ebola outbreak",
     "No new cases of the virus were reported for 42 days; the epidemic killed 55 people and "
     "infected 130."},
    {"ko", "20000449", "07000000", "코로나19 신규 확진자 1만 명 넘어",
     "방역 당국은 감염병 확산을 막기 위해 백신 접종을 당부했다. 유행은 다음 달 정점에 이를 "
     "전망이다."},
    {"ms", "20000449", "07000000", "Kes denggi meningkat, wabak merebak di tiga negeri",
     "Kementerian Kesihatan merekodkan 900 jangkitan baharu; wabak itu meragut lima nyawa."},
    {"ar", "20000449", "07000000", "تفشي وباء الكوليرا وتسجيل مئات الإصابات",
     "قالت وزارة الصحة إن الوباء انتشر في ثلاث محافظات وإن عدد الوفيات بلغ عشرين."},
    {"ru", "20000449", "07000000", "Вспышка холеры: число заражённых превысило тысячу",
     "Эпидемия охватила три провинции, врачи вводят карантин и начинают вакцинацию."},
    /* artificial intelligence, space */
    {"en", "20001298", "13000000", "New artificial intelligence model writes computer programs",
     "The chatbot's neural network was trained on text; researchers of machine learning warn of "
     "errors."},
    {"de", "20001298", "13000000", "Künstliche Intelligenz erkennt Hautkrebs auf Fotos",
     "Forscher trainierten ein neuronales Netz mit Bildern; die KI war so treffsicher wie "
     "Fachleute."},
    {"zh-Hans", "20001298", "13000000", "公司发布新一代人工智能大模型",
     "该大语言模型支持多种语言，聊天机器人的机器学习算法由工程师训练。"},
    {"vi", "20001298", "13000000", "Trí tuệ nhân tạo viết mã lập trình nhanh hơn kỹ sư",
     "Mô hình AI được huấn luyện bằng học máy; chatbot trả lời bằng tiếng Việt."},
    {"fr", "20001298", "13000000",
     "Intelligence artificielle : un chatbot réussit un examen d'ingénieur",
     "Le modèle d'IA repose sur un réseau de neurones et l'apprentissage automatique."},
    {"ru", "20000739", "13000000", "Космический корабль пристыковался к МКС",
     "Ракета-носитель стартовала с космодрома; космонавты проведут на орбите полгода."},
    {"pt", "20000739", "13000000", "Nasa lança foguete com sonda espacial rumo a Marte",
     "A nave espacial deve entrar na órbita do planeta em sete meses, e os astronautas acompanham "
     "a missão."},
    /* war, terrorism, crime */
    {"ar", "20000056", "16000000", "قصف عنيف واشتباكات بين الجيش والمسلحين",
     "قتل عشرة جنود في المعارك، واستهدفت غارات جوية مواقع المسلحين قرب المدينة."},
    {"ko", "20000093", "02000000", "검찰, 뇌물 혐의로 전 시장 기소",
     "전 시장은 업자에게서 뇌물을 받은 부패 혐의로 재판에 넘겨졌다."},
    {"pt", "20000093", "02000000", "Ex-prefeito é preso em operação contra a corrupção",
     "A polícia federal investiga propina e desvio de dinheiro público em contratos."},
    {"zh-Hant", "20000086", "02000000", "駭客入侵銀行系統 百萬筆個資外洩",
     "警方偵辦網路犯罪，駭客以勒索軟體要求贖金。"},
    {"id", "20000530", "09000000", "Ribuan buruh mogok kerja menuntut kenaikan upah",
     "Serikat pekerja mengatakan pemogokan akan berlanjut sampai perusahaan berunding."},
    {"th", "20000563", "10000000", "ท่องเที่ยวไทยคึกคัก นักท่องเที่ยวต่างชาติเพิ่มขึ้น",
     "โรงแรมในภูเก็ตเต็มเกือบทุกแห่ง บริษัททัวร์จัดทริปเกาะและชายหาด"},
    {"ms", "20000677", "12000000", "Umat Islam menyambut Aidilfitri dengan solat di masjid",
     "Imam menyampaikan khutbah selepas sebulan berpuasa pada bulan Ramadan."},
    {"es", "20000418", "06000000", "El cambio climático acelera el deshielo de los glaciares",
     "El calentamiento global y las emisiones de gases de efecto invernadero elevan el nivel del "
     "mar."},
};

static void test_clear_news(void **state)
{
    wn_host host = {.options = {{NULL, NULL, NULL}}};
    void *self = filter_new(&host);
    size_t missed = 0;
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct news *n = &all[i];
        wn_item *item = item_new(n->title, NULL);
        set(item, WN_TEXT, n->text);
        set(item, WN_DETECTED_LANG, n->lang);
        run(self, item, NULL);
        if (tagged(item, n->id) < 0 || tagged(item, n->top) < tagged(item, n->id)) {
            missed++;
            print_message("%s %s %s: not tagged, but", n->lang, n->id, n->title);
            for (uint32_t k = 0; k < item->count[WN_TOPIC_ID]; k++)
                print_message(" %s=%lld", item->s[WN_TOPIC_ID][k],
                              (long long)item->n[WN_TOPIC_SCORE][k]);
            print_message(" best %s %lld\n", item->s[WN_TOPIC_BEST_ID][0],
                          (long long)item->n[WN_TOPIC_BEST_SCORE][0]);
        }
        /* And no other first-level topic beside it: it is about one thing. */
        for (uint32_t k = 0; k < item->count[WN_TOPIC_ID]; k++)
            if (!strcmp(item->s[WN_TOPIC_ID][k] + 2, "000000") &&
                strcmp(item->s[WN_TOPIC_ID][k], n->top)) {
                missed++;
                print_message("%s %s: %s, too\n", n->lang, n->title, item->s[WN_TOPIC_ID][k]);
            }
        item_free(item);
    }
    topics_filter.destroy(self);
    assert_true(sizeof all / sizeof *all >= 60);
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clear_news)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
