//! A script whose statements know what they need and what they give: one that lacks something is left out.

use std::collections::BTreeSet;

/// A thing by kind and name: `table app.orders`, `column app.orders.total`, `number app.orders.total`.
pub(crate) type Key = String;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) needs: Vec<Key>,
    pub(crate) gives: Vec<Key>,
    /// A table whose columns another one has as well.
    pub(crate) copies: Option<(String, String)>,
}

/// The statements that have what they need, in their order.
pub(crate) fn pruned(statements: Vec<Statement>) -> Vec<Statement> {
    let mut there: BTreeSet<Key> = BTreeSet::new();
    let mut kept = Vec::new();
    for statement in statements {
        if statement.needs.iter().all(|need| there.contains(need)) {
            there.extend(statement.gives.iter().cloned());
            if let Some((from, to)) = &statement.copies {
                let copied = there.iter().filter_map(|key| {
                    let (family, name) = key.split_once(' ')?;
                    let column = name.strip_prefix(from)?.strip_prefix('.')?;
                    Some(format!("{family} {to}.{column}"))
                });
                there.extend(copied.collect::<Vec<_>>());
            }
            kept.push(statement);
        }
    }
    kept
}
