# SPDX-License-Identifier: Apache-2.0
"""wild.txt and pages.txt through `winnow filter`: what should go goes, what belongs to the article stays."""
import html
import json
import os
import re
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# Two paragraphs a language; an item of its own has to have something that stays.
PROSE = {
    "en": "The harbour was opened again on Monday after nine years, and the first ship brought forty people from the islands.|The mayor thanked the divers who had cleared the old wrecks, and said that the ferries will run every day from June.",
    "de": "Der Hafen wurde am Montag nach neun Jahren wieder geöffnet, und das erste Schiff brachte vierzig Leute von den Inseln.|Die Bürgermeisterin dankte den Tauchern, die die alten Wracks geräumt hatten; die Fähren fahren ab Juni jeden Tag.",
    "fr": "Le port a rouvert lundi après neuf ans de travaux, et le premier bateau a amené quarante personnes des îles voisines.|La maire a remercié les plongeurs qui avaient retiré les vieilles épaves ; les bateaux partiront chaque jour dès juin.",
    "es": "El puerto reabrió el lunes después de nueve años de obras, y el primer barco trajo a cuarenta personas de las islas.|La alcaldesa agradeció a los buzos que retiraron los viejos restos; los barcos saldrán todos los días desde junio.",
    "pt": "O porto reabriu na segunda-feira depois de nove anos de obras, e o primeiro navio trouxe quarenta pessoas das ilhas.|A prefeita agradeceu aos mergulhadores que retiraram os velhos destroços; os barcos sairão todos os dias a partir de junho.",
    "ru": "Порт снова открыли в понедельник после девяти лет ремонта, и первое судно привезло сорок человек с островов.|Мэр поблагодарила водолазов, которые убрали старые обломки, и сказала, что паромы будут ходить каждый день с июня.",
    "ja": "九年にわたる工事を経て港が月曜日に再開し、最初の船が島々から四十人を運んできた。市長は古い沈船を片づけた潜水士に感謝した。|渡し船は六月から毎日運航され、島の子どもたちは本土の学校に通えるようになると市は説明している。",
    "zh-Hans": "经过九年的施工，港口星期一重新开放，第一艘船从各岛运来了四十个人。市长感谢清理旧沉船的潜水员，说他们冬天也没有停工。|渡轮从六月起每天开行，岛上的孩子可以到对岸上学，居民们已经等了很久，码头旁边还建了一个小市场。",
    "zh-Hant": "經過九年的施工，港口星期一重新開放，第一艘船從各島運來了四十個人。市長感謝清理舊沉船的潛水員，說他們冬天也沒有停工。|渡輪從六月起每天開行，島上的孩子可以到對岸上學，居民們已經等了很久，碼頭旁邊還建了一個小市場。",
    "ko": "항구가 아홉 해에 걸친 공사를 마치고 월요일에 다시 문을 열었고 첫 배가 섬에서 사십 명을 태우고 왔다. 시장은 잠수부들에게 고마움을 전했다.|연락선은 유월부터 날마다 다니며 섬의 아이들은 뭍에 있는 학교에 다닐 수 있게 된다고 시는 설명했다.",
    "ar": "أعيد فتح الميناء يوم الاثنين بعد تسع سنوات من الأعمال، ونقلت السفينة الأولى أربعين شخصا من الجزر القريبة إلى المدينة.|وشكرت رئيسة البلدية الغواصين الذين أزالوا حطام السفن القديمة، وقالت إن العبارات ستبحر كل يوم ابتداء من يونيو.",
    "id": "Pelabuhan itu dibuka kembali pada hari Senin setelah sembilan tahun diperbaiki, dan kapal pertama membawa empat puluh orang dari pulau-pulau.|Wali kota berterima kasih kepada para penyelam yang mengangkat bangkai kapal tua, dan feri akan berlayar setiap hari mulai Juni.",
    "ms": "Pelabuhan itu dibuka semula pada hari Isnin selepas sembilan tahun dibaiki, dan kapal pertama membawa empat puluh orang dari pulau-pulau.|Datuk bandar berterima kasih kepada penyelam yang mengangkat bangkai kapal lama, dan feri akan belayar setiap hari mulai Jun.",
    "vi": "Bến cảng mở cửa trở lại vào thứ Hai sau chín năm sửa chữa, và con tàu đầu tiên đưa bốn mươi người từ các đảo vào bờ.|Bà thị trưởng cảm ơn những thợ lặn đã dọn xác tàu cũ, và cho biết phà sẽ chạy hằng ngày kể từ tháng Sáu.",
    "th": "ท่าเรือเปิดใหม่เมื่อวันจันทร์หลังจากซ่อมมาเก้าปี และเรือลำแรกพาคนสี่สิบคนมาจากหมู่เกาะใกล้เคียง นายกเทศมนตรีขอบคุณนักประดาน้ำที่ช่วยกันทำงาน|เรือข้ามฟากจะออกทุกวันตั้งแต่เดือนมิถุนายน และเด็กบนเกาะจะไปโรงเรียนบนฝั่งได้ ชาวบ้านรอวันนี้มานานหลายปีแล้ว",
}


