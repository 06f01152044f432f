"""What cannot be tried with everybody: feeds are asked for a few people, of every different mail some."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from campaigns.check import result
from campaigns.check.describe import feed_places
from campaigns.check.look import SAID, is_of_feed
from campaigns.check.telling import Broken, Saw, read_aloud
from campaigns.check.trial import Trial
from campaigns.content.compose import chosen_by, prepare
from campaigns.content.meanings import Unknown
from campaigns.content.press import Ready, Recipient
from campaigns.content.vocabulary import Vocabulary
from campaigns.feeds.fetch import Answer, Wanted

FEW = 20


@dataclass
class Tried:
    feeds: list[result.Feed] = field(default_factory=list)
    tokens: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    """Number of the token → how it is seen → by whom."""
    grids: dict[str, dict[str, list[int]]] = field(default_factory=dict)


def try_feeds(trial: Trial, ids: Sequence[int], *, vocabulary: Vocabulary) -> Tried:
    """`ids` are those of the sample; only who gets a block with a feed is asked about."""
    places = list(feed_places(trial))
    if not places:
        return Tried()
    few = with_feeds(trial, ids)
    recipients = [Recipient(one, UUID(int=one)) for one in few]
    ready = prepare(trial.press, recipients, now=trial.now, rehearsed=Counter())
    tried = Tried()
    # What they answered stands in the contexts. The cache says it again, with what went wrong.
    asked = [(one, key) for one in ready for key in one.choice.feeds]
    found = trial.press.ask_feeds([Wanted(key, one.context) for one, key in asked], trial.now) if asked else []
    answers = {(one.recipient.profile_id, key): said for (one, key), said in zip(asked, found, strict=True)}
    tried.feeds = [_feed(trial, key, block, answers, vocabulary) for key, block in places]
    for one in ready:
        _tokens(trial, one, tried)
        _grids(trial, one, tried)
    return tried


def with_feeds(trial: Trial, ids: Sequence[int]) -> list[int]:
    """A few of those whose mail asks a feed."""
    choices = chosen_by(trial.press, ids, now=trial.now)
    return [one for one in ids if choices[one].feeds][:FEW]


def unasked(asked: Sequence[Wanted], now: datetime) -> Sequence[Answer]:
    """In place of feeds, for all the others."""
    return [Answer(None, "Not asked.", "none")] * len(asked)


def _feed(
    trial: Trial, key: str, block: str, answers: Mapping[tuple[int, str], Answer], vocabulary: Vocabulary
) -> result.Feed:
    known = vocabulary.feed(key)
    ours = {who: said for (who, of), said in answers.items() if of == key}
    failed = {who: said for who, said in ours.items() if said.why}
    return result.Feed(
        key=key,
        name=key if isinstance(known, Unknown) else known.name,
        place=f"blocks.{block}" if block else "",
        block=block,
        tried=sorted(ours),
        failed=sorted(failed),
        why=next((said.why for said in failed.values()), ""),
        has_stand_in=trial.parts.without.get(block, False)
        or (bool(failed) and all(said.value is not None for said in failed.values())),
    )


def _tokens(trial: Trial, one: Ready, tried: Tried) -> None:
    who = one.recipient.profile_id
    for script in trial.way(one.choice).scripts:
        if not is_of_feed(script):
            continue
        answer = (one.context.get("feed_of") or {}).get(script.spot.feed)
        if script.spot.feed and answer is None:
            continue
        saw: dict[int, Saw] = {}
        try:
            read_aloud(script, {**one.context, **trial.said, "feed": answer}, saw)
        except Broken:
            continue
        for number in script.tokens:
            how = SAID[saw[number]] if number in saw else "unread"
            tried.tokens.setdefault(number, {}).setdefault(how, []).append(who)


def _grids(trial: Trial, one: Ready, tried: Tried) -> None:
    for use in trial.press.compiled.lists:
        if use.source.kind == "feed" and use.block in one.choice.wanted.lists:
            items = (one.context.get("lists") or {}).get(use.block) or []
            how = "nothing" if not items else "own"
            tried.grids.setdefault(use.block, {}).setdefault(how, []).append(one.recipient.profile_id)
