"""Words in firms' names that say what a firm makes, where, and which of its plants: data.

Korean words are the meanings; an English word stands for every Korean one that firms give it for
(Precision is 정밀 and 정공), so that two names agree where any of their meanings meet. Romanised
Korean words (Jungmil) need no entry: they are found by their sound.
"""


def _words(text: str) -> list[str]:
    return text.split()


# English (and some others') words → Korean ones.
ENGLISH: dict[str, str] = {
    "precision": "정밀 정공 프리시젼", "industry": "산업 공업 기업 인더스트리 중공업",
    "industries": "산업 공업 기업 인더스트리 중공업", "industrial": "산업 공업 기업",
    "ind": "산업 공업", "enterprise": "기업 산업 엔터프라이즈", "enterprises": "기업 산업",
    "machinery": "기계 기공 기전", "machine": "기계 기공", "machines": "기계",
    "mechanics": "기계 메카닉스 전기", "mechatronics": "메카트로닉스", "machining": "가공",
    "tech": "테크 기술 텍", "technology": "기술 테크놀로지 테크 테크놀러지",
    "technologies": "기술 테크놀로지 테크", "technical": "기술", "hitech": "하이텍 하이테크",
    "electronics": "전자 일렉트로닉스", "electronic": "전자", "electro": "전기 일렉트로",
    "electric": "전기 일렉트릭 전선", "electrical": "전기", "elec": "전자 전기",
    "steel": "철강 제강 스틸 제철 강", "iron": "철 제철", "metal": "금속 메탈",
    "metals": "금속 메탈", "chemical": "화학 케미칼 케미컬 화성",
    "chemicals": "화학 케미칼 케미컬 화성", "chem": "화학 켐 케미칼",
    "petrochemical": "석유화학 유화", "petrochemicals": "석유화학 유화", "petroleum": "석유",
    "oil": "오일 정유 석유", "gas": "가스", "engineering": "엔지니어링 이엔지 기공",
    "eng": "이엔지 엔지니어링", "system": "시스템 시스템즈", "systems": "시스템 시스템즈",
    "material": "소재 머티리얼 머티리얼즈", "materials": "소재 머티리얼 머티리얼즈 첨단소재",
    "plating": "도금", "mold": "금형 몰드", "mould": "금형 몰드", "molding": "사출 성형 몰딩",
    "moulding": "사출 성형 몰딩", "die": "금형 다이", "dies": "금형",
    "casting": "주조 주물 주공 캐스팅", "foundry": "주물 주조 주공", "forging": "단조",
    "forge": "단조", "heat": "열처리", "treatment": "열처리", "rubber": "고무 러버",
    "plastic": "플라스틱 프라스틱 수지", "plastics": "플라스틱 프라스틱 수지", "press": "프레스",
    "spring": "스프링", "bearing": "베어링", "bearings": "베어링", "tool": "공구 툴",
    "tools": "공구 툴", "bolt": "볼트", "fastener": "화스너 파스너", "auto": "오토 자동차",
    "automotive": "오토모티브 자동차", "automobile": "자동차", "motor": "자동차 모터 모터스",
    "motors": "자동차 모터스 모터", "parts": "부품 파츠", "tire": "타이어", "tyre": "타이어",
    "wheel": "휠", "brake": "브레이크", "mobility": "모빌리티", "rail": "철도",
    "energy": "에너지", "power": "파워 전력 발전", "solar": "솔라 태양광",
    "battery": "배터리 전지 밧데리", "heavy": "중공업",
    "construction": "건설 종합건설 컨스트럭션", "development": "개발 디벨롭먼트",
    "trading": "무역 상사 통상 트레이딩", "trade": "무역 상사",
    "international": "인터내셔널 국제 인터내셔날", "intl": "인터내셔널", "global": "글로벌",
    "holdings": "홀딩스 지주", "holding": "홀딩스", "group": "그룹", "solution": "솔루션",
    "solutions": "솔루션 솔루션즈", "soft": "소프트", "software": "소프트웨어 소프트",
    "data": "데이터", "network": "네트웍스 네트워크", "networks": "네트웍스 네트워크",
    "communication": "통신", "communications": "통신", "telecom": "텔레콤 통신",
    "semiconductor": "반도체 세미콘", "semicon": "세미콘 반도체", "display": "디스플레이",
    "optics": "광학 옵틱스", "optical": "광학", "lighting": "조명 라이팅", "light": "조명 라이트",
    "cable": "전선 케이블", "wire": "전선 와이어 선재", "glass": "유리 글라스",
    "paper": "제지 페이퍼", "textile": "섬유 방직 텍스타일 직물", "textiles": "섬유 방직",
    "tekstil": "섬유", "textil": "섬유", "fiber": "섬유 화이버", "spinning": "방적 방직",
    "apparel": "어패럴 의류", "apparels": "어패럴 의류", "garment": "의류 봉제",
    "garments": "의류 봉제", "konfeksiyon": "의류", "fashion": "패션", "footwear": "신발",
    "shoes": "신발", "food": "식품 푸드", "foods": "식품 푸드 푸드시스템",
    "pharmaceutical": "제약 약품", "pharmaceuticals": "제약 약품", "pharm": "제약 팜 약품",
    "pharma": "제약 파마 약품", "bio": "바이오", "medical": "메디칼 의료기 메디컬",
    "cosmetics": "화장품 코스메틱", "cosmetic": "화장품 코스메틱", "packaging": "포장 패키징",
    "pack": "팩 포장", "logistics": "물류 로지스틱스", "transport": "운수 운송",
    "transportation": "운수 운송", "shipping": "해운", "shipbuilding": "조선",
    "marine": "해양 마린 해상", "ocean": "해양 오션", "aerospace": "항공우주 에어로스페이스 항공",
    "aviation": "항공", "robot": "로봇", "robotics": "로보틱스 로봇",
    "automation": "자동화 오토메이션", "control": "제어 컨트롤", "controls": "제어 컨트롤스",
    "instrument": "계기 계측", "instruments": "계기 계측 인스트루먼트", "sensor": "센서",
    "valve": "밸브 밸브공업", "pump": "펌프", "pipe": "파이프 강관", "tube": "튜브 강관",
    "filter": "필터", "hydraulic": "유압", "hydraulics": "유압", "welding": "용접 웰딩",
    "laser": "레이저", "coating": "코팅", "surface": "표면처리", "paint": "페인트 도료",
    "paints": "페인트 도료", "painting": "도장", "ceramic": "세라믹",
    "ceramics": "세라믹 세라믹스", "carbon": "카본", "environment": "환경",
    "environmental": "환경", "dynamics": "다이나믹스",
    "manufacturing": "제작소 제작 제조 매뉴팩처링", "mfg": "제작소 제작",
    "works": "제작소 제작 웍스", "aluminum": "알루미늄 알미늄", "aluminium": "알루미늄 알미늄",
    "copper": "동", "furniture": "가구", "printing": "인쇄 프린팅", "equipment": "설비 장비",
    "zinc": "아연", "cement": "시멘트", "special": "특수", "advanced": "첨단소재",
    "innovation": "이노베이션", "components": "부품 컴포넌트", "device": "디바이스",
    "devices": "디바이스", "connector": "커넥터", "crane": "크레인", "elevator": "엘리베이터",
    "vacuum": "진공", "tec": "텍 테크", "tek": "텍 테크", "micro": "마이크로", "nano": "나노",
    "crown": "크라운", "service": "서비스", "services": "서비스", "family": "패밀리",
    "seat": "시트", "biologics": "바이오로직스", "securities": "증권", "insurance": "보험",
    "bank": "은행", "laboratories": "제약 약품", "laboratory": "제약 약품", "mining": "광업",
    "mill": "제강", "mills": "제강 제분",
    "e&g": "이엔지 이앤지", "sales": "판매", "distribution": "유통", "department": "백화점",
}  # fmt: skip

