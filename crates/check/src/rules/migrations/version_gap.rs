use model::Migration;
use model::step::Layout;

use crate::define::rule;
use crate::findings::Findings;
use crate::history::folders;
use crate::rule::Check;
use crate::version::{counter, version};

rule! {
    /// A number is missing between two migrations; look whether a file was lost, or comes later from another branch.
    ///
    /// If it arrives after the ones behind it have run, most tools skip it for good (golang-migrate, and Flyway and goose
    /// unless they are told otherwise), and the databases differ from then on.
    ///
    /// ```sql,bad
    /// -- file: migrations/0001_a.up.sql
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- file: migrations/0002_b.up.sql
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- file: migrations/0004_d.up.sql
    /// CREATE TABLE d (id bigint PRIMARY KEY);
    /// -- file: migrations/0005_e.up.sql
    /// CREATE TABLE e (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// -- file: migrations/V1__a.sql
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- file: migrations/V2__b.sql
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- file: migrations/V3__c.sql
    /// CREATE TABLE c (id bigint PRIMARY KEY);
    /// -- file: migrations/V5__e.sql
    /// CREATE TABLE e (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/0001_a.up.sql
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- file: migrations/0002_b.up.sql
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- file: migrations/0003_c.up.sql
    /// CREATE TABLE c (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// -- file: migrations/10_a.up.sql
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// -- file: migrations/20_b.up.sql
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// -- file: migrations/30_c.up.sql
    /// CREATE TABLE c (id bigint PRIMARY KEY);
    /// -- file: migrations/31_d.up.sql
    /// CREATE TABLE d (id bigint PRIMARY KEY);
    /// ```
    "M053", note, Check::History(check)
}

/// Whoever counts one by one does it nearly always.
const ONE_BY_ONE: f64 = 0.6;

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for folder in folders(migrations, findings) {
        if folder.first().is_none_or(|migration| migration.layout == Layout::Schema) {
            continue;
        }
        let numbered: Vec<(u32, &Migration)> =
            folder.iter().filter_map(|migration| Some((counter(&version(migration)?)?, *migration))).collect();
        let steps = || numbered.windows(2).map(|pair| (pair[0].0, pair[1].0, pair[1].1));
        let single = steps().filter(|(before, after, _)| *after == before + 1).count();
        if numbered.len() < folder.len() || (single as f64) < ONE_BY_ONE * steps().count() as f64 {
            continue;
        }
        for (before, after, migration) in steps().filter(|(before, after, _)| *after > before + 1) {
            let missing = match after - before {
                2 => format!("there is no migration {}", before + 1),
                _ => format!("there are no migrations {} to {}", before + 1, after - 1),
            };
            let place = migration.steps.first().map_or(migration.place, |step| step.place);
            findings
                .here(place, missing)
                .first_line()
                .why(format!("before {}; one that comes later is skipped where this one has run", migration.name));
        }
    }
}
