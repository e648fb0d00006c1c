use model::query::{FoundQuery, QueryKind};
use model::{Expr, Name, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::{levels, name_in_query, plain_tables};
use crate::rule::Check;

rule! {
    /// UPDATE … FROM or DELETE … USING names another table, and nothing ties the two together; write the join into WHERE.
    ///
    /// Every row of the target meets every row of the other table: all rows change, each by any one of them, or all are
    /// deleted as soon as the other table has one row that fits.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    /// CREATE TABLE payments (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// UPDATE users SET plan = 'free' FROM payments WHERE payments.status = 'failed';
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    /// CREATE TABLE payments (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// DELETE FROM users u USING payments p WHERE p.status = 'failed' AND u.plan = 'free';
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    /// CREATE TABLE payments (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// UPDATE users SET plan = 'free' FROM payments WHERE payments.user_id = users.id AND payments.status = 'failed';
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, plan text);
    /// CREATE TABLE payments (id bigint PRIMARY KEY, user_id bigint, status text);
    /// -- queries
    /// UPDATE users SET plan = 'free' FROM payments WHERE user_id = users.id;
    /// ```
    "Q031", Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        let words = match level.kind {
            QueryKind::Update => "FROM",
            QueryKind::Delete => "USING",
            _ => continue,
        };
        let Some(write) = &level.write else { continue };
        let Some(sources) = plain_tables(level).filter(|sources| !sources.is_empty()) else { continue };
        let target = write.alias.as_ref().unwrap_or(&write.table.name);
        let others: Vec<&Name> = sources.iter().map(|source| name_in_query(source)).collect();
        if ties(schema, level, target, &others) != Some(false) {
            continue;
        }
        findings
            .here(found.place, format!("nothing ties {target} to {}", crate::words::listed(&others)))
            .span(level.span)
            .words(words)
            .why("every row of the one meets every row of the other");
    }
}

/// Whether a condition speaks of both sides; nothing when it cannot be told.
fn ties(schema: &Schema, level: &Query, target: &Name, others: &[&Name]) -> Option<bool> {
    let write = level.write.as_ref()?;
    let columns_of = |table: &model::QName| schema.table(table);
    let own = columns_of(&write.table)?;
    for condition in level.filter.iter().flat_map(|filter| filter.conjuncts()) {
        let (mut of_target, mut of_others, mut unsure) = (false, false, false);
        condition.walk(&mut |part| match part {
            Expr::Column(column) => match &column.qualifier {
                Some(qualifier) => {
                    of_target |= qualifier == target;
                    of_others |= others.contains(&qualifier);
                }
                None => {
                    let mut elsewhere = false;
                    for source in level.tables() {
                        match columns_of(&source.name) {
                            Some(table) => elsewhere |= table.column(&column.name).is_some(),
                            None => unsure = true,
                        }
                    }
                    of_target |= own.column(&column.name).is_some() && !elsewhere;
                    of_others |= elsewhere;
                }
            },
            Expr::Subquery(_) | Expr::Text(_) => unsure = true,
            _ => {}
        });
        if unsure {
            return None;
        }
        if of_target && of_others {
            return Some(true);
        }
    }
    Some(false)
}
