use std::collections::BTreeSet;

use model::query::{Distinct, FoundQuery, JoinKind, Source, TargetValue};
use model::{Name, QName, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{plain_tables, repeated, resolve};
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// DISTINCT takes out the copies that a join makes; ask with EXISTS, which makes none.
    ///
    /// The columns hold the key of one table, so its rows are distinct by themselves: they come twice only because another
    /// table matches twice. All matches are made, then sorted or hashed away; `EXISTS` stops at the first.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT DISTINCT u.id, u.email FROM users u JOIN orders o ON o.user_id = u.id;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric);
    /// -- queries
    /// SELECT DISTINCT users.id FROM users, orders WHERE orders.user_id = users.id AND orders.total > 100;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    /// -- queries
    /// SELECT id, email FROM users WHERE EXISTS (SELECT FROM orders WHERE orders.user_id = users.id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// SELECT DISTINCT u.id, o.status FROM users u JOIN orders o ON o.user_id = u.id;
    /// ```
    "Q017", known, Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in repeated(found) {
        if level.distinct != Distinct::All || !level.group_by.is_empty() || !level.from.iter().all(is_inner) {
            continue;
        }
        let Some(sources) = plain_tables(level).filter(|sources| sources.len() > 1) else { continue };
        let Some((table, columns)) = only_table(schema, level) else { continue };
        let keyed = schema.table(&table).is_some_and(|table| {
            table.primary_key().is_some_and(|key| key.columns.iter().all(|name| columns.contains(name)))
        });
        // A table that is joined to itself is told apart by alias, which is too fine for this.
        let once = sources.iter().filter(|source| source.name == table).count() == 1;
        if !keyed || !once {
            continue;
        }
        let others = sources.iter().map(|source| &source.name).filter(|name| **name != table).collect::<BTreeSet<_>>();
        findings
            .here(found.place, format!("the rows of {table} are distinct before they are joined"))
            .span(level.span)
            .words("DISTINCT")
            .why(format!("nothing of {} is returned: EXISTS would ask for it without making copies", listed(others)));
    }
}

fn is_inner(source: &Source) -> bool {
    match source {
        Source::Join(join) => join.kind == JoinKind::Inner && is_inner(&join.left) && is_inner(&join.right),
        _ => true,
    }
}

/// The one table that every column of the SELECT list comes from, with those columns.
fn only_table(schema: &Schema, level: &Query) -> Option<(QName, BTreeSet<Name>)> {
    let mut table: Option<QName> = None;
    let mut columns = BTreeSet::new();
    for target in &level.targets {
        let TargetValue::Expr(expr) = &target.value else { return None };
        let (of, column) = resolve(schema, level, expr)?;
        if *table.get_or_insert_with(|| of.name.clone()) != of.name {
            return None;
        }
        columns.insert(column.name.clone());
    }
    Some((table?, columns))
}
