"""Titles as people write them on forms and cards, in both languages, with the traps."""

from __future__ import annotations

import pytest

from connector.mapping.titles import LEVELS, function, seniority

TABLE = """
president        | 社長 | 代表取締役 | 代表取締役社長 | 代表取締役会長 | 取締役会長 | 会長 | 代取 | 代表 | 代表者 | 代表理事 | 理事長
president        | 最高経営責任者 | 創業者 | オーナー | 経営者 | 院長 | 学長 | 代表取締役CEO | CEO | C.E.O. | President | Owner
president        | President & CEO | Founder | Co-Founder | Founder/CEO | Chairman | Representative Director | Chief Executive Officer
president        | 代表取締役 兼 営業部長 | 株式会社さくら 代表取締役 | Business Owner | ｃｅｏ | 社　長 | 代表取締役（兼）CTO
executive        | 取締役 | 社外取締役 | 監査役 | 専務取締役 | 常務 | 執行役員 | 上席執行役員 | 執行役 | 副社長 | 取締役副社長 | 役員
executive        | 執行役員 営業本部長 | 執行役員兼営業本部長 | 取締役/営業部長 | 最高技術責任者 | CTO | cfo | Chief Marketing Officer
executive        | Managing Director | Senior Managing Director | Executive Director | Member of the Board | Board of Directors | SVP, Sales
executive        | Senior Vice President | Executive Vice President | EVP | Executive Officer | Vice Chairman | Partner | パートナー | MD
executive        | Non-Executive Director | Chief Revenue Officer | 担当役員 | シニアバイスプレジデント | マネージングディレクター
department_head  | 部長 | 営業部長 | 情報システム部長 | 部　長 | 営業部 部長 | マーケティング部　部長 | 部長（営業） | 本部長 | 事業部長
department_head  | 担当部長 | 専任部長 | 統括部長 | 部長職 | 部長級 | 副本部長 | 局長 | 工場長 | 支店長 | 前橋支店長 | 元町支店長 | 所長
department_head  | 長谷川部長 | 営業部長 長谷川 | 部長殿 | 営業部長様 | 学部長 | 看護部長 | センター長 | 部門長 | ゼネラルマネージャー | GM | 営業部GM
department_head  | VP | VP of Sales | VP, Marketing | Vice President | Vice-President of IT | Director | Director of IT | Sr. Director
department_head  | Sales & Marketing Director | Head of Sales | HEAD OF IT | Global Head of Marketing | Department Head | General Manager
department_head  | Director, Office of the CEO | Director/営業部長 | 課長 兼 部長 | Ｄｉｒｅｃｔｏｒ | バイスプレジデント | 次長 兼 工場長
deputy_head      | 部長代理 | 営業部長代理 | 部長代行 | 副部長 | 営業副部長 | 部長補佐 | 次長 | 部次長 | 部長(代理) | 部長 代理 | 本部長代理
deputy_head      | 副支店長 | 副センター長 | 副所長 | 副 部長 | Deputy General Manager | Assistant Director | Associate Director | Deputy Director
deputy_head      | Assistant General Manager | Acting Director | Deputy Head of Sales | Assistant Vice President | AVP | Vice Director
deputy_head      | 課長(部長代理) | 局長代理
manager          | 課長 | 営業課長 | 課　長 | 営業課長（兼）企画課長 | 課長兼務 | 担当課長 | 室長 | 社長室長 | グループ長 | 店長 | マネージャー | マネジャ
manager          | ITマネージャー | シニアマネージャー | 営業部長谷川課長 | Manager | Sales Manager | Sales Mgr. | Senior Manager | Office Manager
manager          | Manager, Office of the CEO | CEO Office Manager | Section Chief | Art Director | Chief Engineer | 参事 | 主幹
supervisor       | 課長代理 | 課長補佐 | 副課長 | 係長 | 主任 | 営業主任 | 主査 | リーダー | グループリーダー | チームリーダー | チーフ | 班長
supervisor       | 支店長代理 | 主任研究員 | サブマネージャー | アシスタントマネージャー | Assistant Manager | Supervisor | Team Lead | Lead Engineer
supervisor       | Webディレクター | スーパーバイザー | 室長補佐 | Team Leader | Deputy Manager
staff            | 担当 | 営業担当 | ご担当者様 | 一般社員 | 社員 | 会社員 | スタッフ | エンジニア | 部員 | 秘書 | 社長秘書 | 部長秘書 | アシスタント
staff            | 部長付 | 社長付 | 係長代理 | 役員秘書 | 派遣社員 | アルバイト | インターン | プロダクトオーナー | Engineer | Staff
staff            | Assistant to the Director | Assistant to Director of IT | Executive Assistant | Executive Assistant to the CEO | PA to MD
staff            | Secretary to the President | Director's Assistant | Director Assistant | Intern, CEO Office | Account Manager | Product Owner
staff            | Marketing Specialist | Consultant | Sales Representative | Business Partner | Purchasing Officer | アカウントマネージャー | なし
-                | 営業部長谷川 | 営業部 長谷川 | 部長谷川 | 長谷川 | 元部長 | 元 部長 | 前社長 | 元営業部長 | 旧部長 | 部長(退職) | 元取締役 | 元株式会社さくら部長
-                | 部長候補 | 社長室 | CEO室 | 部長室 | 営業部 | 営業代表 | 顧問 | 相談役 | 技術顧問 | 学生 | 主婦 | フリーランス | 教授
-                | Former Director | Ex-CEO | ex ceo | Retired | President's Office | Headhunter | Student | Professor | Advisor | Freelance
-                | - | ？ | 123 | 👔 | 🙂部 | 兼務 | 元 | 付 | ー
"""  # noqa: E501 - a table reads best as a table


