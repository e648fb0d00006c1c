use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::counted;

rule! {
    /// A table has very many columns; split off what is read or written by itself.
    ///
    /// Every UPDATE writes the whole row anew, whichever column changes, and every index entry of it where a page is full. A table
    /// may have 1,600 columns at most, and dropped ones count. Mostly several things share the table.
    ///
    /// ```sql,bad
    /// CREATE TABLE wide (id bigint PRIMARY KEY,
    ///     a1 text, a2 bigint, a3 text, a4 bigint, a5 text, a6 bigint, a7 text, a8 bigint, a9 text, a10 bigint,
    ///     b1 text, b2 bigint, b3 text, b4 bigint, b5 text, b6 bigint, b7 text, b8 bigint, b9 text, b10 bigint,
    ///     c1 text, c2 bigint, c3 text, c4 bigint, c5 text, c6 bigint, c7 text, c8 bigint, c9 text, c10 bigint,
    ///     d1 text, d2 bigint, d3 text, d4 bigint, d5 text, d6 bigint, d7 text, d8 bigint, d9 text, d10 bigint,
    ///     e1 text, e2 bigint, e3 text, e4 bigint, e5 text, e6 bigint, e7 text, e8 bigint, e9 text, e10 bigint,
    ///     f1 text NOT NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE narrow (id bigint PRIMARY KEY, a text, b text, c text, d text, e text, f text, g text NOT NULL);
    /// ```
    "D012", note, Check::Schema(check)
}

const MOST: usize = 50;

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema).filter(|table| table.foreign.is_none() && table.columns.len() > MOST) {
        let columns = counted(table.columns.len(), "column", "columns");
        findings
            .at(&Path::table(&table.name), format!("{} has {columns}", table.name))
            .why("every UPDATE writes all of them anew");
    }
}
