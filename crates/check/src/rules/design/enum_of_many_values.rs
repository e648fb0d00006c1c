use model::object::ConstraintKind;
use model::{Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_constraints;
use crate::words::counted;
use model::Expr;

rule! {
    /// A list of very many values stands in the schema; put them into a table.
    ///
    /// Each new value is a migration, a value of an enum can never be taken away, and nothing more can be said about one: no
    /// label, no order, no “not for new rows”. A table with a foreign key does all three with an INSERT.
    ///
    /// ```sql,bad
    /// CREATE TYPE action AS ENUM (
    ///     'a01', 'a02', 'a03', 'a04', 'a05', 'a06', 'a07', 'a08', 'a09', 'a10', 'a11', 'a12', 'a13', 'a14', 'a15', 'a16',
    ///     'a17', 'a18', 'a19', 'a20', 'a21', 'a22', 'a23', 'a24', 'a25', 'a26', 'a27', 'a28', 'a29', 'a30', 'a31', 'a32'
    /// );
    /// CREATE TABLE log (id bigint PRIMARY KEY, action action NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TYPE weekday AS ENUM ('mo', 'tu', 'we', 'th', 'fr', 'sa', 'su');
    /// CREATE TABLE shifts (id bigint PRIMARY KEY, day weekday NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL CHECK (status IN ('new', 'paid', 'sent')));
    /// ```
    "D014", note, Check::Schema(check)
}

const MOST: usize = 30;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for ty in schema.enums().filter(|ty| ty.values.len() > MOST) {
        findings
            .at(
                &Path::object(Kind::Enum, &ty.name),
                format!("{} has {}", ty.name, counted(ty.values.len(), "value", "values")),
            )
            .why("each new one is a migration, and none can be taken away");
    }
    for (table, constraint) in own_constraints(schema) {
        let ConstraintKind::Check(expr) = &constraint.kind else { continue };
        let length = match expr {
            Expr::In { list, negated: false, .. } => list.len(),
            Expr::Quantified { right, all: false, .. } => match right.without_casts() {
                Expr::Array(items) => items.len(),
                _ => continue,
            },
            _ => continue,
        };
        if length > MOST {
            findings
                .at(
                    &Path::constraint(&table.name, constraint.name.clone()),
                    format!("{} lists {}", constraint.name, counted(length, "value", "values")),
                )
                .why("each new one drops the check and scans the table for the next");
        }
    }
}
