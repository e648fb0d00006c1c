#!/usr/bin/env python3
"""What clients feel while the plans of the case book run: p99 of pgbench with 8 clients at rest and during each release of
each page of cases/migrate, on tables of 1,000,000 rows, and the naive statements beside.

usage: benches/migrate_book_under_load.py [--rows N] [--idle S] [--sample S] [--only PAGE,…]
                                          [--results FILE] [--table]

Every table of a page gets the rows. What a client sends is what an application of the release before would: it looks for a
row by the first column of its key, and writes each other column that goes on to itself. A backfill is the same from its
first batch to its last: after `--sample` seconds of one the clients stand still until it is over. At rest is measured with
what the application sends before and, where there is more than one release, after. A plan that is over the bar is held
against a session that keeps a core busy and touches no table. A page is measured once; `--results` (JSON lines) is kept up
to date and gone on with, and `--table` prints it.
"""
import argparse, json, pathlib, re, shutil, signal, statistics, subprocess, sys, tempfile, time

from migrate_under_load import PROGRAMS, ROOT, Server, p99, under_load

BOOK = ROOT / "cases" / "migrate"
MAJOR = 15

COLUMNS = """
SELECT coalesce(json_agg(row_to_json(found) ORDER BY found.oid, found.number), '[]') FROM (
    SELECT c.oid, n.nspname AS schema, c.relname AS "table", c.relkind AS kind, c.relispartition AS is_part,
        pg_get_partkeydef(c.oid) AS part_key, a.attname AS name, a.attnum AS number,
        format_type(a.atttypid, a.atttypmod) AS type, t.typtype AS typtype, format_type(t.typbasetype, t.typtypmod) AS base,
        t.typcategory AS category, format_type(t.typelem, -1) AS element, a.attnotnull AS required,
        a.attidentity AS identity, a.attgenerated AS generated,
        coalesce((SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid IN (t.oid, t.typelem)), '{}') AS labels,
        coalesce((SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k
            WHERE k.contype = 'c' AND (k.conrelid = c.oid AND a.attnum = ANY (k.conkey) OR k.contypid = t.oid)), '{}') AS checks,
        (SELECT i.indkey[0] = a.attnum FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL
            ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) AS is_key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_|^information_schema$|^palladio$'
) found"""

BOUNDS = """
SELECT coalesce(json_agg(pg_get_expr(c.relpartbound, c.oid)), '[]') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = '%s'::regclass"""


# What a plan may cost its clients, times p99 at rest.
BAR = 3

# A session that keeps one core busy, and touches no table.
COUNTING = """DO $$ DECLARE until timestamptz := clock_timestamp() + '%s s'; BEGIN
WHILE clock_timestamp() < until LOOP END LOOP; END $$"""


class Page:
    def __init__(self, path):
        self.name, self.text = path.stem, path.read_text()

    def block(self, kind):
        found = re.search(rf"^```{kind}\n(.*?)^```", self.text, re.M | re.S)
        return found.group(1) if found else ""

    def words(self):
        """What its user says about it on the command line."""
        lines = lambda kind: [line for line in self.block(kind).splitlines() if line]
        return [word for line in lines("text,renames") for word in ("--rename", line)] + [
            word for line in lines("text,fills") for word in ("--fill", line)]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def tables(server, database):
    """Columns by table, in order."""
    found = {}
    for column in json.loads(server.sql(database, COLUMNS)):
        found.setdefault((column["schema"], column["table"]), []).append(column)
    return found


