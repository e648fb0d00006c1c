#!/usr/bin/env python3
"""Time and memory of a static check, beside squawk, in one interleaved run.

usage: benches/static_check.py [--rounds N] [--corpus DIR] [--quick]

Needs squawk (`pip install squawk-cli`) and a release build of palladio. The inputs are generated, always the same:
a history of 340 migrations (about 0.77 MB), a schema dump of 2.8 MB, and dumps of 5 to 50 MB for the growth. With
--corpus, the folders below DIR/postgres are timed too; with --quick, the dumps from 5 MB on are left out. Prints a
Markdown table: the median of the wall times, and the least of the processor times, which other work on the machine
disturbs less. Nothing is asserted.
"""
import argparse, os, pathlib, shutil, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PALLADIO = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "palladio"
TYPES = ["bigint", "integer", "text", "varchar(120)", "timestamptz", "timestamp", "numeric(12,2)", "boolean", "uuid",
         "jsonb", "date", "double precision"]


def table(number, columns):
    rows = [f"    id bigint GENERATED ALWAYS AS IDENTITY"]
    for column in range(columns):
        kind = TYPES[(number * 7 + column * 3) % len(TYPES)]
        rest = [" NOT NULL", "", " DEFAULT NULL", ""][(number + column) % 4]
        rows.append(f"    field_{column:02}_{kind[:4].strip()} {kind}{rest}")
    return f"CREATE TABLE records_{number:05} (\n" + ",\n".join(rows) + "\n);\n"


def migration(number):
    """What one release of an application brings: a table, columns for an older one, an index, a key, data."""
    older = max(0, number - 7)
    return "\n".join([
        f"-- release {number}: what the team needed that week",
        table(number, 40 + number % 17),
        f"ALTER TABLE records_{number:05} ADD CONSTRAINT records_{number:05}_pkey PRIMARY KEY (id);",
        f"ALTER TABLE records_{older:05} ADD COLUMN extra_{number} text;",
        f"ALTER TABLE records_{older:05} ADD COLUMN flag_{number} boolean NOT NULL DEFAULT false;",
        f"CREATE INDEX records_{older:05}_extra_{number}_idx ON records_{older:05} (extra_{number});",
        f"ALTER TABLE records_{number:05} ADD COLUMN parent_id bigint;",
        f"ALTER TABLE records_{number:05} ADD CONSTRAINT parent_{number} FOREIGN KEY (parent_id) REFERENCES records_{older:05} (id);",
        f"UPDATE records_{older:05} SET extra_{number} = 'none' WHERE extra_{number} IS NULL;",
        f"COMMENT ON TABLE records_{number:05} IS 'what release {number} brought, kept for the reports';",
        "",
    ])


def history(folder, count=340):
    folder.mkdir()
    for number in range(count):
        (folder / f"V{number + 1:04}__release_{number}.sql").write_text(migration(number))
    return folder


def dump(path, megabytes):
    """A schema dump in the order of pg_dump: tables, then constraints, then indexes, then foreign keys."""
    head = "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\n"
    tables, keys, indexes, foreign = [], [], [], []
    size = number = 0
    while size < megabytes * 1_000_000:
        body = table(number, 12 + number % 12).replace("TABLE records", "TABLE public.records")
        name = f"public.records_{number:05}"
        comment = f"COMMENT ON TABLE {name} IS 'table {number} of the dump';\n"
        key = f"ALTER TABLE ONLY {name}\n    ADD CONSTRAINT records_{number:05}_pkey PRIMARY KEY (id);\n"
        index = f"CREATE INDEX records_{number:05}_by_field ON {name} USING btree (field_00_{TYPES[number * 7 % 12][:4].strip()}, id);\n"
        older = f"public.records_{number // 2:05}"
        link = f"ALTER TABLE ONLY {name}\n    ADD CONSTRAINT records_{number:05}_up FOREIGN KEY (id) REFERENCES {older}(id);\n"
        tables += [body, comment]
        keys.append(key)
        indexes.append(index)
        foreign.append(link)
        size += len(body) + len(comment) + len(key) + len(index) + len(link) + 5
        number += 1
    path.write_text(head + "\n".join(tables + keys + indexes + foreign))
    return path


def elsewhere(make, *arguments):
    """Makes an input in a process of its own: what a parent once held counts as the peak memory of its children."""
    child = os.fork()
    if child == 0:
        make(*arguments)
        os._exit(0)
    os.waitpid(child, 0)
    return arguments[0]


def run(command):
    """Seconds of wall time, of processor time, and peak memory in MiB of one command, its output thrown away."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measured(runs):
    """The median of the wall times, the least of the processor times, the most memory."""
    wall, cpu, memory = zip(*runs)
    return statistics.median(wall), min(cpu), max(memory)


def files(source):
    return sorted(str(path) for path in source.rglob("*.sql")) if source.is_dir() else [str(source)]


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--corpus", type=pathlib.Path)
    ask.add_argument("--quick", action="store_true")
    ask = ask.parse_args()
    squawk = shutil.which("squawk")
    if not PALLADIO.exists() or not squawk:
        sys.exit("needs target/release/palladio (cargo build --release) and squawk (pip install squawk-cli)")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cases = [("history of 340 migrations", elsewhere(history, folder / "history"), True)]
        sizes = (2.8,) if ask.quick else (2.8, 5, 10, 25, 50)
        cases += [(f"dump of {size} MB", elsewhere(dump, folder / f"dump{size}.sql", size), size < 3) for size in sizes]
        if ask.corpus:
            cases += [(path.name, path, True) for path in sorted((ask.corpus / "postgres").iterdir())]
        print("| input | MB | squawk s | palladio s | ratio | squawk CPU s | palladio CPU s | ratio | MiB | MiB |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for name, source, both in cases:
            names = files(source)
            megabytes = sum(os.path.getsize(name) for name in names) / 1e6
            ours, theirs = [], []
            for _ in range(ask.rounds if both else 3):
                ours.append(run([str(PALLADIO), "check", "--isolated", "--format", "concise", str(source)]))
                if both:
                    theirs.append(run([squawk, "--pg-version", "15", "--reporter", "gcc", *names]))
            mine, cpu, memory = measured(ours)
            if theirs:
                other, effort, most = measured(theirs)
                print(f"| {name} | {megabytes:.2f} | {other:.3f} | {mine:.3f} | {mine / other:.2f} "
                      f"| {effort:.3f} | {cpu:.3f} | {cpu / effort:.2f} | {most:.0f} | {memory:.0f} |")
            else:
                print(f"| {name} | {megabytes:.2f} | | {mine:.3f} | | | {cpu:.3f} | | | {memory:.0f} |")
            sys.stdout.flush()


main()
