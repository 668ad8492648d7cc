#!/usr/bin/env python3
"""Set up this folder and run it: nothing but Python is needed.

    python3 dev.py demo             install into .venv, then work through the sample study
    python3 dev.py app              the same, then open the page in a browser
    python3 dev.py test [...]       all tests; with arguments, what pytest is asked for
    python3 dev.py check            formatting, lint, types, and who may import whom
    python3 dev.py bench [...]      measure speed: `run` (whole runs, also without a word), `reach` (searches, with the
                                    peers that are installed), `routes` (lengths beside other routers), `batch` (a city), …
    python3 dev.py screenshots      take every picture of docs/images again (needs Chromium)
    python3 dev.py lock [...]       renew the locks (needs uv; `--upgrade` moves to newer releases)

The packages come from the hashed locks, as wheels, so no compiler is needed; a mirror set in pip's own configuration is
used. The first call takes a few minutes; later ones start at once, until a lock or `pyproject.toml` changes.

This file must parse on Python 3.8, so that it can say which Python it needs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
READY = VENV / "ready.json"
"""What .venv holds, as digests; absent while it is being filled."""
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
"""Everything in RUN_LOCK, and what tests and checks need."""
PYTHONS = ((3, 13), (3, 12), (3, 11))


class Stop(Exception):  # noqa: N818 - not an error of the program
    """End here, with a message for the reader."""


def say(english: str, chinese: str) -> None:
    """Print one message in both languages."""
    print(f"[dev] {english}\n[dev] {chinese}", flush=True)


def environment() -> dict[str, str]:
    """Give the variables a program in .venv runs with: ours first, and nothing of another Python."""
    dropped = {"PYTHONHOME", "PYTHONPATH", "PIP_PREFIX", "PIP_TARGET"}
    dropped.add("PYTHONDONTWRITEBYTECODE")  # every program started would compile its libraries anew, for seconds
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {
        **kept,
        "VIRTUAL_ENV": str(VENV),
        "PATH": str(BIN) + os.pathsep + kept.get("PATH", os.defpath),
        "PIP_USER": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run(*command: object) -> int:
    """Run one program in the root of the project and give its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment(), check=False).returncode


def script(name: str) -> Path:
    """Give the path of a command installed in .venv."""
    return BIN / (name + ".exe" if os.name == "nt" else name)


# ------------------------------------------------------------------------------------------------------------- set-up


def check_python() -> None:
    """Refuse a Python the locks are not made for, naming one that would do."""
    if sys.version_info[:2] in PYTHONS:
        return
    found = [name for name in ("python{}.{}".format(*version) for version in PYTHONS) if shutil.which(name)]
    other = found[0] if found else ("py -3.13" if os.name == "nt" else "python3.13")
    here = "{}.{}".format(*sys.version_info[:2])
    raise Stop(
        f"Python 3.11, 3.12 or 3.13 is needed, this is {here}. Try: {other} dev.py {' '.join(sys.argv[1:])}",
        f"需要 Python 3.11、3.12 或 3.13，当前为 {here}。请改用：{other} dev.py {' '.join(sys.argv[1:])}",
    )


