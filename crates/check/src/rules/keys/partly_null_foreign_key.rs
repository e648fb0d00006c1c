use model::object::{Constraint, ConstraintKind, ForeignKey};
use model::{Change, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;
use crate::words::comma;

rule! {
    /// A foreign key over several columns checks nothing when one of them is NULL; say `MATCH FULL`.
    ///
    /// `(7, NULL)` is taken whatever 7 is: with one NULL the pair counts as no reference at all. `MATCH FULL` wants all of them or
    /// none. Where all columns but one are NOT NULL, the one decides, and that is mostly what is meant.
    ///
    /// ```sql,bad
    /// CREATE TABLE places (country text, city text, PRIMARY KEY (country, city));
    /// CREATE TABLE visits (
    ///     id bigint PRIMARY KEY,
    ///     country text,
    ///     city text,
    ///     FOREIGN KEY (country, city) REFERENCES places
    /// );
    /// CREATE INDEX ON visits (country, city);
    /// ```
    /// ```sql,good
    /// CREATE TABLE places (country text, city text, PRIMARY KEY (country, city));
    /// CREATE TABLE visits (
    ///     id bigint PRIMARY KEY,
    ///     country text,
    ///     city text,
    ///     FOREIGN KEY (country, city) REFERENCES places MATCH FULL
    /// );
    /// CREATE INDEX ON visits (country, city);
    /// ```
    /// ```sql,good
    /// CREATE TABLE places (country text, city text, PRIMARY KEY (country, city));
    /// CREATE TABLE visits (
    ///     id bigint PRIMARY KEY,
    ///     country text NOT NULL,
    ///     city text,
    ///     FOREIGN KEY (country, city) REFERENCES places
    /// );
    /// CREATE INDEX ON visits (country, city);
    /// ```
    "K026", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for (table, constraint) in own_constraints(schema).filter(|(table, _)| table.partition_of.is_none()) {
        let Some(key) = constraint.as_foreign_key().filter(|key| !key.match_full && !key.period) else { continue };
        let nullable = |name: &&Name| table.column(name).is_some_and(|column| column.is_nullable());
        let in_key = |name: &Name| table.primary_key().is_some_and(|key| key.columns.contains(name));
        let nullable: Vec<&Name> = key.columns.iter().filter(nullable).filter(|name| !in_key(name)).collect();
        let together = |expr: &model::Expr| nullable.iter().all(|name| expr.columns().contains(name));
        if nullable.len() < 2 || table.checks().any(|(_, expr)| together(expr)) {
            continue;
        }
        let path = Path::constraint(&table.name, constraint.name.clone());
        let draft = findings
            .at(&path, format!("nothing is checked where one of {} is NULL", comma(&nullable)))
            .why(format!("a row with half a key is taken, though {} has no such row", key.table));
        if nullable.len() == key.columns.len() {
            let full = ConstraintKind::ForeignKey(ForeignKey { match_full: true, ..key.clone() });
            let full = Constraint { kind: full, ..constraint.clone() };
            draft.unsafe_fix(
                "want all of them or none",
                vec![Change::drop(path), Change::add_constraint(&table.name, full)],
            );
        }
    }
}
