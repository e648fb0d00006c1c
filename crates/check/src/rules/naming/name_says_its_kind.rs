use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::renames;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::{counted, listed};

rule! {
    /// Tables begin with `tbl_`; the name should say what is in them.
    ///
    /// The prefix says what every statement says already. When such a table becomes a view, the name lies or every query
    /// changes.
    ///
    /// ```sql,bad
    /// CREATE TABLE tbl_orders (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders_table (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE table_reservations (id bigint PRIMARY KEY);
    /// ```
    "N015", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let marked: Vec<_> = own_tables(schema).filter_map(|table| Some((table, plain(&table.name.name)?))).collect();
    let Some((first, _)) = marked.first() else { return };
    let sample = listed(marked.iter().take(3).map(|(table, _)| &table.name));
    let changes: Vec<_> = marked.iter().flat_map(|(table, plain)| renames::table(schema, table, plain)).collect();
    let tables = counted(marked.len(), "table says", "tables say");
    let draft = findings
        .at(&Path::table(&first.name), format!("{tables} in the name to be a table: {sample}"))
        .why("a table that becomes a view keeps its name or breaks its queries");
    if !changes.is_empty() {
        draft.unsafe_fix("take the word out of the name", changes);
    }
}

/// The name without the word for its kind.
fn plain(name: &str) -> Option<&str> {
    let prefixed = ["tbl_", "tab_"].iter().find_map(|prefix| name.strip_prefix(prefix));
    let suffixed = ["_tbl", "_table"].iter().find_map(|suffix| name.strip_suffix(suffix));
    // `dining_table` is a table to eat at; there are few of them, and none in the plural.
    let suffixed = suffixed.filter(|rest| rest.ends_with('s') || name.ends_with("_tbl"));
    prefixed.or(suffixed).filter(|rest| !rest.is_empty())
}
