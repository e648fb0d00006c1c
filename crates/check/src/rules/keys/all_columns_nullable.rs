use model::object::Table;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::may_be_null;
use crate::words::counted;

rule! {
    /// Every column but the key may be NULL; say which ones a row cannot do without.
    ///
    /// An empty row is a valid row, and one bug fills the table with them. Each reader has to expect NULL in every place, and
    /// the planner cannot turn outer joins or NOT IN into cheaper ones.
    ///
    /// ```sql,bad
    /// CREATE TABLE customers (id bigint PRIMARY KEY, name text, email text, phone text, city text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email text, phone text, city text);
    /// ```
    /// ```sql,good
    /// CREATE TABLE preferences (user_id bigint PRIMARY KEY, theme text, language text);
    /// ```
    "K020", note, Check::Table(check)
}

const FEWEST: usize = 4;

fn check(schema: &Schema, table: &Table, findings: &mut Findings<'_>) {
    if table.foreign.is_some() {
        return;
    }
    let Some(key) = table.primary_key() else { return };
    let others: Vec<_> = table.columns.iter().filter(|column| !key.columns.contains(&column.name)).collect();
    let checked = |name| table.checks().any(|(_, expr)| expr.columns().contains(&name));
    let free =
        others.iter().all(|column| may_be_null(schema, column) && column.generated.is_none() && !checked(&column.name));
    if free && others.len() >= FEWEST {
        let columns = counted(others.len(), "column", "columns");
        findings
            .at(&Path::table(&table.name), format!("an empty row of {} is a valid one", table.name))
            .why(format!("all {columns} beside the key may be NULL"));
    }
}
