use model::object::Table;
use model::{Aspect, Change, LockMode, Schema, Step};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::size::Work;
use crate::words::listed;

rule! {
    /// A constraint added to a domain is checked in every table that uses it while their writers wait; do it while those tables are small or idle.
    ///
    /// `ALTER DOMAIN … ADD CHECK` and `SET NOT NULL` hold SHARE on each such table during the scan, one after the other until
    /// the commit. `NOT VALID` takes no such lock and holds for new values; `VALIDATE CONSTRAINT` of a domain takes SHARE again
    /// (measured on 14 to 18), so it can wait for a quiet hour.
    ///
    /// ```sql,bad
    /// CREATE DOMAIN email AS text;
    /// CREATE TABLE users (id bigint PRIMARY KEY, email email);
    /// -- next migration
    /// ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
    /// ```
    /// ```sql,bad
    /// CREATE DOMAIN amount AS numeric;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, total amount);
    /// CREATE TABLE refunds (id bigint PRIMARY KEY, total amount);
    /// -- next migration
    /// ALTER DOMAIN amount SET NOT NULL;
    /// ```
    /// ```sql,good
    /// CREATE DOMAIN email AS text;
    /// CREATE TABLE users (id bigint PRIMARY KEY, email email);
    /// -- next migration
    /// ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%') NOT VALID;
    /// ```
    /// ```sql,good
    /// CREATE DOMAIN email AS text;
    /// -- next migration
    /// ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
    /// CREATE TABLE users (id bigint PRIMARY KEY, email email);
    /// ```
    "M062", known, Check::Step(check)
}

fn check(step: &Step, findings: &mut Findings<'_>) {
    for (change, place) in step.placed_changes() {
        let Change::Alter { path, aspect } = change else { continue };
        let words = match aspect {
            Aspect::AddDomainCheck(check) if check.valid => "CHECK",
            Aspect::NotNull(Some(_)) if path.kind == model::Kind::Domain => "SET NOT NULL",
            _ => continue,
        };
        let tables: Vec<&Table> = users(&step.before, path).filter(|table| step.table_existed(&table.name)).collect();
        let Some(first) = tables.first() else { continue };
        let names = listed(tables.iter().map(|table| &table.name));
        let mut draft = findings
            .here(place, format!("writes to {names} wait for a scan"))
            .about(path.clone())
            .words(words)
            .label(format!("SHARE on {}", first.name))
            .why(format!("each value of the domain {path} is checked"));
        for table in &tables {
            draft = draft.locks(&table.name, LockMode::Share).scans(&table.name).sized(&table.name, Work::Read);
        }
    }
}

/// Tables that keep a value of the domain.
fn users<'s>(schema: &'s Schema, domain: &model::Path) -> impl Iterator<Item = &'s Table> {
    let domain = domain.qname();
    schema.tables().filter(move |table| {
        let stores = table.foreign.is_none() && !table.is_partitioned();
        stores && table.columns.iter().any(|column| column.ty.user_defined() == Some(&domain))
    })
}
