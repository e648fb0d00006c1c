#!/usr/bin/env python3
"""Index advice for a workload of 10,000 fingerprints over 100 tables: seconds, memory and EXPLAINs of one run.

The schema is that of a service with many tenants, made by a die that falls the same way every time. Statistics are made
without data. Queries are what applications send: rows by key, lists of a tenant with filters that come and go, joins up to
parents, counts, writes.

    cargo build --release --locked
    benches/advice_at_scale.py --queries 10000
"""

import argparse
import datetime
import json
import os
import random
import resource
import subprocess
import time

NOUNS = """account address agreement alert answer area article asset audit badge basket batch bill booking branch budget
bundle campaign card carrier category charge cheque city claim client comment company contact contract country coupon
course customer deal debt delivery department device discount dispute document driver email employee event expense export
feature feed file folder goal holiday image import inbox invoice item job journal label lead lease ledger lesson
license link loan location log machine mail meeting member memo message method metric note notice matter offer parcel
partner payment period permit person photo plan price purchase product project quote rate receipt refund region report team""".split()
STATES = ["done", "open", "paid", "sent", "failed", "draft"]
SHARES = [0.8, 0.1, 0.05, 0.03, 0.015, 0.005]
PAGE = 8192


class Table:
    """A table, the parents that it refers to, and its columns with their statistics."""

    def __init__(self, die, name, parents):
        self.name, self.parents = name, parents
        self.rows = int(10 ** die.uniform(3.5, 7.5))
        self.columns, self.stats, self.bytes_of_row = {}, [], 28
        self.add("id", "bigint NOT NULL", 8, -1, 1.0, histogram=self.numbers(self.rows))
        self.add("tenant_id", "int NOT NULL", 4, min(2000, self.rows / 5), 0.1)
        for parent in parents:
            self.add(f"{parent.name}_id", "bigint NOT NULL", 8, min(parent.rows, self.rows / 3), die.uniform(-0.1, 0.3))
        self.add("status", "text NOT NULL", 5, len(STATES), 0.5, common=(STATES, SHARES))
        self.add("kind", "text NOT NULL", 7, die.randint(8, 60), 0.1)
        self.add("name", "text NOT NULL", 18, -die.uniform(0.3, 1), 0.0)
        self.add("amount", "numeric(12,2) NOT NULL", 6, 50000, 0.0, histogram=self.numbers(100000))
        self.add("created_at", "timestamptz NOT NULL", 8, -1, 0.99, histogram=self.days())
        self.add("updated_at", "timestamptz NOT NULL", 8, -0.9, 0.7, histogram=self.days())
        self.add("deleted_at", "timestamptz", 8, -0.02, 0.1, nulls=0.97)
        self.add("active", "boolean NOT NULL", 1, 2, 0.7, common=(["t", "f"], [0.9, 0.1]))
        for number in range(die.randint(0, 6)):
            self.add(f"detail_{number}", "text", die.randint(8, 80), die.choice([200, 5000, -0.5]), 0.0, nulls=0.2)
        self.indexed = [f"{parent.name}_id" for parent in parents if die.random() < 0.5]
        self.popularity = 1 / (1 + die.randrange(100))

    @staticmethod
    def numbers(most):
        return [str(most * step // 100) for step in range(101)]

    @staticmethod
    def days():
        start = datetime.date(2023, 1, 1)
        return [f'"{start + datetime.timedelta(days=10 * step)} 00:00:00+00"' for step in range(101)]

    def add(self, name, sql, width, distinct, correlation, nulls=0.0, common=None, histogram=None):
        self.columns[name] = sql
        self.bytes_of_row += width
        column = {"name": name, "null_frac": nulls, "avg_width": width, "n_distinct": distinct, "correlation": correlation}
        if common:
            column["most_common_vals"] = "{" + ",".join(common[0]) + "}"
            column["most_common_freqs"] = common[1]
        if histogram:
            column["histogram_bounds"] = "{" + ",".join(histogram) + "}"
        self.stats.append(column)

    def schema(self):
        columns = ", ".join(f"{name} {sql}" for name, sql in self.columns.items())
        lines = [f"CREATE TABLE {self.name} ({columns}, CONSTRAINT {self.name}_pkey PRIMARY KEY (id));"]
        lines += [f"CREATE INDEX {self.name}_{column}_idx ON {self.name} ({column});" for column in self.indexed]
        return "\n".join(lines)

    def pages(self):
        return max(1, self.rows * self.bytes_of_row // 8000)

    def statistics(self):
        pages = self.pages()
        return {"name": f"public.{self.name}", "kind": "table", "rows": self.rows, "bytes": pages * PAGE, "dead_rows": 0,
                "pages": pages, "analyzed_pages": pages, "all_visible": pages * 9 // 10, "columns": self.stats}

    def indexes(self):
        for name, bytes_each in [(f"{self.name}_pkey", 20)] + [(f"{self.name}_{one}_idx", 14) for one in self.indexed]:
            pages = max(2, self.rows * bytes_each // 8000)
            yield {"name": f"public.{name}", "table": f"public.{self.name}", "method": "btree", "bytes": pages * PAGE,
                   "scans": 1000, "rows": self.rows, "pages": pages, "analyzed_pages": pages,
                   "height": 1 if pages < 300 else 2}


def filters(die, table, alias, count):
    """Conditions as applications put them together."""
    column = lambda name: f"{alias}.{name}"
    optional = [f"{column('status')} = $?", f"{column('kind')} = $?", f"{column('created_at')} >= $?",
                f"{column('created_at')} BETWEEN $? AND $?", f"{column('deleted_at')} IS NULL", f"{column('active')}",
                f"{column('amount')} > $?", f"{column('status')} = '{die.choice(STATES)}'",
                f"{column('status')} IN ({', '.join(['$?'] * die.randint(2, 5))})", f"{column('name')} = $?",
                f"{column('updated_at')} < $?"]
    optional += [f"{column(parent.name + '_id')} = $?" for parent in table.parents] * 3
    tenant = [f"{column('tenant_id')} = $?"] if die.random() < 0.8 else []
    return tenant + die.sample(optional, min(count, len(optional)))


def wanted(die, table, alias):
    if die.random() < 0.6:
        return f"{alias}.*"
    some = die.sample(list(table.columns), die.randint(1, 4))
    return ", ".join(f"{alias}.{name}" for name in some)


def query(die, table):
    form = die.random()
    where = lambda count: " AND ".join(filters(die, table, "t", count)) or "true"
    if form < 0.1:
        return f"SELECT {wanted(die, table, 't')} FROM {table.name} t WHERE t.id = $?"
    if form < 0.45:
        order = die.choice(["t.created_at DESC", "t.id DESC", "t.updated_at DESC", "t.name", "t.amount DESC, t.id"])
        limit = die.choice([10, 20, 25, 50, 100])
        return (f"SELECT {wanted(die, table, 't')} FROM {table.name} t WHERE {where(die.randint(0, 3))} "
                f"ORDER BY {order} LIMIT {limit}")
    if form < 0.55:
        return f"SELECT count(*) FROM {table.name} t WHERE {where(die.randint(1, 3))}"
    if form < 0.8 and table.parents:
        parent = die.choice(table.parents)
        text = (f"SELECT {wanted(die, table, 't')}, {wanted(die, parent, 'p')} FROM {table.name} t "
                f"JOIN {parent.name} p ON p.id = t.{parent.name}_id WHERE {where(die.randint(0, 2))}")
        text += "".join(f" AND {one}" for one in filters(die, parent, "p", die.randint(0, 1)))
        return text + die.choice(["", " ORDER BY t.created_at DESC LIMIT 20"])
    if form < 0.9:
        group = die.choice(["status", "kind", "tenant_id"])
        return (f"SELECT t.{group}, count(*), sum(t.amount) FROM {table.name} t WHERE {where(die.randint(1, 2))} "
                f"GROUP BY t.{group}")
    if form < 0.95:
        return f"UPDATE {table.name} AS t SET {die.choice(['status', 'kind', 'name'])} = $? WHERE {where(die.randint(1, 2))}"
    if form < 0.97:
        return f"DELETE FROM {table.name} AS t WHERE {where(die.randint(1, 2))}"
    names = die.sample(list(table.columns), die.randint(3, len(table.columns)))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(['$?'] * len(names))})"


def numbered(text):
    parts = text.split("$?")
    return "".join(part + (f"${at + 1}" if at + 1 < len(parts) else "") for at, part in enumerate(parts))


def generate(folder, count, seed):
    die = random.Random(seed)
    tables = []
    for noun in NOUNS[:100]:
        parents = die.sample(tables[-30:], min(len(tables), die.randint(0, 3)))
        tables.append(Table(die, noun, parents))
    found = {}
    while len(found) < count:
        found[numbered(query(die, die.choices(tables, [table.popularity for table in tables])[0]))] = None
    settings = {"random_page_cost": "1.1", "work_mem": "64MB", "effective_cache_size": "8GB"}
    stats = {"version": 1, "server": "15.0", "values": "kept", "page": PAGE,
             "locale": {"encoding": "UTF8", "collate": "C", "ctype": "C"}, "settings": settings,
             "tables": [table.statistics() for table in tables],
             "indexes": [index for table in tables for index in table.indexes()]}
    os.makedirs(folder, exist_ok=True)
    write = lambda name, text: open(os.path.join(folder, name), "w").write(text)
    write("schema.sql", "\n".join(table.schema() for table in tables) + "\n")
    write("queries.sql", "".join(text + ";\n" for text in found))
    write("stats.json", json.dumps(stats, indent=1))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", default="/tmp/palladio-advice-at-scale")
    options.add_argument("--queries", type=int, default=10000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--budget", default="20GB")
    options.add_argument("--palladio", default="target/release/palladio")
    given = options.parse_args()
    generate(given.folder, given.queries, given.seed)
    command = [os.path.abspath(given.palladio), "advise", "schema.sql", "--stats", "stats.json", "--workload",
               "queries.sql", "--budget", given.budget, "--any-version", "--format", "json", "-o", "advice.json"]
    start = time.monotonic()
    code = subprocess.run(command, cwd=given.folder).returncode
    seconds = time.monotonic() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(given.folder, "advice.json")) as file:
        advice = json.load(file)
    cost = advice["cost"]
    print(f"exit {code}: {seconds:.1f} s, {used.ru_maxrss / 1024:.0f} MiB, {advice['explains']} EXPLAINs, "
          f"{len(advice['indexes'])} indexes, {len(advice['problems'])} not planned, "
          f"cost {cost['after'] / cost['before']:.3f}")


if __name__ == "__main__":
    main()
