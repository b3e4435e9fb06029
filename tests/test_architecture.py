"""The house rules, held by reading the sources: who may import what, and which few modules touch the world.

A failure says the rule in words. To change a rule, change its table here and say why in the commit.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

import garden

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "garden"
STAGES = ("archive", "conversations", "pages", "site")

NOUNS: Mapping[str, frozenset[str]] = {
    "archive": frozenset({"cover", "event", "known_name", "vocabulary"}),
    "conversations": frozenset({"conversation", "room", "tending"}),
    "pages": frozenset(
        {"address", "elsewhere", "link", "media", "moment", "page", "paths", "people", "plain", "question"}
        | {"rewrite", "script"}
    ),
    "site": frozenset({"document"}),
}
"""What a stage offers to later ones: its types, and for pages the small pure functions that speak of them."""

BASE = frozenset({"durable", "errors", "fingerprint", "config", "language"})
"""Modules outside the stages that a stage may import; `config` only where CONFIG_READERS says so."""

CONFIG_READERS = frozenset({"site.webring"})
"""The stage modules to which the whole configuration may be an argument."""

LIBRARIES: Mapping[str, frozenset[str]] = {
    "click": frozenset(
        {
            "cli",
            "commands.care",
            "commands.consent",
            "commands.notice",
            "commands.options",
            "commands.tend",
            "commands.theme",
            "console",
        }
    ),
    "rich": frozenset({"console"}),
    "nio": frozenset({"archive.transport"}),
    "aiohttp": frozenset({"archive.transport", "web_answers"}),
    "babel": frozenset({"language"}),
    "av": frozenset({"archive.codecs", "archive.remux"}),
    "jinja2": frozenset({"site.templates"}),
    "markupsafe": frozenset({"site.filters"}),
    "latex2mathml": frozenset({"site.maths"}),
    "markdown_it": frozenset({"site.markdown", "site.spans", "site.divisions", "archive.transcript"}),
    "whoosh": frozenset({"site.search_terms", "site.search_whoosh"}),
    "feedgen": frozenset({"site.feeds"}),
    "nh3": frozenset({"pages.html_tree"}),
    "yaml": frozenset({"pages.dialect"}),
    "pygments": frozenset({"site.highlight"}),
    "PIL": frozenset({"archive.codecs", "archive.picture"}),
    "sqlite3": frozenset({"archive.database", "archive.inspection"}),
    "watchfiles": frozenset({"live"}),
}
"""One library, one module that speaks to it. The rules by which markdown-it reads spans and divisions stand
beside it; a transcript is written in the Markdown of Matrix clients. Homeservers are spoken to with patience,
other sites once. A damaged database is read by another
module than a whole one; `codecs` only asks the media libraries what they can do."""


@dataclass(frozen=True)
class Module:
    """One source file of the package."""

    path: Path

    @property
    def name(self) -> str:
        """The dotted name below `garden`: `pages.link`; the package itself is empty."""
        parts = self.path.relative_to(PACKAGE).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    @property
    def stage(self) -> str | None:
        first = self.name.partition(".")[0]
        return first if first in STAGES else None

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text("utf-8"))

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module that is imported anywhere in the file."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or ".")
                found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "garden"}
        return frozenset(found)

    @property
    def own_imports(self) -> frozenset[str]:
        """The modules of this package that it imports, by their names below `garden`."""
        return frozenset(name.removeprefix("garden.") for name in self.imports if name.startswith("garden."))


MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
NAMES = {module.name for module in MODULES}

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name or "garden")


def is_noun(name: str) -> bool:
    stage, _, rest = name.partition(".")
    return rest in NOUNS.get(stage, frozenset())


@each_module
def test_a_stage_imports_only_itself_and_the_nouns_of_earlier_stages(module: Module) -> None:
    if module.stage is None:
        return
    earlier = STAGES[: STAGES.index(module.stage)]
    for name in sorted(module.own_imports):
        other = name.partition(".")[0]
        if other in STAGES:
            allowed = other == module.stage or (other in earlier and is_noun(name))
        else:
            allowed = name in BASE and (name != "config" or module.name in CONFIG_READERS)
        assert allowed, (
            f"{module.name} imports {name}: data moves archive -> conversations -> pages -> site; a stage "
            "takes only the nouns of earlier stages (NOUNS). Make what it needs a noun, or an argument."
        )


def test_no_modules_import_one_another_in_a_circle() -> None:
    waiting = {module.name: {name for name in module.own_imports if name in NAMES} for module in MODULES}
    while free := {name for name, needs in waiting.items() if not needs & waiting.keys() - {name}}:
        for name in free:
            del waiting[name]
    assert not waiting, f"These modules import one another in a circle: {', '.join(sorted(waiting))}."


@pytest.mark.parametrize("library", LIBRARIES)
def test_one_module_speaks_to_each_library(library: str) -> None:
    speakers = {
        module.name for module in MODULES if any(name.partition(".")[0] == library for name in module.imports)
    }
    assert speakers <= LIBRARIES[library], (
        f"{', '.join(sorted(speakers - LIBRARIES[library]))} imports {library}: only "
        f"{', '.join(sorted(LIBRARIES[library]))} speaks to it, so that it can be replaced in one place."
    )


def test_every_library_has_its_place_in_the_table() -> None:
    found = {name.partition(".")[0] for module in MODULES for name in module.imports}
    unknown = found - set(sys.stdlib_module_names) - LIBRARIES.keys() - {"garden", "typing_extensions"}
    assert not unknown, f"{', '.join(sorted(unknown))} is imported but stands in no row of LIBRARIES."


# --- the edges: the few modules that touch the world ---

FILE_METHODS = frozenset(
    {
        "read_text",
        "write_text",
        "read_bytes",
        "write_bytes",
        "mkdir",
        "rmdir",
        "unlink",
        "rename",
        "touch",
        "open",
    }
    | {"exists", "is_file", "is_dir", "iterdir", "rglob", "glob", "walk", "stat", "chmod", "fsync"}
    | {"symlink_to", "hardlink_to", "rmtree", "copyfile", "copy2"}
)
"""Methods that reach a disk; `replace` is left out, for it is a method of text too."""

IN_MEMORY = frozenset({"Image.open", "av.open"})
"""Calls that are named like one that reaches a disk, and do not: media are opened from their bytes."""


@dataclass(frozen=True)
class Edge:
    """One way to touch the world, and who may."""

    rule: str
    modules: frozenset[str]
    imports: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    """Dotted names as they are called, `time.time`."""
    methods: frozenset[str] = frozenset()
    """Names of methods, whatever they are called on."""


def edge(
    rule: str, modules: str, *, imports: str = "", calls: str = "", methods: frozenset[str] = frozenset()
) -> Edge:
    return Edge(
        rule, frozenset(modules.split()), frozenset(imports.split()), frozenset(calls.split()), methods
    )


EDGES = {
    "files": edge(
        "files are touched by stores and by the modules at the edges; pure modules get and return values",
        "archive.credentials archive.inspection archive.key archive.media"
        " archive.salvage archive.store care.audit care.audit_files care.check_archive care.check_machine"
        " care.repair cli create create_theme demo.plant durable fingerprint language lock memory_file"
        " note_pictures pages.store gather resources site.search"
        " site.search_seal site.serve site.store site.upkeep live site.templates toml_file",
        imports="shutil tempfile fcntl ctypes glob",
        calls="open os.replace os.link os.walk os.remove os.open os.fsync os.fsencode",
        methods=FILE_METHODS,
    ),
    "network": edge(
        "only the Matrix modules and what looks for dead links speak to another machine, and only `serve`"
        " listens",
        "archive.matrix archive.patience archive.transport site.serve web_answers",
        imports="socket ssl http urllib.request aiohttp nio socketserver smtplib ftplib",
    ),
    "clock": edge(
        "time comes from events or as an argument; only the edges read the clock",
        "clock",
        calls="time.time time.time_ns datetime.now datetime.utcnow datetime.today date.today time.localtime"
        " time.gmtime",
    ),
    "chance": edge(
        "equal input makes equal bytes: only a key, which nobody may guess, is left to chance",
        "archive.key",
        imports="random secrets uuid",
        calls="os.urandom",
    ),
    "environment": edge(
        "only the command line reads the environment, and hands on what it says",
        "commands.options",
        imports="getpass platform",
        calls="os.getenv os.getcwd Path.home Path.cwd os.path.expanduser",
    ),
    "terminal": edge(
        "only the command line speaks to a person",
        "cli commands.care commands.consent commands.notice commands.options commands.tend commands.theme"
        " console",
        imports="rich click logging",
        calls="print input sys.exit exit sys.stdout.write sys.stderr.write",
    ),
    "processes": edge(
        "only the renderer starts processes, and a recording is read in one of its own",
        "archive.recording site.render",
        imports="multiprocessing subprocess concurrent.futures",
        calls="os.system os.fork",
    ),
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def touches(module: Module, edge: Edge) -> Iterator[str]:
    """Yield what in a module touches the world at this edge, with its line."""
    for name in sorted(module.imports):
        if any(name == banned or name.startswith(f"{banned}.") for banned in edge.imports):
            yield f"imports {name}"
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and edge.calls
            and dotted(node) == "os.environ"
            and "os.getenv" in edge.calls
        ):
            yield f"line {node.lineno}: os.environ"
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        if called in IN_MEMORY:
            continue
        if any(called == banned or called.endswith(f".{banned}") for banned in edge.calls):
            yield f"line {node.lineno}: {called}()"
        elif isinstance(node.func, ast.Attribute) and node.func.attr in edge.methods:
            yield f"line {node.lineno}: .{node.func.attr}()"


@each_module
@pytest.mark.parametrize("name", EDGES)
def test_the_world_is_touched_at_the_edges_only(module: Module, name: str) -> None:
    if module.name in EDGES[name].modules:
        return
    found = list(touches(module, EDGES[name]))
    assert not found, f"{module.name} touches {name} ({'; '.join(found)}): {EDGES[name].rule}."


@pytest.mark.parametrize("name", EDGES)
def test_no_module_may_touch_what_it_does_not_need(name: str) -> None:
    needing = {module.name for module in MODULES if any(touches(module, EDGES[name]))}
    idle = EDGES[name].modules - needing
    assert not idle, f"{', '.join(sorted(idle))} may touch {name} and does not: take it out of EDGES."


def test_the_tables_name_only_modules_that_are_there() -> None:
    tables = {name for readers in LIBRARIES.values() for name in readers} | CONFIG_READERS
    tables |= {f"{stage}.{noun}" for stage, nouns in NOUNS.items() for noun in nouns}
    assert not tables - NAMES, (
        f"{', '.join(sorted(tables - NAMES))} is named in a table but is no module any more."
    )


# --- form ---


@each_module
def test_a_module_is_named_for_one_idea(module: Module) -> None:
    last = module.name.rpartition(".")[2]
    assert not re.search(r"(^|_)(util|utils|helper|helpers|common|misc|and)(_|$)", last), (
        f"{module.name}: a module is named for its one idea; one called `{last}` is two modules."
    )


MAX_LINES = 400


@each_module
def test_a_file_can_be_read_in_one_sitting(module: Module) -> None:
    count = len(module.path.read_text("utf-8").splitlines())
    assert count <= MAX_LINES, (
        f"{module.name} has {count} lines: above {MAX_LINES} it holds two ideas; split it."
    )


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Yield public functions, classes and methods without a docstring; a subclass inherits its own."""
    for node in tree.body:
        if isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield node.name
            if isinstance(node, ast.ClassDef) and not node.bases:
                yield from (
                    f"{node.name}.{method.name}"
                    for method in node.body
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
                    and not method.name.startswith("_")
                    and ast.get_docstring(method) is None
                )


