"""Proves that every approval chain can be walked to its end by distinct people."""

from collections.abc import Iterator, Mapping
from itertools import product

from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, Reach
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema import ApprovalChain, ApprovalStep
from portal.regulation.schema.profile import Profile
from portal.regulation.schema.vocabulary import Post, Regime


def chain_problems(profile: Profile, book: Rulebook) -> Iterator[str]:
    """Answer what is wrong with the chains of one profile."""
    posts = {post.key: post for post in book.vocabulary.post}
    facts = {fact.key: tuple(term.key for term in fact.values) for fact in book.vocabulary.fact}
    facts["regime"] = tuple(regime.value for regime in Regime)
    facts["unit_type"] = tuple(kind.key for kind in book.vocabulary.unit_type)
    for chain in profile.chains:
        where = f"chain {chain.key}"
        for citation in (chain.citation, *(step.article for step in chain.steps)):
            if citation.instrument not in book.by_key:
                yield f"{where}: cites unknown profile {citation.instrument}"
        for step in chain.steps:
            yield from _post_problems(step, posts, where)
            yield from _permission_problems(step, where)
        yield from _seat_problems(chain, posts, facts)
        yield from _gap_problems(chain, facts)
    yield from _added_problems(profile, book, posts)


def _added_problems(profile: Profile, book: Rulebook, posts: Mapping[str, Post]) -> Iterator[str]:
    """An added step joins any chain: a post with one seat that signs there already could not sign again."""
    signing = {step.post for other in book.profiles for chain in other.chains for step in chain.steps}
    for step in profile.added_steps:
        where = f"added step {step.key}"
        if step.article.instrument not in book.by_key:
            yield f"{where}: cites unknown profile {step.article.instrument}"
        yield from _post_problems(step, posts, where)
        yield from _permission_problems(step, where)
        post = posts.get(step.post or "")
        if post is not None and post.key in signing and post.seats == "one":
            yield f"{where}: {step.post} has one seat and signs in other steps"


def _post_problems(step: ApprovalStep, posts: Mapping[str, Post], where: str) -> Iterator[str]:
    if step.post is None:
        return
    if step.post not in posts:
        yield f"{where}, step {step.key}: unknown post {step.post}"
    elif posts[step.post].holder != step.holder:
        yield f"{where}, step {step.key}: post {step.post} is not held in the {step.holder}"


def _permission_problems(step: ApprovalStep, where: str) -> Iterator[str]:
    """A permission nobody holds in the unit, or in the organ that asks, leaves the step undecided for ever."""
    if step.permission not in set(Permission):
        yield f"{where}, step {step.key}: unknown permission {step.permission}"
        return
    reaches = set(GRANTS[Permission(step.permission)].values())
    fitting = {Reach.UNIT} if step.holder == "unit" else {Reach.ORGAN, Reach.DISTRICT, Reach.CITY}
    if not reaches & fitting:
        yield f"{where}, step {step.key}: no role holds {step.permission} in the {step.holder}"


def _cases(chain: ApprovalChain, facts: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Every combination of the facts this chain asks about, within its own conditions."""
    asked = sorted(set(chain.applies_when).union(*(step.applies_when for step in chain.steps)) & facts.keys())
    choices = [chain.applies_when.get(fact, facts[fact]) for fact in asked]
    return (dict(zip(asked, values, strict=True)) for values in product(*choices))


def _seat_problems(
    chain: ApprovalChain, posts: Mapping[str, Post], facts: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """A post with one seat cannot give two signatures when people must differ."""
    if not chain.distinct_people:
        return
    short: set[str] = set()
    for case in _cases(chain, facts):
        needed: dict[str, int] = {}
        for step in chain.steps_for(case):
            post = posts.get(step.post or "")
            if post is not None and post.seats == "one":
                needed[post.key] = needed.get(post.key, 0) + step.approvals
        short |= {post for post, signatures in needed.items() if signatures > 1}
    for key in sorted(short):
        yield (
            f"chain {chain.key}: nobody can complete it: {key} has one seat but is asked for "
            "more than one signature by distinct people"
        )


def _gap_problems(chain: ApprovalChain, facts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """A request for which no step applies would clear without anybody deciding."""
    for case in _cases(chain, facts):
        if not chain.steps_for(case):
            told = ", ".join(f"{fact}={value}" for fact, value in case.items())
            yield f"chain {chain.key}: no step applies when {told}"
            return
