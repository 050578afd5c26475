"""What the people of the world did: visits, forms, mails, seminars, calls, meetings. A few do most of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from adapters.sandbox import phrases
from adapters.sandbox.facts import Company, Done, Form, Kind, Mail, Person, Seminar
from adapters.sandbox.people import whole
from connector.instants import DAY, HOUR, MINUTE, SECOND, Instant

JST = 9 * HOUR
MONDAY = 4 * DAY  # 1970-01-05, counted from the first of January
NOBODY = 0  # keys are given at the end, in order of time


@dataclass(frozen=True, slots=True)
class Stage:
    """What there is to do, and until when."""

    until: Instant
    forms: Sequence[Form]
    mails: Sequence[Mail]
    seminars: Sequence[Seminar]
    companies: Sequence[Company]


@dataclass(frozen=True, slots=True)
class Bent:
    """How a person is inclined: number of visits, how near to buying (0 to 1), and whether they look for a job."""

    visits: int
    interest: float
    job_seeker: bool


def make_done(people: Sequence[Person], stage: Stage, rng: Random) -> tuple[Done, ...]:
    """Everything everybody did, in order of time and numbered so."""
    found = [done for person in people for done in _life(person, stage, rng)]
    found.sort(key=lambda d: (d.at, d.person_key))
    return tuple(replace(done, key=key) for key, done in enumerate(found, 1))


def _life(person: Person, stage: Stage, rng: Random) -> Iterator[Done]:
    bent = _bent(person, rng)
    end = min(stage.until, person.merged_at or stage.until, person.deleted_at or stage.until)
    for at in _visits(person.created_at, end, bent.visits, rng):
        yield from _visit(person, at, end, bent, stage, rng)
    if person.email and not person.opt_out and not person.staff:
        yield from _mailings(person, end, bent, stage, rng)
    if not person.staff:
        yield from _seminars(person, end, bent, stage, rng)
        yield from _talks(person, end, bent, stage.until, rng)
    if person.campaign_key and rng.random() < 0.5:
        name = phrases.CAMPAIGN_NAMES[person.campaign_key - 1][0]
        status = rng.choice(("Responded", "Sent"))
        yield Done(NOBODY, person.key, person.created_at, "campaign_response", name, person.campaign_key, status=status)


def _bent(person: Person, rng: Random) -> Bent:
    if person.staff:
        return Bent(rng.randint(20, 60), 0.7, job_seeker=False)
    visits = 0 if rng.random() < 0.15 else min(60, int(rng.paretovariate(1.05)))
    return Bent(visits, rng.betavariate(1.4, 3.4), job_seeker=rng.random() < 0.03)


def _visits(start: Instant, end: Instant, n: int, rng: Random) -> list[Instant]:
    """Instants of visits: the first with the person's creation, others soon after it or in the last 120 days."""
    recent = max(start, end - 120 * DAY)
    times = [start]
    for _ in range(n - 1):
        soon = start + rng.expovariate(1 / 20) * DAY
        times.append(
            office_hours(whole(soon if rng.random() < 0.25 else end - rng.random() ** 1.7 * (end - recent)), rng)
        )
    return sorted(t for t in times[:n] if start <= t <= end)


def office_hours(at: Instant, rng: Random) -> Instant:
    """Mostly moved into a Japanese working day; a sixth is left where it fell."""
    if rng.random() < 0.17:
        return at
    day = (at + JST) // DAY
    weekday = (day * DAY - MONDAY) // DAY % 7
    day -= max(0, weekday - 4)
    return whole(day * DAY - JST + (9 + rng.random() * 9.5) * HOUR)


def _visit(person: Person, at: Instant, end: Instant, bent: Bent, stage: Stage, rng: Random) -> Iterator[Done]:
    """One visit: a few pages a minute or so apart, and perhaps a form at the end."""
    for _ in range(1 + min(7, int(rng.expovariate(0.7)))):
        if at > end:
            return
        yield _page(person.key, at, _pages(bent, rng), rng)
        at = whole(at + rng.uniform(8, 240) * SECOND)
    if at <= end and not person.staff and not bent.job_seeker:
        yield from _forms(person.key, at, bent, stage, rng)


def _pages(bent: Bent, rng: Random) -> Sequence[tuple[str, str]]:
    if bent.job_seeker and rng.random() < 0.6:
        return phrases.JOB_PAGES
    chance = rng.random() * 1.3
    if chance < bent.interest * 0.6:
        return phrases.HOT_PAGES
    return phrases.WARM_PAGES if chance < bent.interest else phrases.COLD_PAGES


def _page(person_key: int, at: Instant, pages: Sequence[tuple[str, str]], rng: Random) -> Done:
    path, title = rng.choice(pages)
    chance = rng.random()
    tail = rng.choice(phrases.QUERIES) if chance < 0.15 else "/" if chance < 0.22 and path != "/" else ""
    path = path + tail if tail == "/" else path
    url = f"https://{phrases.HOST}{path}{'' if tail == '/' else tail}"
    return Done(NOBODY, person_key, at, "page_view", title, url=url, path=path)


