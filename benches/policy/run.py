#!/usr/bin/env python3
"""Adds Douane as an engine to the policy benchmark's harness, in a folder of its own, and runs it.

    benches/policy/run.py --harness PATH [--work PATH]

The harness is a Cargo package with src/{gen,main,native,cedar,celx,rego}.rs; it is copied, never changed in place.
ROUNDS, ROUND_MS and SIZES (such as small,large) are read from the environment. The exit status is 1 when an engine of Douane disagrees with the reference on a query.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
CRATES = ("terms", "law", "decide")


def replace_once(text, anchor, replacement):
    """The text with the one place of the anchor replaced; the harness has changed when there is not exactly one."""
    if text.count(anchor) != 1:
        raise SystemExit(f"the harness has changed: {text.count(anchor)} places match {anchor!r}")
    return text.replace(anchor, replacement)


def engine(name, call):
    return (
        f'Eng {{ name: "{name}", load_ms: dou_ms, bytes: dou_b, rounds: vec![], '
        f"run: Box::new(move |i| dou.{call}(i)) }},\n        "
    )


def with_douane(main):
    """main.rs with Douane beside the other engines."""
    main = replace_once(main, "mod cedar;", "mod cedar;\nmod douane;")
    built = "let (nat, nat_ms, nat_b) = built(|| native::Native::build(&w));"
    main = replace_once(
        main,
        built,
        built
        + """
    let given = douane::Given::of(&w);
    let (regime, dou_ms, dou_b) = built(|| given.regime());
    let dou = douane::Douane::new(regime, &given, &w.queries);""",
    )
    # Compared with the specification on every query, with the directives that decide.
    main = replace_once(
        main,
        "let rule = ||",
        """let (mut same, mut same_verdict, mut reasons) = (0, 0, [0, 0]);
    for (i, want) in want.iter().enumerate() {
        same += (dou.outcome(i) == want.0) as usize;
        same_verdict += (dou.verdict(i) == want.0) as usize;
        if want.0 == Outcome::Deny {
            reasons[0] += (dou.reasons(i) == want.1) as usize;
            reasons[1] += 1;
        }
    }
    println!("douane agrees {same}/{QUERIES}; whole verdict {same_verdict}/{QUERIES}; reasons of refusals {}/{}", reasons[0], reasons[1]);
    let rule = ||""",
    )
    main = replace_once(main, "let nat = &nat;", "let nat = &nat;\n    let dou = &dou;")
    first = "let mut es: Vec<Eng> = vec![\n        "
    start = main.index(first)
    end = main.index('Eng { name: "native scan"', start)
    engines = engine("douane", "outcome") + engine("douane whole verdict", "verdict")
    main = main[:end] + engines + main[end:]
    main = replace_once(
        main,
        "    extras(w, nat, subs,",
        "    douane::extras(w, &given, dou, rounds);\n    extras(w, nat, subs,",
    )
    return replace_once(
        main,
        "size(label, d, l, rounds, budget);",
        """if std::env::var("SIZES").map_or(true, |sizes| sizes.split(',').any(|size| size == label)) {
            size(label, d, l, rounds, budget);
        }""",
    )


def manifest(text):
    """Cargo.toml with the project's crates, checked for overflow as they are shipped."""
    paths = "".join(f'{crate} = {{ path = "{PROJECT / "crates" / crate}" }}\n' for crate in CRATES)
    text = replace_once(text, "[dependencies]\n", f"[workspace]\n\n[dependencies]\n{paths}")
    return text + "".join(f"\n[profile.release.package.{crate}]\noverflow-checks = true\n" for crate in CRATES)


def prepare(harness, work):
    work.mkdir(parents=True, exist_ok=True)
    shutil.copytree(harness / "src", work / "src", dirs_exist_ok=True, copy_function=shutil.copyfile)
    (work / "Cargo.toml").write_text(manifest((harness / "Cargo.toml").read_text()))
    (work / "src" / "main.rs").write_text(with_douane((harness / "src" / "main.rs").read_text()))
    shutil.copyfile(HERE / "douane.rs", work / "src" / "douane.rs")


def run(work):
    """Runs it, passing its output on; whether Douane agreed everywhere."""
    command = ["cargo", "run", "--release", "--quiet"]
    agreed = True
    with subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.startswith("douane agrees"):
                agreed &= all(left == right for left, right in re.findall(r"(\d+)/(\d+)", line))
    if process.returncode:
        raise SystemExit(process.returncode)
    return agreed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True, type=pathlib.Path, help="folder of the benchmark's package")
    parser.add_argument("--work", type=pathlib.Path, help="folder to build in; a temporary one if absent")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or pathlib.Path(temporary)
        prepare(options.harness, work)
        sys.exit(0 if run(work) else 1)


if __name__ == "__main__":
    main()
