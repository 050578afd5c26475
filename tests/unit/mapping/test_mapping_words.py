"""Mail addresses, company sizes and names, page addresses, numbers, dates: text in, value out."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.instants import iso
from connector.mapping.companies import company_name
from connector.mapping.mail import is_own, mail_class, mail_domain
from connector.mapping.paths import path_of
from connector.mapping.sizes import size_of
from connector.mapping.texts import LONGEST, clean, matches
from connector.mapping.values import to_instant, to_number, to_set, to_text, to_truth

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("taro@sony.co.jp", "corporate"),
        ("x@nifty.co.jp", "corporate"),
        ("x@biglobe.co.jp", "corporate"),
        ("x@softbank.co.jp", "corporate"),
        ("x@nttdocomo.com", "corporate"),
        ("x@u-tokyo.ac.jp", "corporate"),
        ("x@a.example.co.jp", "corporate"),
        ("x@line.me", "corporate"),
        ("x@google.com", "corporate"),
        ("x@gmail.com", "free"),
        ("X@GMAIL.COM", "free"),
        ("x＠ｇｍａｉｌ．ｃｏｍ", "free"),
        ("x@yahoo.co.jp", "free"),
        ("x@ymail.ne.jp", "free"),
        ("x@auone.jp", "free"),
        ("x@outlook.jp", "free"),
        ("x@gmx.at", "free"),
        ("Taro <taro@icloud.com>", "free"),
        ("x@yahoo.ne.jp", "free"),
        ("x@mail.goo.ne.jp", "free"),
        ("a..b.@docomo.ne.jp", "carrier"),
        ("x@ezweb.ne.jp", "carrier"),
        ("x@t.vodafone.ne.jp", "carrier"),
        ("x@i.softbank.jp", "carrier"),
        ("x@linemo.jp", "carrier"),
        ("x@disney.ne.jp", "carrier"),
        ('"a@b"@uqmobile.jp', "carrier"),
        ("x@pdx.ne.jp", "carrier"),
        ("x@jp-t.ne.jp", "carrier"),
        ("x@nifty.com", "isp"),
        ("x@sea.plala.or.jp", "isp"),
        ("x@abc.so-net.ne.jp", "isp"),
        ("x@ocn.ne.jp", "isp"),
        ("x@jcom.home.ne.jp", "isp"),
        ("x@wakwak.com", "isp"),
        ("x@ybb.ne.jp", "isp"),
        ("x@sute.jp", "disposable"),
        ("x@mailinator.com", "disposable"),
        ("x@yopmail.com", "disposable"),
        ("x@notgmail.com", "corporate"),
        ("x@gmail.com.example.jp", "corporate"),
        ("", None),
        ("なし", None),
        ("x@", None),
        ("x@localhost", None),
        ("@", None),
        ("x@\ud800", None),
        ("@" * 9999, None),
    ],
)
def test_an_address_has_its_class(address: str, kind: str | None) -> None:
    assert mail_class(address) == kind


def test_a_mapping_adds_domains_of_its_own_and_they_go_first() -> None:
    more = {"reseller.example": "free", "gmail.com": "corporate"}
    assert [mail_class(a, more) for a in ("x@mail.reseller.example", "x@gmail.com")] == ["free", "corporate"]


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("x@us.jp", True),
        ("X@US.JP", True),
        ("x@deep.us.jp", False),
        ("x@a.all.jp", True),
        ("x@all.jp", False),
        ("test@anyone.jp", True),
        ("a+test@x.jp", True),
        ("contest@x.jp", False),
        ("x@bus.jp", False),
        ("", None),
    ],
)
def test_own_staff_and_test_addresses_are_known(address: str, own: bool | None) -> None:
    assert is_own(address, frozenset({"us.jp", "*.all.jp"}), ("*+test@*", "test@*")) is own


def test_a_domain_is_what_follows_the_last_at_sign() -> None:
    assert [mail_domain(a) for a in ("a@b@C.jp", "<x@y.co.jp>", "x@y.jp.", "x y.jp")] == [
        "c.jp",
        "y.co.jp",
        "y.jp",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("101-500名", 101),
        ("1~29名", 1),
        ("１００〜２９９名", 100),
        ("1,000名以上", 1000),
        ("10,001+", 10001),
        ("300", 300),
        ("50名以下", 1),
        ("50名未満", 1),
        ("〜50名", 1),
        ("less than 50", 1),
        ("<10", 1),
        ("up to 10", 1),
        ("-50名", 1),
        ("100名超", 101),
        (">500", 501),
        ("more than 200", 201),
        (">=500", 500),
        ("1万人以上", 10000),
        ("1.2万人", 12000),
        ("3千人", 3000),
        ("1k-5k", 1000),
        ("約300名", 300),
        ("従業員 300 人", 300),
        ("500から999名", 500),
        ("100 to 299", 100),
        ("100人以上300人未満", 100),
        ("2026年4月1日現在 120名", 120),
        ("120.0", 120),
        ("0", 0),
        ("5-25", 5),
        ("100名", 100),
        ("100 employees", 100),
        ("120名（連結 3,000名）", 120),
        ("不明", None),
        ("", None),
        ("-5", None),
        ("2026-01-05", None),
        ("1月5日", None),
        ("Enterprise", None),
        ("🏢", None),
    ],
)
def test_a_size_band_is_its_lower_end(text: str, size: int | None) -> None:
    assert size_of(text) == (None if size is None else Decimal(size))


def test_a_very_long_cell_is_no_size() -> None:
    assert size_of("x" * 1_000_000) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("株式会社さくら商事", "さくら商事"),
        ("さくら商事株式会社", "さくら商事"),
        ("(株)さくら商事", "さくら商事"),
        ("㈱さくら商事", "さくら商事"),
        ("さくら商事（株）", "さくら商事"),
        ("株式会社　さくら 商事", "さくら商事"),
        ("有限会社青嵐", "青嵐"),
        ("㈲青嵐", "青嵐"),
        ("合同会社DMM.com", "DMM.com"),
        ("一般社団法人 日本協会", "日本協会"),
        ("学校法人明倫", "明倫"),
        ("さくら商事株式会社 御中", "さくら商事"),
        ("Sakura Co., Ltd.", "Sakura"),
        ("Sakura Inc.", "Sakura"),
        ("Sakura K.K.", "Sakura"),
        ("Toyota Motor Corporation", "Toyota Motor"),
        ("Ｓａｋｕｒａ　ＬＬＣ", "Sakura"),
        ("Sakura GmbH", "Sakura"),
        ("Incorporated Foods", "Incorporated Foods"),
        ("Limited Edition", "Limited Edition"),
        ("株式会社さくら商事 東京支店", "さくら商事東京支店"),
        ("Sakura Pte. Ltd.", "Sakura"),
        ("(株)", "(株)"),
        ("", None),
        (" ", None),
    ],
)
def test_a_company_has_its_name_without_its_legal_form(text: str, name: str | None) -> None:
    assert company_name(text) == name


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("https://www.example.co.jp/pricing/?a=1#x", "/pricing"),
        ("HTTP://E.JP/A//", "/A"),
        ("/pricing/", "/pricing"),
        ("/", "/"),
        ("https://e.jp", "/"),
        ("https://e.jp/?x=/y", "/"),
        ("https://e.jp?x", "/"),
        ("/#top", "/"),
        ("?q", "/"),
        ("//e.jp/x", "/x"),
        ("www.e.jp/pricing", "/pricing"),
        ("www.e.jp", "/"),
        ("e.jp/pricing", "/pricing"),
        ("e.jp:8080/x", "/x"),
        ("/blog/%E8%A6%8B%E8%BE%BC%E3%81%BF%E5%AE%A2", "/blog/見込み客"),
        ("/a%252Fb", "/a%2Fb"),
        ("/a%2Fb%2F", "/a/b"),
        ("/%8C%A9", "/%8C%A9"),
        ("https://[bad/p", "/p"),
        ("https://user:pw@e.jp:1/p", "/p"),
        (" /pricing ", "/pricing"),
        ("製品カタログ", "製品カタログ"),
        ("catalog.pdf", "catalog.pdf"),
        ("Webinar: 入門", "Webinar: 入門"),
        ("mailto:a@b.jp", None),
        ("tel:+8190", None),
        ("ftp://e.jp/x", None),
        ("", None),
        ("　", None),
    ],
)
def test_an_address_is_reduced_to_its_path(text: str, path: str | None) -> None:
    assert path_of(text) == path


def test_a_path_is_kept_in_one_piece_and_within_bounds() -> None:
    assert path_of("/" + "a" * 1_000_000) == "/" + "a" * (LONGEST - 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("87", "87"),
        ("1,234.5", "1234.5"),
        ("-3", "-3"),
        ("+3", "3"),
        ("１２０", "120"),
        ("1.0E7", "1.0E7"),
        ("¥3,000", "3000"),
        ("1,23", None),
        ("1e999", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        ("12名", None),
        ("1" * 500, None),
        ("٣", None),
    ],
)
def test_numbers_are_read_as_written(text: str, number: str | None) -> None:
    assert to_number(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("true", True),
        ("TRUE ", True),
        ("はい", True),
        ("○", True),
        ("1", True),
        ("false", False),
        ("No", False),
        ("いいえ", False),
        ("×", False),
        ("0", False),
        ("", None),
        ("maybe", None),
        ("2", None),
        ("y" * 999, None),
    ],
)
def test_yes_and_no_are_read_in_both_languages(text: str, truth: bool | None) -> None:
    assert to_truth(text) is truth


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
        ("2026-11-20T09:00:00.250+09:00", "2026-11-20T00:00:00.25Z"),
        ("1763629200000", "2025-11-20T09:00:00Z"),
        ("2026-11-20", "2026-11-19T15:00:00Z"),
        ("2026/11/2", "2026-11-01T15:00:00Z"),
        ("2026年11月20日", "2026-11-19T15:00:00Z"),
        ("2026/11/20 9:05", "2026-11-20T00:05:00Z"),
        ("2026-11-20 09:05:07.5", "2026-11-20T00:05:07.5Z"),
        ("２０２６-11-20", "2026-11-19T15:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59-09:00", None),
        ("0001-01-01", None),
        ("0001-01-01 00:00", None),
        ("99999999999999", "5138-11-16T09:46:39.999Z"),
        ("-99999999999999", None),
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("2026/11/20 25:00", None),
        ("tomorrow", None),
        ("", None),
        ("2026", None),
        ("9" * 500, None),
    ],
)
def test_instants_are_read_in_the_forms_crms_and_sheets_write(text: str, instant: str | None) -> None:
    found = to_instant(text, TOKYO)
    assert (None if found is None else iso(found)) == instant


def test_sets_are_parted_and_blank_members_dropped() -> None:
    assert to_set("a; b；;c") == {"a", "b", "c"}
    assert to_set(" ; ") is None


def test_what_no_database_takes_is_not_kept() -> None:
    assert to_text(" a\ud800b\0 ") == "a\ufffdb\ufffd"
    assert to_text("a\0") == "a\ufffd"
    assert to_text("🙂") == "🙂"
    assert len(clean("x" * 1_000_000)) == LONGEST


@pytest.mark.parametrize(
    ("pattern", "text", "yes"), [("a*c", "abc", True), ("a?c", "abc", False), ("[a]", "[a]", True), ("*", "", True)]
)
def test_only_the_star_is_special_in_a_glob(pattern: str, text: str, yes: bool) -> None:
    assert matches(pattern, text) is yes