# Korean words that no English one above stands for.
_MORE = _words(
    "기연 정기 상공 정보 기업사 공업사 산기 물산 정비 특수강 비철 비철금속 하이테크 파트너스 "
    "산전 전장 정보통신 중전기 기전 제관 판금 스탬핑 다이캐스팅 사출 성형 연마 인터텍 네오텍 "
    "오토텍 종합상사 종합기계 공사 정유 방산 라이프 테크윈 테크놀러지 종합건설"
)

# Korean words that firms use one for another.
_ALIKE = (
    "테크 테크놀로지 테크놀러지 텍", "엔지니어링 이엔지 이앤지", "화학 케미칼 케미컬 켐",
    "플라스틱 프라스틱", "알루미늄 알미늄", "건설 종합건설", "철강 스틸", "금속 메탈",
    "공업 공업사", "시스템 시스템즈", "기업 기업사", "컨트롤 컨트롤스", "메디칼 메디컬",
    "인터내셔널 인터내셔날", "전지 배터리 밧데리", "화스너 파스너", "정밀 프리시젼",
    "전자 일렉트로닉스", "전기 일렉트릭", "소재 머티리얼 머티리얼즈", "네트웍스 네트워크",
    "세라믹 세라믹스", "로봇 로보틱스", "하이텍 하이테크", "솔루션 솔루션즈", "금속", "기계",
    "고무 러버", "금형 몰드", "전선 케이블", "식품 푸드",
)  # fmt: skip