def value(column, i="i", becomes=None):
    """The value of a column in row `i`: the same for all columns of a type, so that keys refer to what is there."""
    kind = column["base"] if column["typtype"] == "d" else column["type"]
    listed = [text for check in column["checks"] if "ANY" in check or "=" in check for text in re.findall(r"'([^']*)'", check)]
    if not kind.endswith("[]") and (column["labels"] or listed and kind in ("text", "character varying")):
        labels = column["labels"] or listed
        # A value that goes is in no row.
        labels = becomes and [label for label in labels if label in becomes["labels"]] or labels
        array = "ARRAY[" + ", ".join("'" + label.replace("'", "''") + "'" for label in labels) + "]"
        return f"({array})[1 + ({i}) % {len(labels)}]::{kind}"
    if kind in ("text", "citext") and becomes is not None and becomes["category"] != "S":
        # It is to become something else: it already reads like it.
        return f"({value(becomes, i)})::text"
    if kind.endswith("[]"):
        element = dict(column, type=kind[:-2], typtype="b", checks=[])
        return f"ARRAY[{value(element, i, becomes if column['labels'] else None)}]::{kind}"
    numeric = re.match(r"numeric\((\d+),(\d+)\)", kind)
    if numeric:
        return f"(({i}) % {10 ** (int(numeric[1]) - int(numeric[2]) - 1) + 1})::{kind}"
    text = re.match(r"(?:character varying|character)\((\d+)\)", kind)
    if text:
        return f"right(({i})::text, {text[1]})"
    days = f"({i}) + {column['number']}"
    plain = {
        "smallint": f"(({i}) % 30000)::smallint", "boolean": f"(({i}) % 2 = 0)", "uuid": f"md5(({i})::text)::uuid",
        "text": f"('x' || ({i}))", "citext": f"('x' || ({i}))::citext", "character varying": f"('x' || ({i}))",
        "json": f"json_build_object('k', {i})", "jsonb": f"jsonb_build_object('k', {i})",
        "bytea": f"convert_to(({i})::text, 'UTF8')", "date": f"date '2000-01-01' + ({days})", "inet": f"inet '10.0.0.0' + ({i})",
        "cidr": f"set_masklen(inet '10.0.0.0' + ({i}), 32)::cidr", "interval": f"({i}) * interval '1 second'",
        "tsvector": f"to_tsvector('simple', 'x' || ({i}))", "point": f"point({i}, {i})",
        "int4range": f"int4range(({i})::int, ({i})::int + 1)", "int8range": f"int8range({i}, ({i}) + 1)",
        "daterange": f"daterange(date '2000-01-01' + ({i})::int, date '2000-01-01' + ({i})::int + 1)",
        "tstzrange": f"tstzrange(timestamptz '2000-01-01Z' + ({i}) * interval '1 hour', timestamptz '2000-01-01Z' + (({i}) + 1) * interval '1 hour')",
        "tsrange": f"tsrange(timestamp '2000-01-01' + ({i}) * interval '1 hour', timestamp '2000-01-01' + (({i}) + 1) * interval '1 hour')",
    }
    if kind in plain:
        return plain[kind]
    if kind.startswith("timestamp"):
        return f"(timestamptz '2000-01-01Z' + ({days}) * interval '1 minute')::{kind}"
    if kind in ("integer", "bigint", "numeric", "real", "double precision", "money"):
        return f"(({i})::{'numeric::money' if kind == 'money' else kind})"
    return None


def within(bound, kind):
    """Values inside the bound of a partition, in turn; nothing for one that takes what is left."""
    limits = re.match(r"FOR VALUES FROM \((.*?)\) TO \((.*?)\)", bound)
    if limits:
        low, high = (text.split(",")[0].strip() for text in limits.groups())
        if "MINVALUE" in low or "MAXVALUE" in high:
            return None
        if kind in ("integer", "bigint", "numeric"):
            low, high = (text.strip("'") for text in (low, high))
            return f"({low} + i % ({high} - {low}))::{kind}"
        return f"({low}::timestamp + (i % (extract(epoch FROM {high}::timestamp - {low}::timestamp)::bigint)) * interval '1 second')::{kind}"
    listed = re.match(r"FOR VALUES IN \((.*)\)", bound)
    return listed and f"(ARRAY[{listed[1]}])[1]::{kind}"


