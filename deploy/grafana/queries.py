"""What the dashboards and rules ask Prometheus for: read from the files, for the two checks of them."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYWORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan"}
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")


def dashboards():
    """Path and content of each dashboard."""
    for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")):
        yield path, json.loads(path.read_text(encoding="utf-8"))


def panel_queries(board):
    """Title of the panel and query, of each query of a dashboard."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel.get("title", ""), target.get("expr", "")


def names(query):
    """The series that a query names, without those that its functions are called."""
    bare = re.sub(r'"(\\.|[^"\\])*"', '""', re.sub(r"\boffset \w+", "", query))
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", GROUPING.sub(" ", bare))
    found = re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*(?!\s*\()\b(?!\s*\()", bare)
    return {name for name in found if name.lower() not in KEYWORDS and not re.fullmatch(r"e\d*", name)}


def selectors(query):
    """Each `name{label matchers}` of a query: name and list of (label, operator, value)."""
    for name, inside in re.findall(r"([A-Za-z_:][A-Za-z0-9_:]*)\{([^}]*)\}", query):
        yield name, re.findall(r'([A-Za-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"', inside)
