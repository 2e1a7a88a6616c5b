#!/usr/bin/env python3
"""Makes a data directory for the gateway benchmark: setup.py DOUANE_BINARY DIR

Upstream is the harness's mock on 127.0.0.1:9100, the gateway listens on 9140. Standard library only.
"""
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

UPSTREAM = "http://127.0.0.1:9100"
MODELS = ["mock", "mythos-5"]


def douane(binary, directory, *words):
    done = subprocess.run([binary, "--dir", directory, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"douane {' '.join(words)}: {done.stderr}")
    return done.stdout


def configure(directory):
    path = directory / "douane.toml"
    text = path.read_text()
    text = text.replace("127.0.0.1:8451", "127.0.0.1:9140").replace("127.0.0.1:8452", "127.0.0.1:9141")
    text = re.sub(r"\[practice\]\nport = \d+\n", "", text)
    text = re.sub(r'url = "[^"]*"', f'url = "{UPSTREAM}"', text)
    path.write_text(text)
    models = "schema = 1\n"
    for name in MODELS:
        models += f'[[model]]\nid = "{name}"\nupstream = "practice"\nserved_from = "US"\ndialects = ["openai", "anthropic"]\n'
    (directory / "models.toml").write_text(models)


LETTER = """schema = 1
[[directive]]
id = "bench-letter"
title = "Foreign persons, one model"
form = "rule"
issued_at = "2026-01-01T00:00:00Z"
effective_from = "2026-01-02T00:00:00Z"
models = ["*"]
persons = { class = "foreign_person" }
destinations = "none"
authority = ["ecra-4812"]
source = { state = "US", office = "Invented office", public_reference = "Invented notice" }
"""


def main():
    binary, directory = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    douane(binary, str(directory), "init")
    configure(directory)
    server = subprocess.Popen([binary, "--dir", str(directory), "serve"], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen("http://127.0.0.1:9140/v1/models", timeout=1)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        key = fill(binary, str(directory))
    finally:
        server.terminate()
        server.wait()
    print(f"export DOUANE_BIN={binary} DOUANE_BENCH_DIR={directory.resolve()} DOUANE_BENCH_KEY={key}")


def fill(binary, directory):
    """One letter in force, one permitted person; gives that person's key."""
    letter, roster = Path(directory, "letter.toml"), Path(directory, "roster.csv")
    letter.write_text(LETTER)
    roster.write_text("person_id,us_status,us_status_level\nbench,citizen,document\n")
    for name in ("one", "two"):
        douane(binary, directory, "officer", "add", name)
    douane(binary, directory, "directive", "draft", str(letter))
    for name in ("one", "two"):
        douane(binary, directory, "directive", "approve", "bench-letter", "--officer", name)
    douane(binary, directory, "directive", "activate", "bench-letter")
    douane(binary, directory, "people", "load", str(roster), "--account", "bench")
    answer = douane(binary, directory, "--json", "key", "add", "--account", "bench", "--person", "bench")
    return json.loads(answer)["key"]


if __name__ == "__main__":
    main()
