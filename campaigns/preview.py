"""A mail as one person would get it now, posted and not saved: a rehearsal, which gives nothing out and counts nothing.

What cannot be rendered is left out, block by block, so that the rest can be seen while somebody still writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns import sample_person
from campaigns.content.blocks import ContentError, Problem
from campaigns.content.compose import About, Press, Ready, Recipient, fill_in, prepare, press_for, Unmade
from campaigns.content.hints import Hint, hints_of
from campaigns.content.modules import modules_for
from campaigns.content.problems import problems_of
from campaigns.content.render import Rendered
from campaigns.content.vocabulary import Vocabulary
from campaigns.content_models import Template
from campaigns.preview_branches import Asked, Taken, taken
from cdp.profiles.models import Profile

REF = UUID(int=0)
"""Names no delivery: links of a preview lead nowhere that counts."""
MOST_LEFT_OUT = 20


@dataclass(frozen=True)
class Wanted:
    content: Any
    profile: Profile | None = None
    """None: a made-up person."""
    forced: Mapping[str, int] = field(default_factory=dict)
    kind: str = Template.Kind.MAIL
    modules: Mapping[int, Any] | None = None
    """Contents of the modules it names, where not those of now."""


@dataclass(frozen=True)
class Preview:
    rendered: Rendered | None
    """None where nothing can be shown; the problems say why."""
    branches: Mapping[str, Taken]
    problems: list[Problem]
    hints: list[Hint]


def preview(wanted: Wanted, *, about: About, now: datetime) -> Preview:
    modules = modules_for(wanted.content) if wanted.modules is None else wanted.modules
    problems = problems_of(
        wanted.content, vocabulary=Vocabulary.lately(), modules=modules, is_module=wanted.kind == Template.Kind.MODULE
    )
    press = press_of_what_can_be_read(wanted, about=about, modules=modules, now=now)
    if press is None:
        return Preview(None, {}, problems, [])
    made = rendered_for(press, wanted, now=now)
    if isinstance(made, str):
        return Preview(None, {}, [*problems, Problem("", made)], [])
    asked = Asked(wanted.profile.pk if wanted.profile else None, now, about.zone, press.cuts)
    branches = taken(press.compiled, made.branches, forced=wanted.forced, asked=asked)
    return Preview(made, branches, problems, list(hints_of(made)))


def press_of_what_can_be_read(
    wanted: Wanted, *, about: About, modules: Mapping[int, Any], now: datetime
) -> Press | None:
    """Of the content without the blocks that hold a mistake."""
    content = wanted.content
    if wanted.kind == Template.Kind.MODULE and isinstance(content, dict):
        content = {**content, "subject": content.get("subject") or "Module"}
    for _ in range(MOST_LEFT_OUT):
        try:
            return press_for(content, about=about, now=now, modules=modules)
        except ContentError as error:
            content = without(content, error.place)
            if content is None:
                return None
    return None


def rendered_for(press: Press, wanted: Wanted, *, now: datetime) -> Rendered | str:
    """Or why it cannot be made."""
    profile = wanted.profile
    email = str((profile.traits if profile else {}).get("email") or sample_person.EMAIL)
    recipient = Recipient(profile_id=profile.pk if profile else 0, ref=REF, address=email)
    [ready] = prepare(press, [recipient], now=now, rehearsal=True, forced=wanted.forced)
    if isinstance(ready, Unmade):
        return ready.why
    if profile is None:
        ready = as_sample(ready, press)
    made = fill_in(press, ready, forced=wanted.forced)
    return made.why if isinstance(made, Unmade) else made.rendered


def as_sample(ready: Ready, press: Press) -> Ready:
    context = dict(ready.context)
    sample_person.fill_in(context, press.needs)
    return replace(ready, context=context)


def without(content: Any, place: str) -> Any:
    """The content without what stands at that place; None if it is not a block, the subject or the preheader."""
    if not isinstance(content, dict):
        return None
    first, _, rest = place.partition(".")
    name = first.partition("[")[0]
    if name in ("subject", "preheader", "look") and name in content:
        left = {key: value for key, value in content.items() if key != name}
        return {**left, "subject": "…"} if name == "subject" and content["subject"] != "…" else left
    block_id = rest.partition(".")[0].partition("[")[0]
    if name != "blocks" or not block_id:
        return None
    blocks = _without(content.get("blocks"), block_id)
    return {**content, "blocks": blocks} if blocks and blocks != content.get("blocks") else None


def _without(blocks: Any, block_id: str) -> list[Any]:
    return [kept for one in blocks if (kept := _kept(one, block_id)) is not None] if isinstance(blocks, list) else []


def _kept(block: Any, block_id: str) -> Any:
    """The block, without what of it has that id: an else, a block of a column; None if it is itself the one."""
    if not isinstance(block, dict):
        return block
    own = str(block.get("id", ""))
    if own == block_id or (block.get("kind") == "module" and block_id.startswith(f"{own}-")):
        return None
    kept = dict(block)
    if isinstance(block.get("columns"), list):
        kept["columns"] = [_without(column, block_id) for column in block["columns"]]
    if "else" in block and (kept_else := _kept(block["else"], block_id)) != block["else"]:
        kept.pop("else")
        if kept_else is not None:
            kept["else"] = kept_else
    return kept
