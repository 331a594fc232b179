"""A short check of what a firm brings: data, process, people; and what it should do before it starts.

Advice changes with the answers alone; it excludes no bundle and moves no rank.
"""

from collections.abc import Mapping

SUBJECTS = ("data", "process", "people")
ANSWERS = ("ready", "partly", "none")

STEPS: Mapping[tuple[str, str], str] = {
    ("data", "partly"): "collect_samples",
    ("data", "none"): "start_with_dataset",
    ("process", "partly"): "name_one_step",
    ("process", "none"): "describe_process",
    ("people", "partly"): "train_one",
    ("people", "none"): "let_provider_operate",
}
"""Subject and answer -> the step that comes first."""


class BadAnswer(ValueError):
    """An answer to a question that is not asked, or that is none of the choices."""


def checked(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers given, in the order of the questions. Raises BadAnswer."""
    for subject, answer in answers.items():
        if subject not in SUBJECTS or answer not in {"", *ANSWERS}:
            raise BadAnswer(f"{subject}: {answer}")
    return {subject: answers[subject] for subject in SUBJECTS if answers.get(subject)}


def steps(answers: Mapping[str, str]) -> list[str]:
    """What to do before the first use, first things first; when all is there, just to start."""
    found = [
        STEPS[subject, answers[subject]]
        for subject in SUBJECTS
        if (subject, answers.get(subject, "")) in STEPS
    ]
    if found:
        return [*found, "start_small"] if len(found) > 1 else found
    return ["start_now"] if len(answers) == len(SUBJECTS) else []


def needs_operator(answers: Mapping[str, str]) -> bool:
    """Tell whether nobody in the firm could keep something running."""
    return answers.get("people") == "none"
