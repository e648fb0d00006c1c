use model::object::Table;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A table with a column for the kind of its rows has mostly columns that may be NULL; give each kind a table.
    ///
    /// Which columns belong to which kind stands nowhere, so no NOT NULL and no foreign key can be declared for them: a car
    /// without wheels and a boat with a licence plate are valid rows. A table for what they share and one for each kind
    /// says it.
    ///
    /// ```sql,bad
    /// CREATE TABLE vehicles (
    ///     id bigint PRIMARY KEY, kind text NOT NULL, owner text NOT NULL,
    ///     doors integer, plate text, trunk_litres integer, airbags integer, seats integer, fuel text,
    ///     draft_cm integer, sails integer, mast_m integer, anchor_kg integer, hull text, berths integer,
    ///     wingspan_m integer, engines integer, ceiling_m integer, gear text, call_sign text
    /// );
    /// ```
    /// ```sql,good
    /// CREATE TABLE vehicles (id bigint PRIMARY KEY, kind text NOT NULL, owner text NOT NULL, plate text, seats integer);
    /// ```
    "D013", note, Check::Table(check)
}

const COLUMNS: usize = 18;
/// So many of a hundred may be NULL.
const NULLABLE: usize = 70;

fn check(_: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() || table.columns.len() < COLUMNS {
        return;
    }
    let nullable = table.columns.iter().filter(|column| column.is_nullable()).count();
    if nullable * 100 < table.columns.len() * NULLABLE {
        return;
    }
    let names_kind = |name: &str| matches!(name, "type" | "kind" | "sub_type" | "subtype" | "category" | "class");
    let sight = findings.sight();
    let own = sight.words(&table.name.name).len();
    let kind = table.columns.iter().filter(|column| !column.is_nullable()).find(|column| {
        let after_table = sight.words(&column.name);
        names_kind(&column.name) || after_table.len() == own + 1 && names_kind(&after_table[own])
    });
    let Some(kind) = kind else { return };
    findings.at(&Path::table(&table.name), format!("{} holds several kinds of things", table.name)).why(format!(
        "{nullable} of {} columns may be NULL; which of them a row needs depends on {}",
        table.columns.len(),
        kind.name
    ));
}
