use std::collections::BTreeMap;

use model::object::Index;
use model::query::{FoundQuery, Origin};
use model::{Change, Expr, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{expressions, levels, unqualified};
use crate::rule::Check;
use crate::words::counted;

rule! {
    /// An index is built on an expression that no query of this project writes; correct one of the two, or drop the index.
    ///
    /// The planner uses such an index only where the same expression stands in the query, letter for letter after parsing:
    /// an index on `lower(email)` does nothing for `email = lower($1)`.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE INDEX users_email ON users (lower(email));
    /// -- queries
    /// SELECT id FROM users WHERE email = lower($1);
    /// SELECT email FROM users WHERE id = $1;
    /// UPDATE users SET email = $2 WHERE id = $1;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE events (id bigint PRIMARY KEY, payload jsonb);
    /// CREATE INDEX events_kind ON events ((payload ->> 'kind'));
    /// -- queries
    /// SELECT id FROM events WHERE payload ->> 'type' = $1;
    /// SELECT payload FROM events WHERE id = $1;
    /// DELETE FROM events WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE INDEX users_email ON users (lower(email));
    /// -- queries
    /// SELECT id FROM users u WHERE lower(u.email) = lower($1);
    /// SELECT email FROM users WHERE id = $1;
    /// UPDATE users SET email = $2 WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE UNIQUE INDEX users_email ON users (lower(email));
    /// -- queries
    /// SELECT id FROM users WHERE email = $1;
    /// SELECT email FROM users WHERE id = $1;
    /// UPDATE users SET email = $2 WHERE id = $1;
    /// ```
    "I011", note, fix, Check::Schema(check)
}

/// With fewer queries on the table, the rest of them may stand elsewhere.
const ENOUGH: usize = 3;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let is_expression = |index: &&Index| {
        !index.unique && !index.inherited && index.keys.first().is_some_and(|key| key.expr.as_column().is_none())
    };
    let indexed: Vec<_> = schema
        .tables()
        .flat_map(|table| table.indexes.iter().filter(is_expression).map(move |index| (table, index)))
        .collect();
    if indexed.is_empty() {
        return;
    }
    let asked = by_table(findings.queries());
    for (table, index) in indexed {
        let Some(queries) = asked.get(&table.name).filter(|queries| queries.len() >= ENOUGH) else { continue };
        let Some(key) = index.keys.first().map(|key| unqualified(&key.expr)) else { continue };
        let opaque = matches!(key, Expr::Text(_));
        if opaque || queries.iter().any(|found| writes(found, &key)) {
            continue;
        }
        let path = Path::index(&table.name, index.name.clone());
        findings
            .at(&path, format!("no query asks for {key}"))
            .why(format!("{} of this project read {}", counted(queries.len(), "query", "queries"), table.name))
            .unsafe_fix(format!("drop {}", index.name), vec![Change::drop(path)]);
    }
}

/// The queries of the application and of routines and views, by the tables that they name.
fn by_table(queries: &[FoundQuery]) -> BTreeMap<&QName, Vec<&FoundQuery>> {
    let mut by_table: BTreeMap<&QName, Vec<&FoundQuery>> = BTreeMap::new();
    for found in queries.iter().filter(|found| found.origin != Origin::Migration) {
        let all = levels(&found.query);
        let read = all.iter().flat_map(|level| level.tables()).map(|source| &source.name);
        let written = all.iter().filter_map(|level| level.write.as_ref()).map(|write| &write.table);
        let mut tables: Vec<&QName> = read.chain(written).collect();
        tables.sort();
        tables.dedup();
        tables.into_iter().for_each(|table| by_table.entry(table).or_default().push(found));
    }
    by_table
}

/// The expression stands somewhere in the query, or something in it was not understood.
fn writes(found: &FoundQuery, key: &Expr) -> bool {
    levels(&found.query).into_iter().any(|level| {
        expressions(level).into_iter().any(|expr| matches!(expr, Expr::Text(_)) || unqualified(expr) == *key)
    })
}