def _forms(person_key: int, at: Instant, bent: Bent, stage: Stage, rng: Random) -> Iterator[Done]:
    """What is sent at the end of a visit: nearer to buying, more likely a demo."""
    wants = rng.random()
    if wants < 0.2 * bent.interest:
        yield _sent(person_key, at, "demo_request", stage.forms[phrases.DEMO - 1])
    elif wants < 0.45 * bent.interest + 0.03:
        form = stage.forms[rng.choice((phrases.MATERIAL, phrases.CASE)) - 1]
        yield _sent(person_key, at, "form_submission", form)
        yield replace(_sent(person_key, at, "download", form), name=rng.choice(phrases.ASSETS[form.key]))
    elif wants < 0.45 * bent.interest + 0.06:
        yield _sent(
            person_key, at, "form_submission", stage.forms[rng.choice((phrases.INQUIRY, phrases.NEWSLETTER)) - 1]
        )


def _sent(person_key: int, at: Instant, kind: Kind, form: Form) -> Done:
    url = f"https://{phrases.HOST}{form.path}"
    return Done(NOBODY, person_key, at, kind, form.name, form.key, url=url, path=form.path)


def _mailings(person: Person, end: Instant, bent: Bent, stage: Stage, rng: Random) -> Iterator[Done]:
    company = (
        stage.companies[person.company_key - 1] if person.company_key and person.mail_kind == "corporate" else None
    )
    scanned = bool(company and company.scans_mail)
    for mail in stage.mails:
        if person.created_at < mail.sent_at < end and rng.random() < 0.5:
            yield from _mailing(person.key, mail, end, bent, scanned, rng)


def _mailing(person_key: int, mail: Mail, end: Instant, bent: Bent, scanned: bool, rng: Random) -> Iterator[Done]:
    """Delivery; where a gateway scans, an open and every link within seconds; then perhaps the reader."""
    at = whole(mail.sent_at + rng.uniform(1, 600) * SECOND)
    told = Done(NOBODY, person_key, at, "email_delivered", mail.name, mail.key)
    yield told
    if scanned:
        yield replace(told, at=whole(at + 1.2 * SECOND), kind="email_open")
        for n, link in enumerate(mail.links):
            yield replace(told, at=whole(at + (1.5 + n * 0.4) * SECOND), kind="email_click", url=link, path=_path(link))
    opened = whole(at + rng.expovariate(1 / 8) * HOUR)
    if rng.random() < 0.15 + 0.4 * bent.interest and opened <= end:
        yield replace(told, at=opened, kind="email_open")
        clicked = whole(opened + rng.uniform(5, 90) * SECOND)
        if rng.random() < 0.5 * bent.interest and clicked <= end:
            link = rng.choice(mail.links)
            yield replace(told, at=clicked, kind="email_click", url=link, path=_path(link))


def _path(link: str) -> str:
    return link.removeprefix(f"https://{phrases.HOST}").partition("?")[0]


def _seminars(person: Person, end: Instant, bent: Bent, stage: Stage, rng: Random) -> Iterator[Done]:
    for seminar in stage.seminars:
        registered = whole(seminar.at - rng.uniform(1, 20) * DAY)
        if person.created_at < registered < end and rng.random() < 0.06 + 0.12 * bent.interest:
            told = Done(NOBODY, person.key, registered, "seminar", seminar.name, seminar.key, status="registered")
            yield told
            if seminar.at <= end:
                yield replace(told, at=seminar.at, status="attended" if rng.random() < 0.65 else "no_show")


def _talks(person: Person, end: Instant, bent: Bent, until: Instant, rng: Random) -> Iterator[Done]:
    """Calls by inside sales, and meetings with those who are interested; some are yet to come."""
    for _ in range(int(rng.expovariate(1 / (0.2 + 1.4 * bent.interest)))):
        at = office_hours(whole(person.created_at + rng.random() * (end - person.created_at)), rng)
        if not person.created_at <= at <= end:
            continue
        status = rng.choice(("つながった", "不在", "留守番電話", "かけ直し"))
        direction = "inbound" if rng.random() < 0.15 else "outbound"
        yield Done(NOBODY, person.key, at, "call", "架電", status=status, direction=direction)
        meeting = office_hours(whole(at + rng.uniform(3, 20) * DAY), rng)
        if rng.random() < 0.6 * bent.interest and (meeting <= end or end == until):
            yield Done(NOBODY, person.key, meeting, "meeting", "打ち合わせ", status=_outcome(meeting, until, rng))


def _outcome(at: Instant, until: Instant, rng: Random) -> str:
    return (
        "SCHEDULED" if at > until - 30 * MINUTE else rng.choices(("COMPLETED", "NO_SHOW", "CANCELED"), (80, 12, 8))[0]
    )
