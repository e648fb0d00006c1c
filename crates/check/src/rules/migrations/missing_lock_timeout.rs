use model::object::Object;
use model::{Aspect, Change, Kind, Migration, QName, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::sight::Sight;
use crate::words::counted;

rule! {
    /// Migrations lock tables that are in use without a `lock_timeout`; set one, and try again when it strikes.
    ///
    /// ALTER TABLE waits for the longest query on the table, and every later query waits behind it: a report that runs for an
    /// hour becomes an outage of an hour. With `SET lock_timeout = '2s'` the migration fails instead, and can be repeated.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// SET lock_timeout = '2s';
    /// ALTER TABLE orders ADD COLUMN note text;
    /// ```
    ///
    /// **How to fix.** One place is enough when all migrations run through it: `PGOPTIONS='-c lock_timeout=2s'`, or
    /// `ALTER ROLE migrator SET lock_timeout = '2s'`. Then switch this rule off, for it cannot see that.
    "M022", note, known, fix, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    let sight = findings.sight();
    let ups = || migrations.iter().filter(|migration| !migration.down);
    let careless: Vec<&Step> =
        ups().filter_map(|migration| migration.steps.iter().find(|step| waits(sight, step))).collect();
    // Only what was not applied yet can still be changed: what is new where that is known, else the newest.
    let is_fresh = |step: &&&Step| {
        let fresh = findings.settings.fresh.as_ref();
        fresh.is_none_or(|files| files.contains(&step.place.file))
    };
    let Some(newest) = careless.iter().rev().find(is_fresh) else { return };
    let all = counted(ups().count(), "migration", "migrations");
    let local = if newest.transaction.is_open() { " LOCAL" } else { "" };
    let edits = match newest.conditional {
        true => Vec::new(),
        false => vec![findings.first(newest.place, &format!("SET{local} lock_timeout = '2s';\n"))],
    };
    findings
        .here(newest.place, "this waits for a lock as long as it takes")
        .first_line()
        .why("whoever comes to the table later waits behind it")
        .why(format!("{} of {all} lock tables in use without a lock_timeout", careless.len()))
        .edit("wait two seconds at most", edits);
}

/// The statement takes a lock that conflicts with reads or writes of a table that was there, and nothing bounds the wait.
fn waits(sight: &Sight<'_>, step: &Step) -> bool {
    let unbounded = step.settings.lock_timeout.as_ref().is_none_or(|timeout| matches!(timeout.as_str(), "0" | "'0'"));
    unbounded && !step.how.concurrently && step.changes.iter().any(|change| locks(sight, step, change))
}

fn locks(sight: &Sight<'_>, step: &Step, change: &Change) -> bool {
    let path = change.path();
    let is_table = matches!(
        path.kind,
        Kind::Table | Kind::Column | Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Policy | Kind::Rule
    );
    let harmless = match change {
        // What partitions lock is known in one place; the parent of one that is attached is not locked against anybody.
        Change::Create { object: Object::Table(_), .. }
        | Change::Alter { aspect: Aspect::AttachPartition { .. }, .. } => {
            return !sight.locked(step).is_empty();
        }
        // SHARE UPDATE EXCLUSIVE or less; privileges lock rows of the catalog.
        Change::Alter { aspect, .. } => matches!(
            aspect,
            Aspect::Comment(_)
                | Aspect::Grant(_)
                | Aspect::Revoke(_)
                | Aspect::Validate
                | Aspect::ColumnStatistics(_)
                | Aspect::Options(_)
                | Aspect::ClusterOn(_)
        ),
        _ => false,
    };
    is_table && !harmless && in_use(step, &path.qname())
}

fn in_use(step: &Step, table: &QName) -> bool {
    step.before.table(table).is_some() && step.table_existed(table)
}
