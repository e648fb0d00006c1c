use model::object::{Column, Constraint, ConstraintKind, Table};
use model::{Change, Expr, Name, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::At;

rule! {
    /// A range may end before it begins; add a check.
    ///
    /// Such a row covers no moment: no query for “now” finds it, durations become negative, and a calendar that draws it may
    /// never return. It comes from a form with two fields in the wrong order, or from two services that update one each.
    ///
    /// ```sql,bad
    /// CREATE TABLE bookings (id bigint PRIMARY KEY, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE offers (id bigint PRIMARY KEY, min_price numeric, max_price numeric);
    /// ```
    /// ```sql,good
    /// CREATE TABLE bookings (
    ///     id bigint PRIMARY KEY,
    ///     starts_at timestamptz NOT NULL,
    ///     ends_at timestamptz NOT NULL,
    ///     CHECK (starts_at < ends_at)
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE runs (id bigint PRIMARY KEY, started_at timestamptz, finished_at timestamptz, start_page integer, end_note text);
    /// ```
    "K018", note, fix, Check::Schema(check)
}

/// Words that begin and end a range that somebody chose. What the clock writes (`started_at`, `finished_at`) is in order
/// by itself.
const PAIRS: &[(&str, &str)] = &[
    ("valid_from", "valid_to"),
    ("valid_from", "valid_until"),
    ("effective_from", "effective_to"),
    ("effective_from", "effective_until"),
    ("starts_at", "ends_at"),
    ("starts_on", "ends_on"),
    ("start_at", "end_at"),
    ("start_date", "end_date"),
    ("period_start", "period_end"),
    ("range_start", "range_end"),
];

fn check(_: &Schema, findings: &mut Findings<'_>) {
    // A schema has many columns and few names: each is asked about once.
    for At { table, column, .. } in findings.sight().columns_spelled(|spelling| may_begin_a_range(spelling.name)) {
        let Some(end) = end_of(table, column) else { continue };
        let both = |expr: &Expr| expr.columns().contains(&&column.name) && expr.columns().contains(&&end.name);
        let excluded = |constraint: &Constraint| {
            matches!(constraint.kind, ConstraintKind::Exclude(_)) && constraint.columns().contains(&column.name)
        };
        if table.checks().any(|(_, expr)| both(expr)) || table.constraints.iter().any(excluded) {
            continue;
        }
        let order = Expr::binary("<=", Expr::column(column.name.clone()), Expr::column(end.name.clone()));
        let constraint = Constraint::new(Name::default(), ConstraintKind::Check(order));
        findings
            .at(&Path::column(&table.name, end.name.clone()), format!("{} may lie before {}", end.name, column.name))
            .why(format!("such a row of {} covers no moment and no value", table.name))
            .unsafe_fix("check their order", vec![Change::add_constraint(&table.name, constraint)]);
    }
}

fn may_begin_a_range(name: &str) -> bool {
    PAIRS.iter().any(|(start, _)| name.ends_with(start)) || name.starts_with("min_") || name.ends_with("_min")
}

fn end_of<'a>(table: &'a Table, column: &Column) -> Option<&'a Column> {
    let ordered = |ty: &Type| {
        ty.is_integer()
            || matches!(ty, Type::Numeric(_) | Type::Real | Type::Double | Type::Date | Type::Timestamp { .. })
    };
    let names =
        PAIRS.iter().filter_map(|(start, end)| column.name.strip_suffix(start).map(|stem| format!("{stem}{end}")));
    let bounds = column.name.strip_prefix("min_").map(|rest| format!("max_{rest}"));
    let bounds = bounds.into_iter().chain(column.name.strip_suffix("_min").map(|rest| format!("{rest}_max")));
    let end = names.chain(bounds).find_map(|name| table.column(&name))?;
    (ordered(&column.ty) && end.ty == column.ty).then_some(end)
}
