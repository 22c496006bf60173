"""Google's JSON: a name in camel case may come in snake case from a client, an enumeration as its number.

https://protobuf.dev/programming-guides/json: "Parsers accept both the lowerCamelCase name and the original proto
field name". Answers come in camel case; `$alt=json;enum-encoding=int` in the query makes numbers of their words.
"""

import re
from functools import lru_cache
from typing import Any, Final

from hexr_autoinst.dissect.lenient import integer, mapping, objects, word

_UPPER: Final = re.compile("[A-Z]")
# https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rpc/google.cloud.aiplatform.v1#modality
_MODALITIES: Final = {"1": "text", "2": "image", "3": "video", "4": "audio", "5": "document"}


def field(value: Any, name: str) -> Any:
    """The member of that name, in either case."""
    if not isinstance(value, dict):
        return None
    return value[name] if name in value else value.get(_snake(name))


@lru_cache(maxsize=256)
def _snake(name: str) -> str:
    return _UPPER.sub(lambda m: f"_{m[0].lower()}", name)


def spelled(*places: str) -> tuple[str, ...]:
    """Places as `dissect.veil` names them, each name in either case."""
    return (*places, *(_snake(p) for p in places if _snake(p) != p))


def inside(value: Any, *names: str) -> dict[str, Any]:
    """The object at `names` inside `value`, each name in either case; empty if there is none."""
    for name in names:
        value = field(value, name)
    return mapping(value)


def some(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; one that stands alone is a list of one."""
    return [value] if isinstance(value, dict) else list(objects(value))


def named(value: Any) -> str | None:
    """A value of an enumeration as text; None for the one that says that nothing is said."""
    said = word(value)
    return None if said is None or said == "0" or said.endswith("_UNSPECIFIED") else said


def total(*counts: int | None) -> int | None:
    """The sum of what is stated; None where nothing is."""
    stated = [c for c in counts if c is not None]
    return integer(sum(stated)) if stated else None


def settled(
    asked: int | None, tools: int | None, told: int | None, thoughts: int | None, everything: int | None
) -> tuple[int | None, int | None]:
    """Input and output, to which what Google counts beside the prompt and the answer belongs.

    Where the total leaves no room for the thoughts, they are in the answer's count already.
    """
    stated = None not in (asked, told, thoughts, everything)
    inside_already = stated and everything == total(asked, tools, told)
    return total(asked, tools), told if inside_already else total(told, thoughts)


def modality(value: Any) -> str:
    """A modality's word, in lower case."""
    said = str(word(value))
    return _MODALITIES.get(said, said).lower()


def modalities(side: str, *lists: Any, count: str = "tokenCount") -> tuple[tuple[str, str, int], ...]:
    """The breakdown that lists of counts give for one side; nothing where it is all text."""
    found: dict[str, int] = {}
    for one in (o for said in lists for o in objects(said)):
        if (tokens := integer(one.get(count))) is not None:
            kind = modality(one.get("modality"))
            found[kind] = found.get(kind, 0) + tokens
    return () if set(found) <= {"text"} else tuple((kind, side, tokens) for kind, tokens in found.items())
