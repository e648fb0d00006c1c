#!/usr/bin/env python3
"""What clients feel of a migration: latency of pgbench with 8 clients on a table of 1,000,000 rows, at rest, while
`palladio migrate run` does it safely, and while the naive statement does it.

usage: benches/migrate_under_load.py [--rounds N] [--rows N] [--clients N] [--only NAME,…]

Needs pgbench and psql (Debian: postgresql-15 brings both) and a build of palladio (--palladio FILE). The server is a
private one, with fsync off and autovacuum on. The three runs of each case follow each other in every round, and the
table shows the median over the rounds; p99 is over the transactions that were under way while the migration ran.
"""
import argparse, json, os, pathlib, re, shutil, signal, statistics, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = next((path.parent for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None)
TABLE = {"schema": "public", "name": "pgbench_accounts"}


def transaction(title, *sql, phase="constrain", cost="instant"):
    return {"phase": phase, "title": title, "transaction": list(sql), "cost": cost}


def backfill(column, value):
    return {"phase": "backfill", "title": f"old rows get {column}", "cost": "rows", "backfill": {
        "table": TABLE, "key": ["aid"], "set": [{"column": column, "value": value}],
        "condition": f"{column} IS DISTINCT FROM {value}", "batch": 500}}


def kept_in_step(column, value):
    return transaction(
        f"add {column}, kept in step", f"ALTER TABLE pgbench_accounts ADD {column} bigint",
        f"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.{column} := NEW.{value}; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON pgbench_accounts FOR EACH ROW EXECUTE FUNCTION keep()",
        phase="expand")


CASES = {
    "an index": (
        [{"phase": "constrain", "title": "an index", "cost": "build", "alone": {
            "sql": "CREATE INDEX CONCURRENTLY by_balance ON pgbench_accounts (abalance)",
            "index": {"schema": "public", "name": "by_balance"}}}],
        "CREATE INDEX by_balance ON pgbench_accounts (abalance)"),
    "a foreign key": (
        [transaction("the key, not valid", "ALTER TABLE pgbench_accounts ADD CONSTRAINT branch FOREIGN KEY (bid) "
                     "REFERENCES pgbench_branches NOT VALID"),
         transaction("validate", "ALTER TABLE pgbench_accounts VALIDATE CONSTRAINT branch", cost="scan")],
        "ALTER TABLE pgbench_accounts ADD CONSTRAINT branch FOREIGN KEY (bid) REFERENCES pgbench_branches"),
    "NOT NULL": (
        [transaction("a check, not valid", "ALTER TABLE pgbench_accounts ADD CONSTRAINT there "
                     "CHECK (abalance IS NOT NULL) NOT VALID"),
         transaction("validate", "ALTER TABLE pgbench_accounts VALIDATE CONSTRAINT there", cost="scan"),
         transaction("NOT NULL", "ALTER TABLE pgbench_accounts ALTER abalance SET NOT NULL",
                     "ALTER TABLE pgbench_accounts DROP CONSTRAINT there")],
        "ALTER TABLE pgbench_accounts ALTER abalance SET NOT NULL"),
    "a filled column": (
        [kept_in_step("points", "abalance"), backfill("points", "abalance")],
        "ALTER TABLE pgbench_accounts ADD points bigint; UPDATE pgbench_accounts SET points = abalance"),
    "a wider type": (
        [kept_in_step("abalance_new", "abalance"), backfill("abalance_new", "abalance"),
         transaction("switch", "DROP TRIGGER keep ON pgbench_accounts", "DROP FUNCTION keep()",
                     "ALTER TABLE pgbench_accounts RENAME abalance TO abalance_old",
                     "ALTER TABLE pgbench_accounts RENAME abalance_new TO abalance", phase="switch"),
         transaction("drop the old one", "ALTER TABLE pgbench_accounts DROP abalance_old", phase="contract")],
        "ALTER TABLE pgbench_accounts ALTER abalance TYPE bigint"),
}


def plan(steps, start, end):
    whole = [{"release": 1, "locks": [], "undo": "nothing", **step} for step in steps]
    return {"version": 1, "title": "a case", "postgres": 15, "from": start, "to": end, "steps": whole}


class Server:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="palladio-bench-", dir=os.environ.get("PALLADIO_LAB_FOLDER", "/tmp")))
        self.data = self.folder / "data"
        self.owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.owner:
            shutil.chown(self.folder, "postgres", "postgres")
        self.call("initdb", "-A", "trust", "-U", "postgres", "-N", "--no-locale", "-E", "UTF8", "-D", self.data)
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=512MB -c max_wal_size=4GB -c autovacuum_naptime=10s"
        self.call("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options)

    def call(self, program, *arguments):
        done = subprocess.run([*self.owner, PROGRAMS / program, *map(str, arguments)], cwd="/", capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def sql(self, database, text):
        return self.call("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres",
                         "-d", database, "-c", text).strip()

    def url(self, database):
        return f"postgres://postgres@/{database}?host={self.folder}"

    def stop(self):
        self.call("pg_ctl", "stop", "-m", "immediate", "-D", self.data)
        shutil.rmtree(self.folder, ignore_errors=True)


def palladio(arguments, *words, **more):
    return subprocess.run([arguments.palladio, "migrate", *map(str, words)], capture_output=True, text=True, **more)


def shape(arguments, server, database, folder):
    """The number of a database's shape: what is said to a plan that is made for none."""
    (folder / "none.json").write_text(json.dumps(plan([], "0", "0")))
    said = palladio(arguments, "baseline", folder / "none.json", "--db", server.url(database)).stderr
    return re.search(r"its shape is ([0-9a-f]+)", said).group(1)


def fresh(server, database, template):
    server.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    server.sql("postgres", f"CREATE DATABASE {database} TEMPLATE {template}")
    # What is new is not dirty, and everybody begins with the same cache.
    server.sql(database, "CHECKPOINT; SELECT sum(abalance) FROM pgbench_accounts")


def under_load(arguments, server, database, work, load=("-N",), pauses=None):
    """Latencies in ms of the transactions that were under way while `work` ran, how long that was, and what a client was
    refused. `pauses(clients, over, away)` may stop the clients for a while, until the event `over` at the latest; it appends
    to `away` from when to when that was, and what was under way then does not count."""
    logs = pathlib.Path(tempfile.mkdtemp(prefix="palladio-bench-logs-"))
    os.chmod(logs, 0o777)
    command = [*server.owner, PROGRAMS / "pgbench", "-h", server.folder, "-U", "postgres", "-n", *load, "-c", arguments.clients,
               "-j", 2, "-T", 3600, "-l", f"--log-prefix={logs}/log", database]
    # A shell lets what it starts in the background ignore the interrupt that ends it.
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    bench = subprocess.Popen(list(map(str, command)), cwd=logs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             preexec_fn=heard)
    time.sleep(2)
    start = time.time()
    over, away = threading.Event(), []
    watching = threading.Thread(target=pauses, args=(bench, over, away)) if pauses else None
    if watching:
        watching.start()
    work()
    end = time.time()
    over.set()
    if watching:
        watching.join()
    time.sleep(0.5)
    failed = bench.poll() is not None
    # The log of each thread is written when the program ends in its own way.
    bench.send_signal(signal.SIGINT)
    said, _ = bench.communicate()
    errors = [line for line in said.splitlines() if "ERROR" in line or "aborted" in line]
    failed = "; ".join(errors[:2]) or ("pgbench ended" if failed else "")
    latencies = []
    for log in logs.glob("log*"):
        for line in log.read_text().splitlines():
            words = line.split()
            if len(words) < 6:
                continue
            ended, latency = float(words[4]) + float(words[5]) / 1e6, float(words[2]) / 1e6
            begun = ended - latency
            if ended >= start and begun <= end and not any(ended >= first and begun <= last for first, last in away):
                latencies.append(latency * 1000)
    shutil.rmtree(logs)
    return latencies, end - start, failed


def p99(latencies):
    return sorted(latencies)[int(len(latencies) * 0.99)] if latencies else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--idle", type=int, default=10, help="seconds of the runs at rest")
    parser.add_argument("--only", default=",".join(CASES))
    parser.add_argument("--palladio", default=ROOT / "target" / "release" / "palladio")
    arguments = parser.parse_args()
    if PROGRAMS is None or not pathlib.Path(arguments.palladio).is_file():
        sys.exit("pgbench or palladio is missing")
    # Ended from outside, it takes its server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = Server()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="palladio-bench-plans-"))
    try:
        run(arguments, server, folder)
    finally:
        server.stop()
        shutil.rmtree(folder)


def run(arguments, server, folder):
    server.sql("postgres", "CREATE DATABASE filled")
    server.call("pgbench", "-h", server.folder, "-U", "postgres", "-i", "-q", "-s", arguments.rows // 100_000, "filled")
    seen = {name: {way: [] for way in ("idle", "safe", "naive")} for name in arguments.only.split(",")}
    for number in range(arguments.rounds):
        for name in seen:
            steps, naive = CASES[name]
            if number == 0:
                fresh(server, "target", "filled")
                for step in steps:
                    statements = step.get("transaction") or [step["alone"]["sql"]] if "backfill" not in step else []
                    for statement in statements:
                        server.sql("target", statement)
                (folder / f"{name}.json").write_text(json.dumps(plan(
                    steps, shape(arguments, server, "filled", folder), shape(arguments, server, "target", folder))))
                server.sql("filled", "DROP SCHEMA IF EXISTS palladio CASCADE")

            def idle():
                time.sleep(arguments.idle)

            def safe():
                done = palladio(arguments, "run", folder / f"{name}.json", "--db", server.url("live"), "--release", "1")
                if done.returncode:
                    sys.exit(f"{name}: {done.stdout}{done.stderr}")

            def naively():
                server.sql("live", naive)

            for way, work in (("idle", idle), ("safe", safe), ("naive", naively)):
                fresh(server, "live", "filled")
                seen[name][way].append(under_load(arguments, server, "live", work))
                latencies, took, failed = seen[name][way][-1]
                print(f"round {number + 1}, {name}, {way}: {took:.1f} s, {len(latencies)} transactions, "
                      f"p99 {p99(latencies):.1f} ms, longest {max(latencies, default=0):.0f} ms", file=sys.stderr)
    report(seen)


def report(seen):
    print("| case | idle p99 ms | safe p99 ms | ratio | safe longest ms | naive p99 ms | naive longest ms | safe s | naive s | errors |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, ways in seen.items():
        median = lambda way, measure: statistics.median(measure(run) for run in ways[way])
        tail, longest, took = (lambda run: p99(run[0])), (lambda run: max(run[0], default=0)), (lambda run: run[1])
        errors = sum(bool(run[2]) for run in ways["safe"])
        print(f"| {name} | {median('idle', tail):.1f} | {median('safe', tail):.1f} "
              f"| {median('safe', tail) / median('idle', tail):.2f} | {median('safe', longest):.0f} "
              f"| {median('naive', tail):.1f} | {median('naive', longest):.0f} "
              f"| {median('safe', took):.1f} | {median('naive', took):.1f} | {errors} |")


if __name__ == "__main__":
    main()
