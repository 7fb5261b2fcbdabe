"""What people write above the columns of a list of suppliers, in Korean and English. Data only.

Words are as supplychain.cells.plain leaves them: letters and digits, small, without spaces.
"""

SUPPLIER: dict[str, tuple[str, ...]] = {
    "name": (
        "협력사명", "협력사", "협력업체", "협력업체명", "업체명", "업체", "회사명", "회사",
        "기업명", "기업", "상호", "상호명", "법인명", "거래처", "거래처명", "공급사", "공급사명",
        "공급업체", "공급업체명", "공급기업", "공급기업명", "제조사", "제조사명", "제조업체",
        "매입처", "매입처명", "외주처", "외주업체", "supplier", "suppliername", "vendor",
        "vendorname", "company", "companyname", "firm", "firmname", "name", "manufacturer",
        "manufacturername", "facility", "facilityname", "factoryname", "legalname",
    ),
    "brn": (
        "사업자등록번호", "사업자번호", "사업자no", "사업자등록no", "등록번호",
        "businessregistrationnumber", "businessregistrationno", "businessregno",
        "businessnumber", "registrationnumber", "registrationno", "brn", "bizno", "taxid",
        "vatnumber",
    ),
    "country": (
        "국가", "나라", "국가명", "국가코드", "소재국", "country", "countrycode", "nation",
    ),
    "region": (
        "지역", "소재지", "시도", "주소", "본사주소", "공장주소", "사업장주소", "소재지역",
        "본사소재지", "사업장소재지", "region", "province", "state", "city", "location",
        "address",
    ),
    "process": (
        "주요공정", "공정", "공정구분", "생산공정", "공정명", "가공공정", "process",
        "mainprocess", "processtype", "manufacturingprocess",
    ),
    "employees": (
        "종업원수", "종업원", "직원수", "임직원수", "인원", "인원수", "상시근로자수",
        "상시근로자", "근로자수", "고용인원", "사원수", "employees", "numberofemployees",
        "headcount", "workers", "numberofworkers", "staff",
    ),
    "level": (
        "스마트공장수준", "스마트공장", "스마트공장레벨", "스마트공장단계", "수준", "수준확인",
        "smartfactorylevel", "smartfactory", "level",
    ),
    "sector": (
        "업종코드", "산업분류", "표준산업분류", "산업분류코드", "표준산업분류코드", "업종",
        "ksic", "ksiccode", "sector", "industrycode", "industry",
    ),
    "lei": ("lei", "leicode", "법인식별기호"),
    "duns": ("duns", "dunsnumber", "dunsno", "던스번호"),
    "corporate": ("법인등록번호", "법인번호", "corporateregistrationnumber", "corporatenumber"),
    "contact": (
        "담당자", "담당자명", "담당", "담당자성명", "업체담당자", "연락담당자", "contact",
        "contactname", "contactperson", "person",
    ),
    "email": (
        "이메일", "메일", "이메일주소", "메일주소", "전자우편", "담당자이메일", "담당자메일",
        "email", "emailaddress", "mail", "contactemail",
    ),
}  # fmt: skip
BUYER: dict[str, tuple[str, ...]] = {
    "name": (
        "납품처", "납품처명", "납품처상호", "납품기업", "납품업체", "납품회사", "구매기업",
        "구매사", "구매처", "발주사", "발주처", "발주기업", "상위협력사", "상위협력사명",
        "상위업체", "1차협력사", "1차협력사명", "2차협력사", "2차협력사명", "고객사", "고객사명",
        "매출처", "매출처명", "수요처", "수요기업", "buyer", "buyername", "customer",
        "customername", "deliversto", "deliveredto", "suppliesto", "client", "purchaser",
    ),
    "brn": (
        "납품처사업자등록번호", "납품처사업자번호", "구매기업사업자등록번호", "발주사사업자번호",
        "상위협력사사업자등록번호", "고객사사업자등록번호", "buyerbrn",
        "buyerregistrationnumber", "customerbrn",
    ),
}  # fmt: skip
LINK: dict[str, tuple[str, ...]] = {
    "item": (
        "품목", "품명", "부품", "부품명", "납품품목", "공급품목", "주요품목", "거래품목",
        "생산품목", "주요생산품", "제품", "제품명", "자재명", "item", "itemname",
        "itemdescription", "part", "partname", "product", "productname", "goods", "material",
    ),
    "share": (
        "거래비중", "비중", "구매비중", "점유율", "물량비중", "납품비중", "매입비중",
        "구매점유율", "거래비율", "비율", "share", "shareofpurchases", "purchaseshare",
        "shareofspend", "spendshare",
    ),
}  # fmt: skip

WORDS: dict[str, str] = {
    word: f"{of}.{field}"
    for of, fields in (("supplier", SUPPLIER), ("buyer", BUYER), ("link", LINK))
    for field, words in fields.items()
    for word in words
}

# What a heading may begin with, to say of whom it speaks: the longest first.
ABOUT_BUYER = tuple(sorted(BUYER["name"], key=len, reverse=True))
ABOUT_SUPPLIER = tuple(
    sorted((*SUPPLIER["name"], "공급자", "협력", "업체정보", "기업정보"), key=len, reverse=True)
)
ABOUT_LINK = ("거래", "납품", "공급", "구매", "매입", "delivery", "purchase", "supply", "trade")

# A heading that merely contains one of these: weaker than a word of its own.
CONTAINS: tuple[tuple[str, str], ...] = (
    ("사업자등록", "supplier.brn"), ("사업자번호", "supplier.brn"),
    ("registration", "supplier.brn"), ("법인등록", "supplier.corporate"),
    ("이메일", "supplier.email"), ("email", "supplier.email"), ("담당자", "supplier.contact"),
    ("납품처", "buyer.name"), ("발주", "buyer.name"), ("고객", "buyer.name"),
    ("customer", "buyer.name"), ("buyer", "buyer.name"), ("협력사", "supplier.name"),
    ("협력업체", "supplier.name"), ("업체명", "supplier.name"), ("회사명", "supplier.name"),
    ("기업명", "supplier.name"), ("상호", "supplier.name"), ("거래처", "supplier.name"),
    ("supplier", "supplier.name"), ("vendor", "supplier.name"), ("manufactur", "supplier.name"),
    ("company", "supplier.name"), ("비중", "link.share"), ("점유율", "link.share"),
    ("share", "link.share"), ("품목", "link.item"), ("품명", "link.item"), ("부품", "link.item"),
    ("종업원", "supplier.employees"), ("근로자", "supplier.employees"),
    ("직원", "supplier.employees"), ("employee", "supplier.employees"),
    ("공정", "supplier.process"), ("스마트공장", "supplier.level"), ("주소", "supplier.region"),
    ("소재지", "supplier.region"), ("지역", "supplier.region"), ("address", "supplier.region"),
    ("국가", "supplier.country"), ("country", "supplier.country"),
    ("산업분류", "supplier.sector"),
)  # fmt: skip
