"""Company names without their legal form, so that 株式会社さくら商事, さくら商事(株) and ㈱さくら商事 are one."""

from __future__ import annotations

import re
import unicodedata

from connector.mapping.texts import clean

_JAPANESE = re.compile(
    r"(?:特例有限|株式|有限|合同|合資|合名|相互)会社"
    r"|(?:一般|公益)(?:社団|財団)法人|特定非営利活動法人|NPO法人|社会福祉法人|学校法人|宗教法人|独立行政法人"
    r"|国立研究開発法人|国立大学法人|公立大学法人|医療法人(?:社団|財団)?|弁護士法人|税理士法人|監査法人"
    r"|\((?:株|有|同|資|名|相|一社|一財|公社|公財|医|学|福|宗|独|特非)\)",
    re.IGNORECASE,
)
_LATIN = re.compile(
    r"(?:[\s,]+(?:co\.?,?\s*ltd|company,?\s*limited|company,?\s*ltd|inc|incorporated|corp|corporation|llc|l\.l\.c|llp|ltd|limited"
    r"|k\.\s?k|kk|kabushiki\s+kaisha|gmbh|plc|pte\.?\s*ltd|pty\.?\s*ltd|s\.a|b\.v|g\.k|gk|ag)\.?)+\s*$",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"\s*(?:御中|様|殿)$")
_JOINED = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")


def company_name(text: str) -> str | None:
    """The name in NFKC, less its legal form wherever it stands, and less blanks between Japanese words.

    A name that is nothing but a legal form is kept. None for blank text.
    """
    whole = " ".join(unicodedata.normalize("NFKC", clean(text)).split())
    bare = _LATIN.sub("", _JAPANESE.sub(" ", _ADDRESSED.sub("", whole)))
    return _JOINED.sub("", " ".join(bare.split()).strip(" ,・")) or whole or None