def text(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


def squeeze(s):
    return re.sub(r"\s+", "", s)


# Where a reader sees a new line, and, in pages, a new thing: each has to stay or go for itself.
LINES = re.compile(r"</(?:p|li|td|th|h\d|figcaption|blockquote)>|<br>")
THINGS = re.compile(r"</?(?:p|li|td|th|tr|dd|dt|h\d|figcaption|blockquote|div|ul|ol|table|pre|a|span)\b[^>]*>|<br>")


def read(name, drops):
    items = []
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("== "):
                items.append({"name": line[3:], "lang": line.split()[1], "html": "", "keep": [], "drop": []})
            elif line.startswith("$"):
                for p in PROSE[line[1:]].split("|"):
                    items[-1]["html"] += "<p>" + p + "</p>\n"
                    items[-1]["keep"].append(p)
            elif line and not line.startswith("#") and items:
                body = line[2:] if line[:2] in ("+ ", "- ", "~ ") else line
                items[-1]["html"] += body + "\n"
                if line.startswith("+ "):
                    items[-1]["keep"] += [t for t in map(text, LINES.split(body)) if t]
                elif line.startswith("- "):
                    items[-1]["drop"] += [t for t in map(text, drops.split(body)) if len(t) > 2]
    for x in items:  # a word that the article has, too, proves nothing
        kept = squeeze("".join(x["keep"]) + title_of(x["html"]))
        x["drop"] = [d for d in x["drop"] if squeeze(d) not in kept]
    return items


def title_of(markup):
    return "".join(map(text, re.findall(r"(?s)<h1\b.*?</h1>", markup)))


def clean(items):
    """The items' contents as `winnow filter` writes them, without white space."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [
        {"id": str(i), "url": "https://site%d.example/%d" % (i, i), "title": "Number %d of them" % i, "language": x["lang"],
         "content_html": x["html"]} for i, x in enumerate(items)]}
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "winnow.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("state: %s\nfilters:\n  - boilerplate:\n      learned: false\n" % folder)
        done = subprocess.run([os.environ["WINNOW_BIN"], "filter", "-c", config, "--format", "json"],
                              input=json.dumps(feed).encode(), stdout=subprocess.PIPE, check=True)
    out = {x["id"]: x.get("content_html", "") for x in json.loads(done.stdout)["items"]}
    return [squeeze(text(out.get(str(i), ""))) for i in range(len(items))]


class Wild(unittest.TestCase):
    def test_items(self):
        items = read("wild.txt", LINES)
        self.assertGreater(len(items), 90)
        wrong = []
        for x, have in zip(items, clean(items)):
            wrong += ["%s: lost: %s" % (x["name"], p) for p in x["keep"] if squeeze(p) not in have]
            wrong += ["%s: left: %s" % (x["name"], p) for p in x["drop"] if squeeze(p) in have]
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_pages(self):
        """Of whole pages nothing of the article is lost, and nearly all around it goes."""
        items = read("pages.txt", THINGS)
        self.assertGreater(len(items), 70)
        lost, left, drops = [], [], 0
        for x, have in zip(items, clean(items)):
            lost += ["%s: lost: %s" % (x["name"], p) for p in x["keep"] if squeeze(p) not in have]
            left += ["%s: left: %s" % (x["name"], p) for p in x["drop"] if squeeze(p) in have]
            drops += len(x["drop"])
        print("pages: %d of %d phrases around the articles dropped" % (drops - len(left), drops))
        self.assertEqual(lost, [], "\n" + "\n".join(lost))
        self.assertLess(len(left), drops * 0.08, "\n" + "\n".join(left))


if __name__ == "__main__":
    unittest.main()
