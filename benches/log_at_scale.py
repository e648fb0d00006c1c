#!/usr/bin/env python3
"""A large log as a workload: megabytes a second and memory of reading it, beside a small one of the same statements.

Statements are those of advice_at_scale.py, with values for their parameters, sent by forty sessions in turn.

    cargo build --release --locked
    benches/log_at_scale.py --megabytes 2048 --shapes 50
    benches/log_at_scale.py --megabytes 200 --shapes 10000
"""

import argparse
import os
import random
import re
import subprocess
import time

from advice_at_scale import STATES, generate


def value(die, column):
    if column.endswith("_at"):
        return f"2026-0{die.randint(1, 9)}-1{die.randint(0, 9)}"
    if column in ("status", "kind", "name"):
        return die.choice(STATES)
    return str(die.randint(1, 100000))


def entry(die, text, number):
    """One call of the extended protocol, as log_min_duration_statement = 0 writes it."""
    column, values = "id", []
    for word in re.findall(r"\$\d+|[a-z_]+", text):
        if word.startswith("$"):
            values.append(value(die, column))
        elif word not in ("t", "p"):
            column = word
    prefix = f"2026-11-21 10:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03} UTC [{100 + number % 40}] shop@db "
    lines = f"{prefix}LOG:  duration: {die.uniform(0.05, 20):.3f} ms  execute <unnamed>: " + text.replace(" WHERE ", "\n\tWHERE ")
    if values:
        lines += f"\n{prefix}DETAIL:  parameters: " + ", ".join(f"${at} = '{one}'" for at, one in enumerate(values, 1))
    return lines + "\n"


def log(folder, name, megabytes, seed):
    die = random.Random(seed)
    with open(os.path.join(folder, "queries.sql")) as file:
        texts = [line.rstrip(";\n") for line in file if not line.startswith("INSERT")]
    size, number = 0, 0
    block = []
    for number in range(20000):
        block.append(entry(die, texts[number % len(texts)], number))
    block = "".join(block)
    with open(os.path.join(folder, name), "w") as file:
        while size < megabytes << 20:
            size += file.write(block[: max(0, (megabytes << 20) - size)])


def run(given, name):
    command = ["/usr/bin/env", "time", "-f", "%M", os.path.abspath(given.palladio), "advise", "schema.sql", "--stats",
               "stats.json", "--workload", name, "--any-version", "--max-indexes", "1", "--format", "json", "-o", "advice.json"]
    start = time.monotonic()
    done = subprocess.run(command, cwd=given.folder, stderr=subprocess.PIPE, text=True)
    return time.monotonic() - start, int(done.stderr.split()[-1]) / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", default="/tmp/palladio-log-at-scale")
    options.add_argument("--megabytes", type=int, default=2048)
    options.add_argument("--shapes", type=int, default=50)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--palladio", default="target/release/palladio")
    given = options.parse_args()
    generate(given.folder, given.shapes, given.seed)
    small = min(20, given.megabytes)
    log(given.folder, "small.log", small, given.seed)
    log(given.folder, "large.log", given.megabytes, given.seed)
    (least, base), (most, peak) = run(given, "small.log"), run(given, "large.log")
    rate = (given.megabytes - small) / max(most - least, 0.001)
    print(f"{small} MB: {least:.1f} s, {base:.0f} MiB; {given.megabytes} MB: {most:.1f} s, {peak:.0f} MiB; {rate:.0f} MB/s")


if __name__ == "__main__":
    main()
