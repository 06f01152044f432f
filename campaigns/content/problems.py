"""All that is wrong with a mail's content: the one list that the editor, the audience check and sending go by."""

from collections.abc import Iterator, Mapping
from typing import Any

from campaigns.content.blocks import Problem
from campaigns.content.compile import Compiled, compile_all
from campaigns.content.findings import Here, problem_of
from campaigns.content.meanings import Unknown
from campaigns.content.read import read_all
from campaigns.content.vocabulary import Vocabulary


def problems_of(
    content: object,
    *,
    vocabulary: Vocabulary,
    modules: Mapping[int, Any] = {},
    is_module: bool = False,
    has_topic: bool = False,
) -> list[Problem]:
    """Each once. `has_topic`: people can withdraw from it, so the mail must say where.
    `modules` are the contents of the modules it may name, none that is archived."""
    return judged(content, vocabulary=vocabulary, modules=modules, is_module=is_module, has_topic=has_topic)[1]


def judged(
    content: object, *, vocabulary: Vocabulary, modules: Mapping[int, Any], is_module: bool, has_topic: bool
) -> tuple[Compiled | None, list[Problem]]:
    """The problems, and what could be read and compiled beside them, so that it can be shown."""
    mail, found = read_all(content, modules=modules, is_module=is_module)
    if mail is None:
        return None, found
    compiled, unsound = compile_all(mail)
    found = [*found, *unsound, *_of_tokens(compiled, vocabulary), *_of_blocks(compiled, vocabulary)]
    if has_topic and not is_module and not compiled.has_unsubscribe:
        found.append(Problem("blocks", "nobody could unsubscribe: add a footer, or a link to {{ unsubscribe_url }}"))
    return compiled, list(dict.fromkeys(found))


def _of_tokens(compiled: Compiled, vocabulary: Vocabulary) -> Iterator[Problem]:
    here = Here.of(compiled)
    for token in compiled.tokens:
        if problem := problem_of(token, vocabulary, here):
            yield problem


def _of_blocks(compiled: Compiled, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Offers and feeds that blocks name by their keys."""
    named = [(f"blocks.{one.block}.offer", vocabulary.offer(key)) for one in compiled.offers for key in one.keys]
    named += [(f"blocks.{one.block}.feed", vocabulary.feed(one.key)) for one in compiled.feeds]
    named += [
        (f"blocks.{one.block}.source.feed", vocabulary.feed(one.source.feed))
        for one in compiled.lists
        if one.source.kind == "feed"
    ]
    for place, found in named:
        if isinstance(found, Unknown):
            like = found.suggestion.partition(".")[2]
            yield Problem(place, f"{found.message}. Did you mean “{like}”?" if like else found.message)