def fill(server, database, rows, after, fills):
    """Every table gets its rows; the answer is why one did not."""
    for (schema, table), columns in tables(server, database).items():
        if columns[0]["is_part"]:
            continue
        name = f"{quoted(schema)}.{quoted(table)}"
        values = {}
        for column in columns:
            if column["generated"]:
                continue
            later = [one for (_, other), all in after.items() if other == table for one in all if one["name"] == column["name"]]
            made = value(column, becomes=later[0] if later else None)
            if made is None and column["required"]:
                return f"no value for {table}.{column['name']} {column['type']}"
            # What is to be filled has holes.
            if f"{table}.{column['name']}" in fills and not column["required"]:
                made = f"CASE WHEN i % 10 > 0 THEN {made} END"
            values[column["name"]] = made or "NULL"
        part = re.match(r"(?:RANGE|LIST) \(\"?([a-z_]+)", columns[0]["part_key"] or "")
        if part:
            kind = next(column["type"] for column in columns if column["name"] == part[1])
            inside = [within(bound, kind) for bound in json.loads(server.sql(database, BOUNDS % name))]
            inside = [one for one in inside if one] or [values[part[1]]]
            cases = " ".join(f"WHEN {number} THEN {one}" for number, one in enumerate(inside))
            values[part[1]] = f"CASE i % {len(inside)} {cases} END"
        names, made = ", ".join(map(quoted, values)), ", ".join(values.values())
        server.sql(database, f"INSERT INTO {name} ({names}) OVERRIDING SYSTEM VALUE SELECT {made} FROM generate_series(1, {rows}) i")
    sequences = server.sql(database, "SELECT coalesce(string_agg(format('SELECT setval(%L, %s)', c.oid::regclass, 2000000000), ';'), '') "
                           "FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE seqmax > 2000000000")
    server.sql(database, sequences + "; ANALYZE")
    return None


def script(path, columns, going_on, rows):
    """What an application sends to one table, by names of today; whether it can find a row."""
    name = f"{quoted(columns[0]['schema'])}.{quoted(columns[0]['table'])}"
    key = next((column for column in columns if column["is_key"]), None)
    if key is None or value(key, ":k") is None:
        return False
    found = f"{quoted(key['name'])} = {value(key, ':k')}"
    same = [quoted(column["name"]) for column in columns if column["name"] in going_on and not column["is_key"]
            and not column["generated"] and column["identity"] != "a" and column["name"] not in (column["part_key"] or "")]
    lines = [f"\\set k random(1, {rows})", f"SELECT * FROM {name} WHERE {found};"]
    if same:
        lines.append(f"UPDATE {name} SET {', '.join(f'{one} = {one}' for one in same)} WHERE {found};")
    path.write_text("\n".join(lines) + "\n")
    return True


def kept(name, renames, table):
    """The name of a column or table in the release after."""
    for old, new in renames:
        if old in (name, f"{table}.{name}"):
            return new.split(".")[-1]
    return name


