use model::object::Table;
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// Most tables have a comment and this one has none; say what a row of it is.
    ///
    /// The data dictionary, the editor and the next colleague show an empty line where the others explain themselves. The rule
    /// speaks only where most tables of the project have one.
    ///
    /// ```sql,bad
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// CREATE TABLE c (id bigint PRIMARY KEY);
    /// CREATE TABLE d (id bigint PRIMARY KEY);
    /// COMMENT ON TABLE a IS 'What somebody bought.';
    /// COMMENT ON TABLE b IS 'Who bought it.';
    /// COMMENT ON TABLE c IS 'Where it was sent.';
    /// ```
    /// ```sql,good
    /// CREATE TABLE a (id bigint PRIMARY KEY);
    /// CREATE TABLE b (id bigint PRIMARY KEY);
    /// ```
    "D022", note, opt_in, Check::Schema(check)
}

const MOST: usize = 70;
const FEWEST: usize = 3;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let says = |table: &&Table| schema.comment(&Path::table(&table.name)).is_some();
    let tables: Vec<&Table> = own_tables(schema).collect();
    let saying = tables.iter().filter(|table| says(table)).count();
    if saying < FEWEST || saying * 100 < tables.len() * MOST {
        return;
    }
    for table in tables.iter().filter(|table| !says(table)) {
        findings
            .at(&Path::table(&table.name), format!("nothing says what a row of {} is", table.name))
            .why(format!("{saying} of {} tables have a comment", tables.len()));
    }
}
