"""The words of the invented market: titles, industries, pages, forms, mailings. Hosts are reserved example domains."""

from __future__ import annotations

HOST = "www.example.co.jp"
STAFF_DOMAIN = "example.co.jp"

EXECUTIVE = (
    "代表取締役社長",
    "代表取締役",
    "取締役",
    "常務取締役",
    "執行役員",
    "執行役員 営業本部長",
    "CEO",
    "COO",
    "Chief Marketing Officer",
)
HEAD = (
    "部長",
    "営業部長",
    "情報システム部長",
    "本部長",
    "事業部長",
    "マーケティング部 部長",
    "VP of Sales",
    "VP Marketing",
    "Director of IT",
    "Head of Operations",
)
MIDDLE = (
    "部長代理",
    "次長",
    "課長",
    "営業課長",
    "課長補佐",
    "マネージャー",
    "グループリーダー",
    "Sales Manager",
    "IT Manager",
    "室長",
)
STAFF = (
    "主任",
    "係長",
    "担当",
    "一般社員",
    "スタッフ",
    "エンジニア",
    "営業担当",
    "Marketing Specialist",
    "Engineer",
    "アシスタント",
)
BLANK = ("", "", "", " ", "-", "なし")
RANKS = (EXECUTIVE, HEAD, MIDDLE, STAFF, BLANK)
RANK_WEIGHTS = (6, 14, 26, 40, 14)

DEPARTMENTS = (
    "営業部",
    "マーケティング部",
    "情報システム部",
    "経営企画室",
    "総務部",
    "人事部",
    "製造部",
    "カスタマーサクセス部",
    "Sales",
    "IT",
    "",
)
INDUSTRIES = (
    "製造業",
    "情報通信業",
    "卸売業・小売業",
    "金融業・保険業",
    "建設業",
    "不動産業",
    "運輸業・郵便業",
    "医療・福祉",
    "教育・学習支援業",
    "サービス業",
)
SIZES = (
    (1, 29, "1~29名"),
    (30, 99, "30~99名"),
    (100, 299, "100~299名"),
    (300, 999, "300~999名"),
    (1000, 20_000, "1,000名以上"),
)
SIZE_WEIGHTS = (28, 27, 22, 14, 9)
COMPANY_WORDS = (
    ("さくら", "sakura"),
    ("東都", "toto"),
    ("北斗", "hokuto"),
    ("みなと", "minato"),
    ("あおば", "aoba"),
    ("光陽", "koyo"),
    ("大和川", "yamatogawa"),
    ("富士見", "fujimi"),
    ("青嵐", "seiran"),
    ("白鷺", "shirasagi"),
    ("つばめ", "tsubame"),
    ("瑞穂野", "mizuhono"),
    ("しらかば", "shirakaba"),
    ("明倫", "meirin"),
    ("銀河", "ginga"),
    ("はやぶさ", "hayabusa"),
)
COMPANY_TRADES = (
    ("商事", "shoji"),
    ("製作所", "works"),
    ("システム", "systems"),
    ("電機", "denki"),
    ("物流", "logi"),
    ("建設", "kensetsu"),
    ("食品", "foods"),
    ("ソリューションズ", "solutions"),
    ("化学", "chem"),
    ("不動産", "estate"),
    ("メディカル", "medical"),
    ("ホールディングス", "hd"),
    ("テクノロジー", "tech"),
    ("印刷", "print"),
)
COMPANY_FORMS = (
    "株式会社{}",
    "{}株式会社",
    "(株){}",
    "㈱{}",
    "{}(株)",
    "株式会社 {}",
    "有限会社{}",
    "合同会社{}",
    "{} Co., Ltd.",
    "{}",
)
COMPANY_FORM_WEIGHTS = (34, 24, 8, 4, 6, 4, 6, 4, 5, 5)
DOMAIN_ENDS = ("example.co.jp", "example.com", "example.jp", "example.net", "example")

# Mail domains of these kinds must be real ones, or nothing could tell a free address by it. The addresses themselves
# say `sandbox` and a number, so that they are nobody's; nothing in Leadheat sends mail to a lead.
FREE = ("gmail.com", "yahoo.co.jp", "outlook.jp", "hotmail.com", "icloud.com")
CARRIER = ("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp")
ISP = ("nifty.com", "biglobe.ne.jp", "plala.or.jp", "so-net.ne.jp")
DISPOSABLE = ("mailinator.com", "yopmail.com")
SOURCES = ("ウェブサイト", "展示会", "セミナー", "広告", "紹介", "電話", "Web", "Partner")
LOST_REASONS = ("予算が合わない", "競合に決定", "時期尚早", "機能が足りない", "担当者の異動", "連絡が取れない")

FORMS = (
    ("デモ申し込み", "/demo"),
    ("資料ダウンロード", "/download"),
    ("導入事例ダウンロード", "/cases/download"),
    ("お問い合わせ", "/contact"),
    ("セミナー申し込み", "/seminars"),
    ("ニュースレター", "/newsletter"),
)
DEMO, MATERIAL, CASE, INQUIRY, SEMINAR, NEWSLETTER = range(1, 7)
ASSETS = {
    MATERIAL: ("製品カタログ", "料金表", "MA選定チェックリスト"),
    CASE: ("導入事例集", "導入事例 製造業編", "導入事例 SaaS編"),
}

COLD_PAGES = (
    ("/", "ホーム"),
    ("/blog/lead-scoring", "リードスコアリングとは | ブログ"),
    ("/blog/inside-sales", "インサイドセールス入門 | ブログ"),
    ("/blog/%E8%A6%8B%E8%BE%BC%E3%81%BF%E5%AE%A2", "見込み客の育て方 | ブログ"),
    ("/company", "会社概要"),
    ("/news", "お知らせ"),
    ("/features", "機能"),
    ("/blog/2026/ma-tools", "MAツール比較 | ブログ"),
)
WARM_PAGES = (
    ("/features/scoring", "スコアリング機能"),
    ("/features/integrations", "連携"),
    ("/cases", "導入事例"),
    ("/cases/sakura-shoji", "導入事例 さくら商事様"),
    ("/cases/%E8%A3%BD%E9%80%A0%E6%A5%AD", "導入事例 製造業"),
    ("/security", "セキュリティ"),
)
HOT_PAGES = (
    ("/pricing", "料金"),
    ("/pricing/enterprise", "料金 エンタープライズ"),
    ("/pricing", "料金"),
    ("/demo", "デモ申し込み"),
)
JOB_PAGES = (("/careers", "採用情報"), ("/careers/engineer", "エンジニア採用"), ("/recruit", "新卒採用"))
QUERIES = (
    "?utm_source=google&utm_medium=cpc",
    "?utm_source=newsletter&utm_medium=email&utm_campaign=2026-autumn",
    "?gclid=sandbox",
    "#top",
)
MAIL_NAMES = ("月刊ニュースレター {}月号", "製品アップデートのお知らせ {}月", "セミナーのご案内 {}月")
SEMINAR_NAMES = ("はじめてのリードスコアリング", "営業とマーケの対話術", "導入事例ライブ", "MA活用ワークショップ")
CAMPAIGN_NAMES = (
    ("展示会 Japan IT Week", "展示会", 3_000_000),
    ("検索広告", "広告", 1_800_000),
    ("SNS広告", "広告", 900_000),
    ("秋のウェビナー", "ウェビナー", 250_000),
    ("パートナー紹介", "紹介", 0),
    ("メールマガジン", "メール", 120_000),
)