def _rows() -> list[tuple[str, str | None]]:
    rows = []
    for line in TABLE.strip().splitlines():
        level, *titles = (cell.strip() for cell in line.split("|"))
        rows += [(title, None if level == "-" else level) for title in titles]
    return rows


@pytest.mark.parametrize(("title", "level"), _rows())
def test_a_title_has_its_level(title: str, level: str | None) -> None:
    assert seniority(title) == level


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(_rows()) >= 150
    assert {level for _, level in _rows()} == {*LEVELS, None}


@pytest.mark.parametrize(
    "title", ["", " ", "　", "\ud800", "部" * 1_000_000, "manager " * 10_000, "兼" * 500, "((((", "\0"]
)
def test_no_text_is_too_strange_to_be_read(title: str) -> None:
    assert seniority(title) in {None, "manager"}


def test_a_mapping_adds_titles_of_its_own_and_they_go_first() -> None:
    more = (("調査役", "deputy_head"), ("次長", "manager"), ("Tribe Lead", "department_head"))
    assert [seniority(t, more) for t in ("調査役", "次長", "tribe lead")] == [
        "deputy_head",
        "manager",
        "department_head",
    ]
    assert seniority("調査役") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("営業部", "sales"),
        ("第一営業部長", "sales"),
        ("VP of Sales", "sales"),
        ("マーケティング部", "marketing"),
        ("情報システム部長", "it"),
        ("情シス", "it"),
        ("IT Manager", "it"),
        ("Marketing Manager", "marketing"),
        ("人事部", "hr"),
        ("Head of People", "hr"),
        ("経理課", "finance"),
        ("CFO", "finance"),
        ("法務部", "legal"),
        ("総務部", "administration"),
        ("経営企画室", "management"),
        ("カスタマーサクセス部", "customer_success"),
        ("製造部", "manufacturing"),
        ("R&D", "engineering"),
        ("開発部", "engineering"),
        ("購買部", "purchasing"),
        ("代表取締役", "management"),
        ("Vice President", None),
        ("部長", None),
        ("", None),
        ("with", None),
        ("第二グループ", None),
    ],
)
def test_a_department_or_title_names_its_function(text: str, name: str | None) -> None:
    assert function(text) == name