class Bench:
    def __init__(self, arguments, server):
        self.arguments, self.server = arguments, server
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="palladio-bench-book-"))
        self.folder.chmod(0o755)

    def palladio(self, *words):
        return subprocess.run([self.arguments.palladio, *map(str, words)], capture_output=True, text=True)

    def fresh(self, database, template):
        self.server.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.server.sql("postgres", f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy")

    def page(self, page):
        since = page.block("text,since").strip()
        if since and int(since) > MAJOR:
            return {"skipped": f"of PostgreSQL {since}"}
        sides = self.folder / "a", self.folder / "b"
        for side, schema, queries in zip(sides, ("before", "after"), ("old", "new")):
            shutil.rmtree(side, ignore_errors=True)
            side.mkdir()
            (side / "schema.sql").write_text(page.block(f"sql,{schema}"))
            if page.block(f"sql,{queries}"):
                (side / "queries.sql").write_text(page.block(f"sql,{queries}"))
        words = [*(side / "schema.sql" for side in sides), *page.words(), "--pg-version", MAJOR]
        asked = ["migrate", "plan", *sides, *page.words(), "--pg-version", MAJOR, "--format", "json"]
        planned = self.palladio(*asked)
        # What goes in earnest has to be said.
        gone = [word for name in re.findall(r"--drop ([^ ]+)", planned.stderr) for word in ("--drop", name)]
        if planned.returncode and gone:
            words += gone
            planned = self.palladio(*asked, *gone)
        naive = self.palladio("diff", *[word for word in words if "--fill" not in str(word)], "--format", "sql").stdout
        if not planned.stdout.startswith("{"):
            return {"failed": f"no plan: {planned.stderr.strip()[:200]}"}
        plan = json.loads(planned.stdout)
        if not plan["steps"]:
            return {"skipped": "nothing to do"}
        for database, schema in (("filled", "before"), ("target", "after")):
            self.fresh(database, "template0")
            self.server.sql(database, page.block(f"sql,{schema}"))
        after = tables(self.server, "target")
        before = tables(self.server, "filled")
        locked = {(lock["schema"], lock["name"]) for step in plan["steps"] for lock in step["locks"]}
        renames = [line.split("=") for line in page.block("text,renames").splitlines() if line]
        scripts = {"old": [], "new": []}
        for (schema, table), columns in before.items():
            if (schema, table) not in locked or columns[0]["is_part"]:
                continue
            new = kept(table, renames, table)
            there = next((found for (_, name), found in after.items() if name == new), None)
            if there is None:
                continue
            pairs = [(column, one) for column in columns for one in there if one["name"] == kept(column["name"], renames, table)]
            for age, own, number in (("old", columns, 0), ("new", there, 1)):
                path = self.folder / f"{page.name}-{table}-{age}.sql"
                if script(path, own, {pair[number]["name"] for pair in pairs}, self.arguments.rows):
                    scripts[age].append(path)
        if not locked & set(before):
            return {"skipped": "no table of rows is touched"}
        if not scripts["old"]:
            return {"skipped": "no table with a key goes on"}
        fills = {line.split("=")[0] for line in page.block("text,fills").splitlines()}
        why = fill(self.server, "filled", self.arguments.rows, after, fills)
        if why:
            return {"failed": why}
        (self.folder / "plan.json").write_text(planned.stdout)
        return self.measured(plan, naive, scripts)

    def pauses(self, plan):
        """Clients stand still where a backfill has been seen for long enough."""
        fills = [number for number, step in enumerate(plan["steps"], 1) if "backfill" in step]
        if not fills:
            return None
        running = ("SELECT count(*) FROM palladio.step WHERE state = 'running' AND number IN (" + ", ".join(map(str, fills))
                   + ") AND clock_timestamp() - started > interval '%s s'")

        def watch(clients, over, away):
            while not over.wait(0.5):
                if self.server.sql("live", "SELECT to_regclass('palladio.step') IS NULL") == "t":
                    continue
                long = self.server.sql("live", running % self.arguments.sample) != "0"
                standing = bool(away) and away[-1][1] == float("inf")
                if long and not standing:
                    away.append([time.time(), float("inf")])
                    clients.send_signal(signal.SIGSTOP)
                elif standing and not long:
                    clients.send_signal(signal.SIGCONT)
                    away[-1][1] = time.time()
            if away and away[-1][1] == float("inf"):
                clients.send_signal(signal.SIGCONT)
                away[-1][1] = time.time()

        return watch

    def measured(self, plan, naive, scripts):
        load = lambda age: [word for path in scripts[age] or scripts["old"] for word in ("-f", path)]
        under = lambda work, age, pauses=None: under_load(self.arguments, self.server, "live", work, load(age), pauses)
        rest, busy = lambda: time.sleep(self.arguments.idle), lambda: self.psql("-c", COUNTING % self.arguments.idle)
        pauses = self.pauses(plan)
        self.fresh("live", "filled")
        latencies, _, failed = under(rest, "old")
        if failed:
            return {"failed": f"at rest: {failed}"}
        idle, found = {"old": p99(latencies)}, {"releases": []}
        self.fresh("live", "filled")
        for release in sorted({step["release"] for step in plan["steps"]}):
            said = []
            run = lambda: said.append(self.palladio("migrate", "run", self.folder / "plan.json", "--db",
                                                    self.server.url("live"), "--release", release, "--force"))
            age = "old" if release == 1 else "new"
            latencies, took, failed = under(run, age, pauses)
            if said[0].returncode:
                return {"failed": f"release {release}: {(said[0].stdout + said[0].stderr).strip()[-300:]}"}
            found["releases"].append({"age": age, "p99": p99(latencies), "longest": max(latencies, default=0), "took": took,
                                      "transactions": len(latencies), "refused": failed})
        if found["releases"][-1]["age"] == "new":
            latencies, _, _ = under(rest, "new")
            idle["new"] = p99(latencies)
        for one in found["releases"]:
            one["idle"] = idle[one["age"]]
        if worst(found) > BAR:
            if max(found["releases"], key=ratio)["age"] == "new":
                latencies, _, _ = under(busy, "new")
            else:
                self.fresh("live", "filled")
                latencies, _, _ = under(busy, "old")
            found["busy"] = p99(latencies)
        # With one statement that is the plan as well, there is nothing to be compared.
        statements = [line for step in plan["steps"] for line in step.get("transaction", [])]
        if naive.strip() and "\n".join(statements).split() != naive.split():
            self.fresh("live", "filled")
            (self.folder / "naive.sql").write_text(naive)
            latencies, took, failed = under(lambda: self.psql("-f", self.folder / "naive.sql"), "old")
            found["naive"] = {"p99": p99(latencies), "longest": max(latencies, default=0), "took": took, "refused": failed}
        return found

    def psql(self, *words):
        subprocess.run([PROGRAMS / "psql", "-X", "-q", "-h", self.server.folder, "-U", "postgres", "-d", "live", *words],
                       capture_output=True)


def ratio(release):
    return release["p99"] / release["idle"] if release["transactions"] else 0


def worst(result):
    return max(map(ratio, result["releases"]))


def table(results):
    print("| page | p99 ms of each release (at rest) | most, × at rest | beside a session that counts | longest ms | s "
          "| naive p99 ms | naive longest ms | refused |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|---|")
    measured = {name: result for name, result in results.items() if "releases" in result}
    for name, result in sorted(measured.items()):
        releases, naive = result["releases"], result.get("naive")
        each = ", ".join(f"{release['p99']:.1f} ({release['idle']:.1f})" for release in releases)
        contrast = f"{naive['p99']:.0f} | {naive['longest']:.0f}" if naive else "the same |"
        busy = f"{result['busy']:.1f}" if "busy" in result else ""
        refused = "; ".join(sorted({release["refused"] for release in releases if release["refused"]}))
        print(f"| {name} | {each} | {worst(result):.2f} | {busy} | {max(one['longest'] for one in releases):.0f} "
              f"| {sum(one['took'] for one in releases):.0f} | {contrast} | {refused} |")
    ratios = sorted(worst(result) for result in measured.values())
    over = sorted(max(release["p99"] for release in result["releases"]) / result["busy"]
                  for result in measured.values() if "busy" in result)
    if ratios:
        print(f"\n{len(ratios)} plans: median {statistics.median(ratios):.2f} × p99 at rest, most {ratios[-1]:.2f}, "
              f"{sum(ratio > BAR for ratio in ratios)} over {BAR}.")
    if over:
        print(f"Those over {BAR}, against p99 beside a session that counts and touches no table: "
              f"median {statistics.median(over):.2f}, most {over[-1]:.2f}.")
    for kind in ("skipped", "failed"):
        why = {}
        for name, result in sorted(results.items()):
            if kind in result:
                why.setdefault(result[kind], []).append(name)
        for reason, names in why.items():
            print(f"\n{kind}, {reason}: {', '.join(names)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--idle", type=float, default=4, help="seconds of the runs at rest")
    parser.add_argument("--sample", type=float, default=20, help="seconds of a backfill that clients work beside")
    parser.add_argument("--only", default="")
    parser.add_argument("--results", type=pathlib.Path, default=pathlib.Path("book.jsonl"))
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--palladio", default=ROOT / "target" / "release" / "palladio")
    arguments = parser.parse_args()
    results = {}
    if arguments.results.exists():
        for line in arguments.results.read_text().splitlines():
            results.update(json.loads(line))
    if arguments.table:
        return table(results)
    if PROGRAMS is None or not pathlib.Path(arguments.palladio).is_file():
        sys.exit("pgbench or palladio is missing")
    # Ended from outside, it takes its server along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    only = set(filter(None, arguments.only.split(",")))
    pages = [Page(path) for path in sorted(BOOK.glob("*.md"))]
    server = Server()
    bench = Bench(arguments, server)
    try:
        for page in pages:
            if page.name in only or not only and page.name not in results:
                try:
                    result = bench.page(page)
                except SystemExit as ended:
                    result = {"failed": str(ended).strip()[:300]}
                with arguments.results.open("a") as file:
                    file.write(json.dumps({page.name: result}) + "\n")
                shown = result.get("skipped") or result.get("failed") or f"{worst(result):.2f} × p99 at rest"
                print(f"{page.name}: {shown}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        sys.exit(1)
    finally:
        server.stop()
        shutil.rmtree(bench.folder)


if __name__ == "__main__":
    main()