def digest(*paths: Path) -> str:
    """Fingerprint some files, this folder's place and the Python in use."""
    total = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def ready() -> dict[str, str]:
    """Read what .venv holds; nothing, if its set-up was never finished."""
    try:
        return dict(json.loads(READY.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def mark(holds: dict[str, str]) -> None:
    """Write down, in one step, what .venv holds now."""
    draft = READY.with_suffix(".draft")
    draft.write_text(json.dumps(holds, indent=1), encoding="utf-8")
    draft.replace(READY)


def set_up(lock: Path) -> None:
    """Make .venv hold what a lock asks for, and this project; do nothing if it does already."""
    wanted = {lock.name: digest(lock, ROOT / "pyproject.toml")}
    if lock == DEV_LOCK:
        wanted[RUN_LOCK.name] = digest(RUN_LOCK, ROOT / "pyproject.toml")
    if not (PYTHON.exists() and wanted.items() <= ready().items()):
        READY.unlink(missing_ok=True)
        say(
            "Setting up .venv: a few minutes the first time, nothing after that.",
            "正在准备 .venv：首次需要几分钟，之后即开即用。",
        )
        make_venv()
        install(lock)
        warm_up()
        mark(wanted)


def make_venv() -> None:
    """Create .venv with the Python that runs this file, unless a sound one is there."""
    probe = "import pip, sys; sys.exit(sys.version_info[:2] != {!r})".format(tuple(sys.version_info[:2]))
    if PYTHON.exists() and subprocess.run([str(PYTHON), "-c", probe], env=environment(), check=False).returncode == 0:
        return
    base = getattr(sys, "_base_executable", None) or sys.executable
    missing = importlib.util.find_spec("ensurepip") is None
    if missing or subprocess.run([base, "-m", "venv", "--clear", str(VENV)], cwd=ROOT, check=False).returncode != 0:
        raise Stop(
            f"Python could not make {VENV}. On Debian or Ubuntu: sudo apt install python3-venv, then run this again.",
            f"无法建立 {VENV}。Debian 或 Ubuntu 请先执行：sudo apt install python3-venv，然后重试。",
        )


def install(lock: Path) -> None:
    """Install a lock's wheels, checked against their hashes, then this project, editable."""
    pip = (PYTHON, "-m", "pip", "install", "--no-input")
    wheels = run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", lock)
    if wheels or run(*pip, "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT):
        raise Stop(
            "Installing failed: the reason is in pip's lines above. Running this again goes on from here.\n"
            "      If the download is slow or blocked, set a mirror first: "
            f"{PYTHON} -m pip config set global.index-url https://pypi.tuna.tsinghua.edu.cn/simple",
            "安装未完成，原因见上方 pip 的输出；重新运行即可继续。若下载缓慢，可先按上一行设置镜像。",
        )
    if not str(ROOT).isascii():
        spell_out_path()


def spell_out_path() -> None:
    """Write the path of the sources as an escaped literal, in a folder whose name is not ASCII.

    Before 3.13, Python on Windows reads `.pth` files in the code page of the system, which need not be the one they
    were written in. A line of plain ASCII means the same in both.
    """
    line = f"import sys; sys.path.append({str(ROOT / 'coverage')!a})\n"
    for path in VENV.rglob("_living_circle.pth"):
        path.write_text(line, encoding="ascii")


def warm_up() -> None:
    """Compile the kernels once, so that the first study does not wait for it."""
    say("Compiling the kernels once.", "正在编译计算内核（仅此一次）。")
    run(PYTHON, "-P", "-m", "livingcircle.warm")


# -------------------------------------------------------------------------------------------------------------- verbs


def demo(arguments: list[str]) -> int:
    """Work through the sample study."""
    set_up(RUN_LOCK)
    return run(script("living-circle"), "run", Path("configs") / "helsinki.yaml", *arguments)


def app(arguments: list[str]) -> int:
    """Open the page."""
    set_up(RUN_LOCK)
    return run(script("living-circle"), "app", *arguments)


def test(arguments: list[str]) -> int:
    """Run all tests, or only what the arguments ask pytest for; counting lines would take half as long again."""
    set_up(DEV_LOCK)
    every = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]  # or the browser's few long ones come last
    return run(PYTHON, "-P", "-m", "pytest", *(arguments or every))


def check(arguments: list[str]) -> int:
    """Run every check, also after one has failed."""
    set_up(DEV_LOCK)
    gates = {
        "ruff format": (PYTHON, "-m", "ruff", "format", "--check", *arguments),
        "ruff check": (PYTHON, "-m", "ruff", "check", *arguments),
        "mypy": (PYTHON, "-m", "mypy"),
        "lint-imports": (script("lint-imports"),),
    }
    failed = []
    for name, command in gates.items():
        print(f"[dev] {name}", flush=True)
        if run(*command):
            failed.append(name)
    if failed:
        say("Failed: " + ", ".join(failed), "未通过：" + "、".join(failed))
    else:
        say("All checks passed.", "全部检查通过。")
    return int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Measure speed: of whole runs, unless the first word names another benchmark."""
    set_up(DEV_LOCK)
    named = arguments[:1] and (ROOT / "benchmarks" / (arguments[0] + ".py")).exists()
    name, *rest = arguments if named else ["run", *arguments]
    return run(PYTHON, "-m", "benchmarks." + name, *rest)


def screenshots(arguments: list[str]) -> int:
    """Take the pictures of the page again."""
    set_up(DEV_LOCK)
    return run(PYTHON, "-P", Path("docs") / "screenshots.py", *arguments)


def lock(arguments: list[str]) -> int:
    """Renew `uv.lock` and the two hashed lists pip reads, from PyPI alone."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(BIN))
    if uv is None:
        raise Stop(
            "uv is needed to renew the locks: https://docs.astral.sh/uv/",
            "更新锁定文件需要 uv：https://docs.astral.sh/uv/",
        )
    export = (uv, "export", "--no-config", "--frozen", "--quiet", "--no-emit-project", "--no-annotate")
    export += ("--no-default-groups", "--extra", "app", "--extra", "report", "--group", "build")
    return (
        run(uv, "lock", "--no-config", "--default-index", "https://pypi.org/simple", *arguments)
        or run(*export, "--output-file", RUN_LOCK.name)
        or run(*export, "--extra", "cluster", "--extra", "postgis", "--group", "dev", "--output-file", DEV_LOCK.name)
    )


VERBS = {
    "demo": demo,
    "app": app,
    "test": test,
    "check": check,
    "bench": bench,
    "screenshots": screenshots,
    "lock": lock,
}


def main(arguments: list[str]) -> int:
    """Run one verb; without one, say which there are."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that cannot show Chinese still shows the rest
    if not arguments or arguments[0] not in VERBS:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"], ["help"]) else 2
    try:
        check_python()
        return VERBS[arguments[0]](arguments[1:])
    except Stop as stop:
        say(*stop.args)
        return 1
    except KeyboardInterrupt:
        say("Stopped. Running this again goes on from here.", "已中断；重新运行即可继续。")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
