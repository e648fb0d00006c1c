use std::collections::BTreeSet;

use model::object::Column;
use model::step::Action;
use model::stored::{self, at_least, behind_domains};
use model::{Aspect, Change, Expr, Kind, LockMode, Migration, Sql, Step, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size;

rule! {
    /// Changing a column's type rewrites the table while nobody may touch it; add a new column and move over to it.
    ///
    /// Every row and every index is written anew under ACCESS EXCLUSIVE: even SELECT waits. Some changes keep the stored
    /// form and are instant: a longer or unlimited `varchar`, `varchar` to `text`, a `numeric` with more digits and the same
    /// scale, a finer `timestamp` or `interval`, `cidr` to `inet`.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, quantity integer);
    /// -- next migration
    /// ALTER TABLE orders ALTER COLUMN quantity TYPE bigint;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email varchar(255));
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN email TYPE varchar(100);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email varchar(100), code numeric(8,2));
    /// -- next migration
    /// ALTER TABLE users ALTER COLUMN email TYPE varchar(255), ALTER COLUMN code TYPE numeric(12,2);
    /// ALTER TABLE users ALTER COLUMN email TYPE text;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, seen timestamp);
    /// -- next migration
    /// SET timezone = 'UTC';
    /// ALTER TABLE users ALTER COLUMN seen TYPE timestamptz;
    /// ```
    ///
    /// **How to fix.** Add a column of the new type, keep both in step by a trigger, fill the old rows in batches, let the
    /// code use the new column, and drop the old one.
    "M015", known, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in migrations.iter().filter(|migration| !migration.down) {
        let mut in_utc = false;
        for step in &migration.steps {
            in_utc = sets_zone(step).unwrap_or(in_utc);
            check_step(step, in_utc, findings);
        }
    }
}

/// Whether the statement sets the zone of the session, to UTC or to another.
fn sets_zone(step: &Step) -> Option<bool> {
    let Action::Set { name, value, .. } = &step.action else { return None };
    let is_utc = |value: &Sql| {
        let zone = value.to_string().trim_matches('\'').to_uppercase();
        matches!(zone.as_str(), "UTC" | "ETC/UTC" | "GMT" | "ETC/GMT" | "ZULU" | "UCT")
    };
    let is_zone = name.eq_ignore_ascii_case("timezone") || name.eq_ignore_ascii_case("time zone");
    is_zone.then(|| value.as_ref().is_some_and(is_utc))
}

fn check_step(step: &Step, in_utc: bool, findings: &mut Findings<'_>) {
    let mut rewritten = BTreeSet::new();
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect: Aspect::Type { ty, collation } } = change else { continue };
        let table = path.qname();
        if path.kind != Kind::Column || !step.table_existed(&table) {
            continue;
        }
        let is_foreign = step.before.table(&table).is_some_and(|table| table.foreign.is_some());
        let Some(column) = step.before.column(&table, &path.part).filter(|_| !is_foreign) else { continue };
        let from = behind_domains(&step.before, &column.ty);
        let using = step.how.using.iter().find(|(name, _)| *name == path.part).map(|(_, using)| using);
        let between_zones = changes_zone(&from, &behind_domains(&step.before, ty)) && using.is_none();
        if between_zones && in_utc {
            continue;
        }
        let work = work(step, column, &from, ty, using);
        let collated = collation.is_some() && *collation != column.collation;
        let reason = match work {
            Work::Rewrite => format!("{} changes from {} to {ty}: every row is written anew", path.part, column.ty),
            Work::Reindex if collated => "a new collation builds every index on the column anew".to_string(),
            Work::Reindex => continue,
        };
        // However many columns a statement changes, it rewrites the table once.
        if !rewritten.insert(table.clone()) {
            continue;
        }
        let draft = findings
            .here(place, format!("{table} is rewritten under a lock"))
            .about(path.clone())
            .words("TYPE")
            .label(format!("ACCESS EXCLUSIVE on {table}"))
            .why(reason)
            .locks(&table, LockMode::AccessExclusive)
            .sized(&table, size::Work::Rewrite);
        let draft = match work {
            Work::Rewrite => draft.rewrites(&table),
            Work::Reindex => draft,
        };
        if between_zones {
            draft.why("after SET timezone = 'UTC' the rows are kept as they are, if they mean UTC");
        }
    }
}

/// From `timestamp` to `timestamptz` or back: in UTC the stored value is the same (release notes 12).
fn changes_zone(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Timestamp { zone, precision }, Type::Timestamp { zone: to, precision: finer }) => {
            zone != to && at_least(*finer, *precision)
        }
        _ => false,
    }
}

enum Work {
    Rewrite,
    Reindex,
}

fn work(step: &Step, column: &Column, from: &Type, to: &Type, using: Option<&Expr>) -> Work {
    let keeps = stored::keeps_rows(&step.before, &column.name, from, to, using);
    if keeps { Work::Reindex } else { Work::Rewrite }
}
