"""How well personal data is found: our finder beside the parts it is made of, on sentences with marks."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.bench.pii_cases import Case, Marked, Score, compared, load_cases
from jobs.find_pii import ASSETS, salon_knowledge

if TYPE_CHECKING:
    from settings import Settings

NAME = "bench-pii"
HELP = "find personal data in sentences with marks: precision and recall by type, beside plain Presidio and natasha"

FOLDER = ASSETS / "privacy" / "evaluation"
Finder = Callable[[str, str], list[Marked]]
_OURS, _PLAIN = "this finder", "Presidio's defaults and natasha"


def add_arguments(parser: ArgumentParser) -> None:
    """Which sentences, and what is told of them."""
    parser.add_argument(
        "--set", choices=("dev", "held-out", "all"), default="all", help="which of the authored sentences"
    )
    parser.add_argument(
        "--files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="other sentences, in files named ….ru.txt or ….en.txt",
    )
    parser.add_argument(
        "--errors", action="store_true", help="list what was missed and what was found wrongly"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")


def run(args: Namespace, settings: "Settings") -> int:
    """Print the table. 2 when a file cannot be read."""
    pattern = "*.txt" if args.set == "all" else f"{args.set}.*.txt"
    try:
        cases = load_cases(args.files or sorted(FOLDER.glob(pattern)))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}")
        return 2
    print(f"{len(cases)} sentences, {sum(len(case.spans) for case in cases)} pieces of personal data")
    figures: dict[str, Any] = {}
    for name, finder in ((_OURS, our_finder(settings)), (_PLAIN, plain_finder())):
        started = time.perf_counter()
        found = [finder(case.text, case.language) for case in cases]
        elapsed = time.perf_counter() - started
        print(f"\n{name}: {1000 * elapsed / max(1, len(cases)):.1f} ms a sentence")
        figures[name] = _table(cases, found)
        if args.errors and name == _OURS:
            _tell_errors(cases, found)
    if args.json:
        args.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def our_finder(settings: "Settings") -> Finder:
    """The finder of the assistant, with what the salon of the settings makes known."""
    from chains.privacy import TYPES, find, warm_up

    known = salon_knowledge(settings)
    warm_up()
    return lambda text, _: [Marked(TYPES[span.kind], span.start, span.end) for span in find(text, known)]


def plain_finder() -> Finder:
    """What one would otherwise take: Presidio's recognisers of phones (of Russia too), e-mails and cards as they come,
    and natasha's tagger for names."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, PhoneRecognizer

    from chains.privacy.engine import OfflineEmails
    from chains.privacy.tagger import people

    types = {"PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL", "CREDIT_CARD": "CARD"}
    languages = ["ru", "en"]
    nlp = SpacyNlpEngine(models=[{"lang_code": language, "model_name": "blank"} for language in languages])
    pipelines: Any = {language: spacy.blank(language) for language in languages}
    nlp.nlp = pipelines
    registry = RecognizerRegistry(supported_languages=languages)
    for language in languages:
        regions = (*PhoneRecognizer.DEFAULT_SUPPORTED_REGIONS, "RU")
        registry.add_recognizer(PhoneRecognizer(supported_language=language, supported_regions=regions))
        registry.add_recognizer(OfflineEmails(supported_language=language))
        registry.add_recognizer(CreditCardRecognizer(supported_language=language))
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=languages)

    def found(text: str, language: str) -> list[Marked]:
        numbers = [
            Marked(types[result.entity_type], result.start, result.end)
            for result in analyzer.analyze(text, language=language)
        ]
        return [*numbers, *(Marked("PERSON", start, end) for start, end in people(text))]

    return found


def _table(cases: Sequence[Case], found: Sequence[Sequence[Marked]]) -> list[dict[str, Any]]:
    """Print the scores by type and language; return them."""
    scores: dict[tuple[str, str], Score] = {}
    for case, finds in zip(cases, found, strict=True):
        for type_, score in compared(case, finds).items():
            for key in ((type_, case.language), (type_, "all"), ("total", case.language), ("total", "all")):
                scores.setdefault(key, Score()).add(score)
    print(f"{'type':<12}{'':<5}{'n':>5}{'found':>7}{'precision':>11}{'recall':>9}{'F1':>8}{'exact':>8}")
    rows = []
    for (type_, language), score in sorted(scores.items(), key=lambda item: (item[0][0] == "total", item[0])):
        exact = score.exact / score.near if score.near else None
        figures = [_share(value) for value in (score.precision, score.recall, score.f1, exact)]
        print(
            f"{type_:<12}{language:<5}{score.marked:>5}{score.found:>7}{figures[0]:>11}{figures[1]:>9}{figures[2]:>8}{figures[3]:>8}"
        )
        rows.append(
            {
                "type": type_,
                "language": language,
                "n": score.marked,
                "found": score.found,
                "precision": score.precision,
                "recall": score.recall,
                "f1": score.f1,
                "exact": exact,
            }
        )
    return rows


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _tell_errors(cases: Sequence[Case], found: Sequence[Sequence[Marked]]) -> None:
    """Each case whose finds are not the marks."""
    for case, finds in zip(cases, found, strict=True):
        if set(finds) == set(case.spans):
            continue
        print(f"\n{case.text}")
        for sign, spans in (("-", set(case.spans) - set(finds)), ("+", set(finds) - set(case.spans))):
            for one in sorted(spans, key=lambda span: span.start):
                print(f"  {sign} {one.type} {case.text[one.start : one.end]}")
