use model::object::{Constraint, Index, ReplicaIdentity};
use model::served::is_own;
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::comma;

rule! {
    /// An index repeats the one behind a primary key or unique constraint; drop it.
    ///
    /// A PRIMARY KEY and a UNIQUE constraint each own an index over their columns, which answers every query by those
    /// columns or the first of them. The second index is written at every INSERT for nothing.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// CREATE INDEX users_email ON users (email);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);
    /// CREATE INDEX users_email ON users (lower(email));
    /// ```
    "I003", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for index in table.indexes.iter().filter(|index| repeats_nothing_else(index)) {
            let leans = table.replica_identity == ReplicaIdentity::Index(index.name.clone());
            let Some(key) = table.constraints.iter().find(|constraint| !leans && covers(constraint, index)) else {
                continue;
            };
            // The server would drop the foreign key with it.
            if findings.activity().is_some_and(|activity| activity.is_referred_to(&table.name, &index.name)) {
                continue;
            }
            let path = Path::index(&table.name, index.name.clone());
            let columns = comma(&key.as_key().expect("covers only looks at keys").columns);
            let draft = findings
                .at(&path, format!("{} repeats the index of {}", index.name, key.name))
                .why(format!("{} owns an index on ({columns})", key.name));
            let title = format!("drop {}", index.name);
            let drop = vec![Change::drop(path)];
            // A foreign key may have chosen a unique index to lean on.
            if index.unique {
                draft.unsafe_fix(title, drop)
            } else {
                draft.fix(title, drop)
            };
        }
    }
}

/// A plain ascending B-tree over columns as they are.
fn repeats_nothing_else(index: &Index) -> bool {
    let plain = index.keys.iter().all(|key| {
        let ascending = !key.descending && !key.nulls_first;
        ascending && key.collation.is_none() && key.opclass.is_none() && key.expr.as_column().is_some()
    });
    plain && index.method == "btree" && index.predicate.is_none() && is_own(index) && !index.clustered
}

/// The columns of the index are the first of the key; for a unique index, all of them.
fn covers(constraint: &Constraint, index: &Index) -> bool {
    let Some(key) = constraint.as_key().filter(|key| !key.without_overlaps) else { return false };
    let columns: Vec<_> = index.key_columns().into_iter().flatten().collect();
    let starts = columns.len() <= key.columns.len() && columns.iter().zip(&key.columns).all(|(a, b)| *a == b);
    let whole = !index.unique || columns.len() == key.columns.len();
    starts && whole && index.include.iter().all(|column| key.include.contains(column) || key.columns.contains(column))
}
