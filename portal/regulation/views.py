"""The law, readable: the texts, what each says, and what holds for a unit or system on a day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from portal.accounts.guards import requires
from portal.accounts.permissions import Permission
from portal.core.clock import CITY_TZ, utcnow
from portal.regulation import labels
from portal.regulation.calendar import WorkCalendar
from portal.regulation.chains import ChainFinding, choose_chain
from portal.regulation.deadlinetext import deadline_steps
from portal.regulation.effective import EffectiveRules
from portal.regulation.engine import effective_rules
from portal.regulation.forms import ProfilesForm, context_form, link_arguments
from portal.regulation.loader import rulebook
from portal.regulation.regimes import derive_regime
from portal.regulation.schema.profile import Profile, Rule
from portal.regulation.schema.vocabulary import Level, RuleKind, Term
from portal.regulation.values import EffectiveRule
from portal.web.navigation import NavItem, Section, add_to_navigation

bp = Blueprint("regulation", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.LAW,
        label=_("Rules"),
        endpoint="regulation.profiles",
        permission=Permission.RULES_READ,
        covers=("regulation.",),
        order=10,
    ),
)


def init_app(app: Flask) -> None:
    """Give every template the words of the law."""
    words: Mapping[str, Callable[..., Any]] = {
        "said": labels.said,
        "article": labels.place,
        "cite": labels.cite,
        "citations": labels.cite_all,
        "fact_name": labels.fact,
        "fact_value": labels.fact_value,
        "condition_lines": labels.conditions,
        "deadline_steps": deadline_steps,
    }
    for name, word in words.items():
        app.add_template_filter(word, name)
    app.add_template_global(labels.rule_value, "rule_value")
    app.add_template_global(link_arguments, "rules_link_arguments")
    app.jinja_env.globals["law_words"] = labels
    app.add_template_global(lambda key: rulebook().crosswalk(key), "crosswalk")
    app.add_template_global(lambda key: rulebook().profile(key).short, "short")
    app.add_template_global(lambda key: labels.said(rulebook().kinds[key].text), "rule_title")


def _today() -> date:
    return utcnow().astimezone(CITY_TZ).date()


@dataclass(frozen=True)
class Group:
    """A heading with the rules under it."""

    title: Term
    effective: tuple[EffectiveRule, ...] = ()
    written: tuple[tuple[RuleKind, Rule], ...] = ()


@bp.get("/rules")
@requires(Permission.RULES_READ)
def profiles() -> ResponseReturnValue:
    """Every text the portal knows, and whether it is in force."""
    form = ProfilesForm(request.args)
    valid = form.validate()
    on = (form.on.data if valid else None) or _today()
    level = form.level.data if valid else None
    shown = [
        profile
        for profile in sorted(rulebook().profiles, key=lambda one: (one.level.rank, one.effective_from))
        if level is None or profile.level == level
    ]
    counts = {tier: sum(one.level is tier for one in rulebook().profiles) for tier in Level}
    page = render_template("regulation/profiles.html", form=form, on=on, level=level, profiles=shown, counts=counts)
    return page, 200 if valid else 422


@bp.get("/rules/<key>")
@requires(Permission.RULES_READ)
def profile(key: str) -> ResponseReturnValue:
    """One text: whom it governs and everything taken from it."""
    found = rulebook().by_key.get(key)
    if found is None:
        abort(404)
    return render_template(
        "regulation/profile.html",
        profile=found,
        groups=_written(found),
        precedence=[entry for entry in rulebook().precedence if found.instrument in (entry.prevails, *entry.over)],
        adoptions=[entry for entry in rulebook().adoptions if entry.instrument == found.instrument],
        versions=[one for one in rulebook().instrument(found.instrument) if one.key != found.key],
        today=_today(),
    )


@bp.get("/rules/effective")
@requires(Permission.RULES_READ)
def effective() -> ResponseReturnValue:
    """What holds for a unit or system on a day, where it comes from and what it overrode."""
    form = context_form(request.args)
    if not form.validate():
        return render_template("regulation/effective.html", form=form, rules=None), 422
    rules = effective_rules(form.context(today=_today()))
    return render_template(
        "regulation/effective.html",
        form=form,
        rules=rules,
        groups=_grouped(rules),
        deadline=rules.filing_deadline(calendar=WorkCalendar()),
        today=_today(),
        chain=_chain(rules),
    )


@bp.get("/rules/regime")
@requires(Permission.RULES_READ)
def regime() -> ResponseReturnValue:
    """Find the legal regime of a system by a few plain questions."""
    answers = {key: value[:40] for key, value in request.args.items()}
    found = derive_regime(answers, book=rulebook())
    return render_template("regulation/regime.html", found=found, answers=answers)


def _written(found: Profile) -> Sequence[Group]:
    vocabulary = rulebook().vocabulary
    kinds = rulebook().kinds
    return [
        Group(group, written=tuple((kinds[one.key], one) for one in found.rules if kinds[one.key].group == group.key))
        for group in vocabulary.group
        if any(kinds[one.key].group == group.key for one in found.rules)
    ]


def _grouped(rules: EffectiveRules) -> Sequence[Group]:
    by_group: dict[str, list[EffectiveRule]] = {}
    for rule in rules.rules.values():
        by_group.setdefault(rule.kind.group, []).append(rule)
    return [
        Group(group, effective=tuple(by_group[group.key]))
        for group in rules.book.vocabulary.group
        if group.key in by_group
    ]


def _chain(rules: EffectiveRules) -> ChainFinding | None:
    """The approval chain, once the question says who wants to do what."""
    return choose_chain(rules) if {"act", "requester_kind"} <= set(rules.context.facts) else None
