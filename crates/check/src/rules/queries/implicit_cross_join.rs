use std::collections::BTreeSet;

use model::query::{FoundQuery, Source};
use model::{Expr, Name, Query, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::levels;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// Two tables in FROM have no condition between them, so every row meets every row; join them, or say CROSS JOIN.
    ///
    /// 10,000 rows times 10,000 rows are 100,000,000. It is most often a condition that was forgotten, and DISTINCT hides
    /// it in the result but not in the time.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric);
    /// -- queries
    /// SELECT u.email, o.total FROM users u, orders o WHERE o.total > 100;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric);
    /// -- queries
    /// SELECT u.email, o.total FROM users u, orders o WHERE o.user_id = u.id AND o.total > 100;
    /// ```
    "Q011", Check::Query(check)
}

fn check(found: &FoundQuery, schema: &Schema, findings: &mut Findings<'_>) {
    for level in levels(&found.query) {
        let Some(groups) = groups(schema, level).filter(|groups| groups.len() > 1) else { continue };
        let names = groups.iter().filter_map(|group| group.first());
        findings
            .here(found.place, format!("nothing ties {} together", listed(names)))
            .span(level.span)
            .words("FROM")
            .why("every row of the one meets every row of the other");
    }
}

/// The tables of the FROM list, those that a condition ties together in one group; nothing when it cannot be told.
fn groups(schema: &Schema, level: &Query) -> Option<Vec<Vec<Name>>> {
    let mut groups: Vec<Vec<Name>> = Vec::new();
    for source in &level.from {
        groups.push(aliases(source)?);
    }
    if groups.len() < 2 {
        return None;
    }
    for condition in level.filter.iter().flat_map(|filter| filter.conjuncts()) {
        let mut touched = BTreeSet::new();
        let mut unsure = false;
        condition.walk(&mut |expr| match expr {
            Expr::Column(column) => match column.qualifier.clone().or_else(|| owner(schema, level, &column.name)) {
                Some(alias) => touched.extend(groups.iter().position(|group| group.contains(&alias))),
                None => unsure = true,
            },
            Expr::Subquery(_) | Expr::Text(_) => unsure = true,
            _ => {}
        });
        if unsure {
            return None;
        }
        let mut touched = touched.into_iter();
        let Some(first) = touched.next() else { continue };
        for other in touched.rev() {
            let joined = groups.remove(other);
            groups[first].extend(joined);
        }
    }
    Some(groups)
}

/// The names by which the tables of one FROM item are called. Subqueries and functions may well return one row.
fn aliases(source: &Source) -> Option<Vec<Name>> {
    match source {
        Source::Table(table) if !table.cte => Some(vec![table.alias.clone().unwrap_or(table.name.name.clone())]),
        Source::Join(join) => {
            let mut names = aliases(&join.left)?;
            names.extend(aliases(&join.right)?);
            Some(names)
        }
        _ => None,
    }
}

/// Which table of this level has a column that stands without a qualifier.
fn owner(schema: &Schema, level: &Query, column: &Name) -> Option<Name> {
    let mut owners = Vec::new();
    for source in level.tables() {
        let table = schema.table(&source.name)?;
        if table.column(column).is_some() {
            owners.push(source.alias.clone().unwrap_or(source.name.name.clone()));
        }
    }
    owners.pop().filter(|_| owners.is_empty())
}
