use model::object::{Constraint, ConstraintKind};
use model::{Change, Expr, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;

rule! {
    /// A row may refer to itself as its parent; add a check that forbids it.
    ///
    /// A recursive query over the tree then never ends, and a cascade or a breadcrumb runs in circles. Longer circles need a
    /// trigger; the shortest and most frequent one, a form that saves the wrong id, needs one line.
    ///
    /// ```sql,bad
    /// CREATE TABLE categories (id bigint PRIMARY KEY, parent_id bigint REFERENCES categories);
    /// CREATE INDEX ON categories (parent_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE categories (
    ///     id bigint PRIMARY KEY,
    ///     parent_id bigint REFERENCES categories CHECK (parent_id <> id)
    /// );
    /// CREATE INDEX ON categories (parent_id);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, invited_by bigint REFERENCES users);
    /// CREATE INDEX ON users (invited_by);
    /// ```
    "K013", note, fix, Check::Schema(check)
}

/// What makes a tree of a reference to the own table.
const PARENTS: &[&str] = &["parent", "supervisor", "manager", "ancestor"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema).filter(|(table, _)| table.partition_of.is_none()) {
        let Some(key) = constraint.as_foreign_key().filter(|key| key.table == table.name) else { continue };
        let Some((column, target)) = key.columns.iter().zip(&key.targets).find(|(column, target)| column != target)
        else {
            continue;
        };
        let words = crate::subject::words_of(column);
        let is_tree = words.iter().any(|word| PARENTS.contains(&word.as_str()));
        // A check that names the parent may forbid it in another way: by the kinds of both rows.
        let guarded = |expr: &Expr| expr.columns().contains(&column);
        if !is_tree || table.checks().any(|(_, expr)| guarded(expr)) {
            continue;
        }
        let differs = Expr::binary("<>", Expr::column(column.clone()), Expr::column(target.clone()));
        let check = Constraint::new(Name::default(), ConstraintKind::Check(differs));
        findings
            .at(&Path::column(&table.name, column.clone()), format!("a row of {} may be its own parent", table.name))
            .why("a recursive query over the tree then never ends")
            .unsafe_fix(
                format!("check that {column} is not {target}"),
                vec![Change::add_constraint(&table.name, check)],
            );
    }
}
