use std::collections::BTreeSet;

use model::object::{Column, Object, Volatility};
use model::{Change, Edit, Expr, Kind, LockMode, QName, Schema, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;

rule! {
    /// Adding a column whose value differs from row to row rewrites the table under a lock; add it empty, and fill it in batches.
    ///
    /// A constant default is kept in the catalog (since PostgreSQL 11) and costs nothing. A volatile one
    /// (`gen_random_uuid()`, `clock_timestamp()`, `nextval`), an identity, a stored generated column or a domain with
    /// constraints makes PostgreSQL write every row and every index anew while ACCESS EXCLUSIVE keeps everybody out.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (net numeric PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.19) STORED;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN token uuid;
    /// ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();
    /// ```
    "M007", known, fix, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    // However many columns a statement adds, it rewrites the table once.
    let mut rewritten = BTreeSet::new();
    for (change, place) in step.placed_changes() {
        let Change::Create { path, object: Object::Column(column) } = change else { continue };
        let table = path.qname();
        let is_foreign = step.before.table(&table).is_some_and(|table| table.foreign.is_some());
        if path.kind != Kind::Column || is_foreign || !step.table_existed(&table) {
            continue;
        }
        let Some(reason) = rewrite_reason(&step.before, column) else { continue };
        if !rewritten.insert(table.clone()) {
            continue;
        }
        let edits = in_two(findings, step, &table, column);
        findings
            .here(place, format!("{table} is rewritten under a lock"))
            .about(path.clone())
            .words(if column.default.is_some() { "DEFAULT" } else { "GENERATED" })
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(format!("every row gets its {}, and nobody can use {table} meanwhile", column.name))
            .why(reason)
            .locks(&table, LockMode::AccessExclusive)
            .rewrites(&table)
            .sized(&table, Work::Rewrite)
            .unsafe_edit("leave the old rows empty, and give new ones the default", edits);
    }
}

/// The column first, and its default for new rows after; where nothing else is said of it.
fn in_two(findings: &Findings<'_>, step: &Step, table: &QName, column: &Column) -> Vec<Edit> {
    let Some(default) = &column.default else { return Vec::new() };
    let plain =
        *column == Column { default: Some(default.clone()), ..Column::new(column.name.clone(), column.ty.clone()) };
    if !plain || step.changes.len() != 1 || step.conditional || step.how.if_not_exists {
        return Vec::new();
    }
    let name = model::name::quoted(&column.name);
    let text = format!(
        "ALTER TABLE {table} ADD COLUMN {name} {};\nALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {default}",
        column.ty
    );
    vec![findings.rewrite(step.place, &text)]
}

fn rewrite_reason(schema: &Schema, column: &Column) -> Option<String> {
    if column.identity.is_some() {
        return Some("an identity column draws a number for each row".into());
    }
    if column.generated.as_ref().is_some_and(|generated| generated.stored) {
        return Some("a stored generated column is computed for each row".into());
    }
    if let Some(call) = column.default.as_ref().and_then(|default| volatile_call(schema, default)) {
        return Some(format!("{call} is volatile: each row gets a value of its own"));
    }
    let domain = column.ty.user_defined().and_then(|name| schema.domains().find(|domain| domain.name == *name))?;
    let constrained = domain.not_null.is_some() || !domain.checks.is_empty();
    constrained.then(|| format!("the domain {} has constraints to be checked in each row", domain.name))
}

/// Volatile functions that defaults are made of (pg_proc.provolatile = 'v', and those of uuid-ossp and pgcrypto).
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// The first call below that may give each row another value. A function that nobody saw being made counts only when
/// its name is known.
fn volatile_call(schema: &Schema, default: &Expr) -> Option<String> {
    let mut found = None;
    default.walk(&mut |expr| {
        let Expr::Call(call) = expr else { return };
        let mut own = schema.routines().filter(|routine| routine.name == call.function).peekable();
        let volatile = match own.peek() {
            Some(_) => own.any(|routine| routine.volatility == Volatility::Volatile),
            None => VOLATILE.contains(&call.function.name.as_str()),
        };
        if volatile && found.is_none() {
            found = Some(format!("{}()", call.function));
        }
    });
    found
}