TRADES: frozenset[str] = frozenset(
    {word for words in ENGLISH.values() for word in words.split() if len(word) > 1} | set(_MORE)
) | {"텍", "켐", "팩"}

# Trades that say so little that firms leave them out.
VAGUE: frozenset[str] = frozenset(
    _words(
        "공업 공업사 산업 기업 기업사 상사 테크 테크놀로지 텍 기술 시스템 시스템즈 엔지니어링 "
        "이엔지 코리아 "
    )
)

MEANINGS: dict[str, frozenset[str]] = {
    word: frozenset({word}.union(*(group.split() for group in _ALIKE if word in group.split())))
    for word in TRADES
}

# Places by region (codes of taxonomy.REGIONS, else of countries), each with its other spellings
# after "=". A firm of the same name at another place is often another firm.
_WHERE = {
    "KR": "한국=korea=코리아 호남 영남",
    "KR-11": "서울 구로 금천 가산",
    "KR-26": "부산=pusan 기장 녹산",
    "KR-27": "대구=taegu 달성 성서",
    "KR-28": "인천=inchon 남동",
    "KR-29": "광주=kwangju",
    "KR-30": "대전=taejon",
    "KR-31": "울산",
    "KR-41": (
        "경기=kyonggi 수원 안산 시화 반월 시흥 평택 화성 용인 이천 김포 파주 부천 안양 군포 "
        "오산 안성 성남 광명 포천"
    ),
    "KR-42": "강원 원주 춘천 강릉",
    "KR-43": "충북 청주 충주 음성 진천",
    "KR-44": "충남 천안 아산 당진 서산",
    "KR-45": "전북 전주 군산 익산 완주",
    "KR-46": "전남 여수 순천 광양 목포 영암",
    "KR-47": "경북=kyungbuk 포항 구미 경산 경주 영천 칠곡 김천",
    "KR-48": "경남=kyungnam 창원 김해 양산 진주 사천 거제 함안 밀양 마산",
    "KR-49": "제주=cheju",
    "KR-50": "세종",
    "CN": (
        "중국=china=차이나 상해=shanghai=상하이 소주=suzhou=쑤저우 청도=qingdao=칭다오 "
        "천진=tianjin=톈진 북경=beijing=베이징 무석=wuxi=우시 광동=guangdong 심천=shenzhen=선전 "
        "광주시=guangzhou 동관=dongguan 강소=jiangsu 영파=ningbo 절강=zhejiang "
        "연태=yantai=옌타이 위해=weihai 대련=dalian=다롄 "
        "홍콩=hongkong"
    ),
    "VN": "베트남=vietnam=vina=비나 하노이=hanoi 호치민=hochiminh",
    "IN": "인도=india=인디아 첸나이=chennai",
    "JP": "일본=japan=재팬=nippon",
    "US": "미국=usa=america=아메리카 앨라배마=alabama",
    "TH": "태국=thailand",
    "KH": "캄보디아=cambodia",
    "ID": "인도네시아=indonesia",
    "MY": "말레이시아=malaysia",
    "MX": "멕시코=mexico",
    "PL": "폴란드=poland",
    "CZ": "체코=czech",
    "SK": "슬로바키아=slovakia",
    "TR": "튀르키예=turkey=turkiye=터키",
    "EU": "유럽=europe",
    "AS": "아시아=asia",
    "DE": "독일=germany",
    "TW": "대만=taiwan",
    "LK": "스리랑카=lanka",
    "RS": "세르비아=serbia",
    "FR": "프랑스=france",
    "GB": "영국=uk=england=britain",
    "IT": "이탈리아=italy=italia",
    "ES": "스페인=spain=espana",
    "PT": "포르투갈=portugal",
    "NL": "네덜란드=netherlands=holland",
    "RU": "러시아=russia",
    "UA": "우크라이나=ukraine",
    "RO": "루마니아=romania",
    "BG": "불가리아=bulgaria",
    "HU": "헝가리=hungary",
    "CA": "캐나다=canada",
    "AU": "호주=australia",
    "ZA": "남아공=africa",
    "NG": "나이지리아=nigeria",
    "KE": "케냐=kenya",
    "EG": "이집트=egypt",
    "PK": "파키스탄=pakistan",
    "BD": "방글라데시=bangladesh",
    "PH": "필리핀=philippines",
    "SG": "싱가포르=singapore",
    "MM": "미얀마=myanmar",
    "BR": "브라질=brasil=brazil",
}  # fmt: skip