@each_module
def test_everything_public_says_what_it_is_for(module: Module) -> None:
    assert ast.get_docstring(module.tree), f"{module.name}: a module says which way data moves through it."
    missing = [
        name for name in undocumented(module.tree) if not module.name.endswith("cli") or name[0].isupper()
    ]
    assert not missing, f"{module.name}: {', '.join(missing)} has no docstring."


@each_module
def test_every_module_stands_in_the_reference(module: Module) -> None:
    listing = ROOT / "docs" / "reference" / "modules.md"
    if not module.name or not listing.is_file():
        return
    assert f"`garden.{module.name}`" in listing.read_text("utf-8"), (
        f"garden.{module.name} does not stand in docs/reference/modules.md, where every module has its "
        "sentence; `make docs` writes it."
    )


def test_tests_run_against_the_installed_garden() -> None:
    location = Path(str(garden.__file__))
    assert "site-packages" in location.parts, (
        f"garden is imported from {location}: tests run against the installed wheel, as people get it. "
        "Run them with `make test`, or .cache/venv/bin/pytest after `make setup`, without PYTHONPATH."
    )


@pytest.mark.xdist_group("canary")
def test_tests_of_one_group_run_in_one_process(request: pytest.FixtureRequest) -> None:
    """pytest-xdist carries the group in the node's identifier; without it each worker makes every fixture."""
    is_worker = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@canary") or not is_worker
