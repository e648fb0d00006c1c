#!/usr/bin/env python3
"""Index advice on TPC-H or TPC-DS: `palladio advise` beside Extend, the best heuristic that was measured, in one run.

Extend (Schlosser, Kossmann, Boissier, ICDE 2019) is written here from its paper and asks hypopg for costs and sizes.
Both get the same budgets; then every set is built for real, and the queries are planned on it.

    pip install tpchgen-cli==4.0.0 duckdb==0.10.3 psycopg2-binary
    apt-get install postgresql-15 postgresql-15-hypopg
    cargo build --release --locked
    benches/index_advice.py --scale 1
    benches/index_advice.py --data tpcds --scale 0.1 --budgets 25

Needs root or a user that may run a server; the data stay in --folder for the next run.
"""

import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

TABLES = """
nation(n_nationkey integer, n_name char(25), n_regionkey integer, n_comment varchar(152))
region(r_regionkey integer, r_name char(25), r_comment varchar(152))
part(p_partkey integer, p_name varchar(55), p_mfgr char(25), p_brand char(10), p_type varchar(25), p_size integer,
     p_container char(10), p_retailprice decimal(15,2), p_comment varchar(23))
supplier(s_suppkey integer, s_name char(25), s_address varchar(40), s_nationkey integer, s_phone char(15),
     s_acctbal decimal(15,2), s_comment varchar(101))
partsupp(ps_partkey integer, ps_suppkey integer, ps_availqty integer, ps_supplycost decimal(15,2),
     ps_comment varchar(199))
customer(c_custkey integer, c_name varchar(25), c_address varchar(40), c_nationkey integer, c_phone char(15),
     c_acctbal decimal(15,2), c_mktsegment char(10), c_comment varchar(117))
orders(o_orderkey integer, o_custkey integer, o_orderstatus char(1), o_totalprice decimal(15,2), o_orderdate date,
     o_orderpriority char(15), o_clerk char(15), o_shippriority integer, o_comment varchar(79))
lineitem(l_orderkey integer, l_partkey integer, l_suppkey integer, l_linenumber integer, l_quantity decimal(15,2),
     l_extendedprice decimal(15,2), l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag char(1),
     l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct char(25),
     l_shipmode char(10), l_comment varchar(44))
"""
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 512MB
work_mem = 64MB
maintenance_work_mem = 512MB
random_page_cost = 1.1
effective_cache_size = 4GB
max_parallel_workers_per_gather = 0
jit = off
max_wal_size = 8GB
autovacuum = off
listen_addresses = ''
"""
# Without an index these three take hours to plan around: every published table leaves them out.
LEFT_OUT = {2, 17, 20}
MB = 1024 * 1024


def tables():
    """Name and definition of each table; every column is NOT NULL."""
    for name, columns in re.findall(r"^(\w+)\((.*?)\)$", TABLES, re.S | re.M):
        parts = re.split(r",\s*(?![0-9])", columns.strip())
        yield name, ", ".join(part.strip() + " NOT NULL" for part in parts)


class Server:
    """A PostgreSQL of its own in a folder, with the data in it."""

    def __init__(self, folder, kind, scale, binaries):
        self.folder, self.kind, self.binaries = os.path.abspath(folder), kind, binaries
        self.data, self.socket = os.path.join(self.folder, "data"), os.path.join(self.folder, "socket")
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        fresh = not os.path.exists(os.path.join(self.folder, "loaded"))
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
            for path in (self.folder, self.data, self.socket):
                os.makedirs(path)
                if self.as_user:
                    shutil.chown(path, "postgres")
            self.run("initdb", "-D", self.data, "-U", "postgres", "--locale=C.UTF-8", "-A", "trust")
            with open(os.path.join(self.data, "postgresql.conf"), "a") as file:
                file.write(SETTINGS + f"unix_socket_directories = '{self.socket}'\n")
        self.run("pg_ctl", "-w", "-D", self.data, "-l", os.path.join(self.socket, "log"), "start")
        if fresh:
            self.load(scale)
        self.url = f"postgres://postgres@/{kind}?host={self.socket}"

    def run(self, program, *arguments):
        command = self.as_user + [os.path.join(self.binaries, program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def connect(self, database):
        import psycopg2
        connection = psycopg2.connect(host=self.socket, user="postgres", dbname=database)
        connection.autocommit = True
        return connection

    def load(self, scale):
        rows = os.path.join(self.folder, "rows")
        self.connect("postgres").cursor().execute(f"CREATE DATABASE {self.kind}")
        cursor = self.connect(self.kind).cursor()
        made = tpch(rows, scale) if self.kind == "tpch" else tpcds(rows, scale)
        for name, columns in made:
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            with open(os.path.join(rows, name + ".csv")) as file:
                cursor.copy_expert(f"COPY {name} FROM STDIN (FORMAT csv, HEADER)", file)
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CREATE EXTENSION hypopg")
        shutil.rmtree(rows)
        open(os.path.join(self.folder, "loaded"), "w").close()

    def stop(self):
        self.run("pg_ctl", "-w", "-m", "fast", "-D", self.data, "stop")


def tpch(rows, scale):
    """Makes the rows, and answers with the tables."""
    subprocess.run(["tpchgen-cli", "csv", "-s", str(scale), "--output-dir", rows], check=True, stdout=subprocess.DEVNULL)
    return list(tables())


def tpcds(rows, scale):
    import duckdb
    os.makedirs(rows)
    database = duckdb.connect()
    database.execute("LOAD tpcds")
    database.execute(f"CALL dsdgen(sf = {scale})")
    types = {"VARCHAR": "text", "INTEGER": "integer", "BIGINT": "bigint"}
    made = []
    for name, in database.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
        columns = database.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
                                   [name]).fetchall()
        made.append((name, ", ".join(f"{column} {types.get(kind, kind)}" for column, kind in columns)))
        database.execute(f"COPY {name} TO '{rows}/{name}.csv' (HEADER)")
    return made


def queries(server, folder):
    """The queries as DuckDB carries them, each in a file, without those that are left out and those that PostgreSQL does
    not understand."""
    import duckdb
    import psycopg2
    os.makedirs(folder, exist_ok=True)
    database = duckdb.connect()
    database.execute(f"LOAD {server.kind}")
    cursor = server.connect(server.kind).cursor()
    found = {}
    for number, text in database.execute(f"SELECT query_nr, query FROM {server.kind}_queries()").fetchall():
        try:
            cursor.execute("EXPLAIN " + text)
        except psycopg2.Error as refused:
            print(f"query {number} is left out: {str(refused).splitlines()[0]}")
            continue
        if server.kind != "tpch" or number not in LEFT_OUT:
            found[f"q{number:02}"] = text.strip().rstrip(";")
            with open(os.path.join(folder, f"q{number:02}.sql"), "w") as file:
                file.write(text)
    return found


def cost(cursor, query):
    cursor.execute("EXPLAIN (FORMAT JSON) " + query)
    return cursor.fetchone()[0][0]["Plan"]["Total Cost"]


class Extend:
    """Begins with nothing; each round takes the new one-column index, or the extension of a chosen one by a column,
    that gains most for its size. As far as the budget goes, with two columns at most."""

    def __init__(self, cursor, found, width=2):
        self.cursor, self.queries, self.width = cursor, found, width
        self.explains, self.known, self.sizes = 0, {}, {}
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
                       "AND table_name NOT LIKE 'hypopg%'")
        self.columns = {column: table for table, column in cursor.fetchall()}
        self.mentions = {name: {word for word in re.findall(r"\w+", text) if word in self.columns}
                         for name, text in found.items()}

    def size(self, index):
        if index not in self.sizes:
            self.cursor.execute("SELECT hypopg_reset()")
            self.cursor.execute("SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index(%s)", [self.sql(index)])
            self.sizes[index] = self.cursor.fetchone()[0]
        return self.sizes[index]

    def sql(self, index):
        return f"CREATE INDEX ON {self.columns[index[0]]} ({', '.join(index)})"

    def total(self, indexes):
        whole = 0
        for name, query in self.queries.items():
            relevant = frozenset(index for index in indexes if self.mentions[name].intersection(index))
            if (name, relevant) not in self.known:
                self.cursor.execute("SELECT hypopg_reset()")
                for index in sorted(relevant):
                    self.cursor.execute("SELECT hypopg_create_index(%s)", [self.sql(index)])
                self.explains += 1
                self.known[name, relevant] = cost(self.cursor, query)
            whole += self.known[name, relevant]
        return whole

    def choose(self, budget):
        chosen, now = [], self.total([])
        singles = sorted({(column,) for columns in self.mentions.values() for column in columns})
        while True:
            best = None
            taken = sum(self.size(index) for index in chosen)
            moves = [(None, single) for single in singles if single not in chosen]
            for old in chosen:
                if len(old) < self.width:
                    table = self.columns[old[0]]
                    moves += [(old, old + single) for single in singles
                              if self.columns[single[0]] == table and single[0] not in old and old + single not in chosen]
            for old, new in moves:
                size = self.size(new) - (self.size(old) if old else 0)
                if taken + size > budget:
                    continue
                trial = [index for index in chosen if index != old] + [new]
                then = self.total(trial)
                ratio = (now - then) / max(size, 1)
                if then < now and (best is None or ratio > best[0]):
                    best = (ratio, trial, then)
            if best is None:
                return chosen, now
            _, chosen, now = best


def built(server, statements, found):
    """Bytes and cost of a set that was built for real, and each index with its bytes; it is gone again afterwards."""
    cursor = server.connect(server.kind).cursor()
    forget(cursor)
    sizes = []
    for number, statement in enumerate(statements):
        name = f"bench_{number}"
        statement = re.sub(r"INDEX (CONCURRENTLY )?(\w+ )?ON", f"INDEX {name} ON", statement.rstrip(";"))
        cursor.execute(statement)
        cursor.execute("SELECT pg_relation_size(%s)", [name])
        sizes.append(cursor.fetchone()[0])
    whole = sum(cost(cursor, query) for query in found.values())
    forget(cursor)
    return sizes, whole


def forget(cursor):
    """Drops what was built, also by a run that ended badly."""
    cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid::regclass::text LIKE 'bench_%'")
    for name, in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palladio", default="target/release/palladio")
    parser.add_argument("--folder", default="")
    parser.add_argument("--data", choices=["tpch", "tpcds"], default="tpch")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--budgets", default="100,250,500,1000")
    parser.add_argument("--binaries", default="/usr/lib/postgresql/15/bin")
    options = parser.parse_args()
    options.folder = options.folder or f"/var/tmp/palladio-{options.data}-{options.scale:g}"
    server = Server(options.folder, options.data, options.scale, options.binaries)
    try:
        found = queries(server, os.path.join(options.folder, "queries"))
        cursor = server.connect(server.kind).cursor()
        forget(cursor)
        before = sum(cost(cursor, query) for query in found.values())
        print(f"{len(found)} queries, cost {before:,.0f}\n")
        print("| budget MB | who | seconds | EXPLAINs | indexes | said: MB, relative cost | built: MB, relative cost, cost |")
        print("|---|---|---|---|---|---|---|")
        near = []
        for budget in [float(word) for word in options.budgets.split(",")]:
            start = time.time()
            command = [options.palladio, "advise", "--db", server.url, "--workload",
                       os.path.join(options.folder, "queries"), "--budget", f"{budget:.0f}MB", "--format", "json", "--isolated"]
            run = subprocess.run(command, capture_output=True, text=True)
            seconds = time.time() - start
            if run.returncode not in (0, 1):
                sys.exit(run.stderr)
            advice = json.loads(run.stdout)
            statements = [index["sql"] for index in advice["indexes"]]
            sizes, real = built(server, statements, found)
            near += [(index["bytes"], size, index["sql"]) for index, size in zip(advice["indexes"], sizes)]
            said = sum(index["bytes"] for index in advice["indexes"])
            line(budget, "palladio", seconds, advice["explains"], statements, said,
                 advice["cost"]["after"] / advice["cost"]["before"], sizes, real, before)

            extend = Extend(server.connect(server.kind).cursor(), found)
            start = time.time()
            chosen, now = extend.choose(budget * MB)
            seconds = time.time() - start
            said = sum(extend.size(index) for index in chosen)
            statements = [extend.sql(index) for index in chosen]
            sizes, real = built(server, statements, found)
            line(budget, "Extend, hypopg", seconds, extend.explains, statements, said, now / before, sizes, real, before)
        large = [(said / size, statement) for said, size, statement in near if size >= MB]
        good = [ratio for ratio, _ in large if 0.85 <= ratio <= 1.15]
        print(f"\nsizes: {len(good)} of {len(large)} indexes of 1 MB or more within 15 %")
        for ratio, statement in sorted(set(large)):
            if not 0.85 <= ratio <= 1.15:
                print(f"  {ratio:.2f} {statement}")
    finally:
        server.stop()


def line(budget, who, seconds, explains, statements, said, relative, sizes, real, before):
    print(f"| {budget:.0f} | {who} | {seconds:.2f} | {explains} | {len(statements)} | {said / MB:.0f}, {relative:.3f} | "
          f"{sum(sizes) / MB:.0f}, {real / before:.3f}, {real:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