PLACES: dict[str, str] = {
    spelling: group.split("=")[0]
    for groups in _WHERE.values()
    for group in groups.split()
    for spelling in group.split("=")
}
REGION_OF: dict[str, str] = {
    group.split("=")[0]: code for code, groups in _WHERE.items() for group in groups.split()
}

# A part of a firm. The first of each line is its meaning; head offices are the firm itself.
PARTS: dict[str, str] = {
    "공장": "factory plant unit facility 공장동 사업장 사업소 works",
    "지점": "branch subesi brunch 지사 영업소 대리점 출장소",
    "연구소": "연구원 lab labs r&d 기술연구소 research",
    "": "본사 본사공장 본점 본부 headquarters hq head office 사무소 사무실",
}

# What says of which legal kind a firm is. Alone they are a name; beside one they are none.
KOREAN_FORMS: tuple[str, ...] = (
    "농업회사법인", "유한책임회사", "주식회사", "유한회사", "합자회사", "합명회사",
    "사회적기업", "코퍼레이션", "컴퍼니",
    "(주)", "(유)", "(합)", "(자)", "(사)", "(재)", "(복)", "주)", "(주",
)  # fmt: skip
LATIN_FORMS: frozenset[str] = frozenset(_words(
    "co ltd limited inc incorporated corp corporation company llc llp lp plc pvt private pte pty "
    "public gmbh ag kg mbh bv nv sa sas sarl sac spa srl sro spzoo doo dd ad ood eood kft zrt oy "
    "oyj ab as asa aps kk yk jsc pjsc ooo tbk pt cv sdn bhd ltda limitada lda sl slu cia "
    "san ve tic sti sanayi ticaret fzco fze and the ltd. de jusikhoesa chusik hoesa jushik"
))  # fmt: skip
