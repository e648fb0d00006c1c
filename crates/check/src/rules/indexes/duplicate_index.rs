use model::object::Index;
use model::served::{does_all_of, is_leaned_on, is_own};
use model::{Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// Two indexes are the same; drop one.
    ///
    /// Every INSERT, and every UPDATE that cannot be done in place, writes both; both take memory and vacuum time; no query
    /// is faster for it.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// CREATE INDEX orders_by_status ON orders (status);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, number text NOT NULL);
    /// CREATE INDEX orders_number ON orders (number);
    /// CREATE UNIQUE INDEX orders_number_once ON orders (number);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status text);
    /// CREATE INDEX orders_status ON orders (status);
    /// ```
    "I001", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for (position, index) in table.indexes.iter().enumerate().filter(|(_, index)| is_own(index)) {
            let earlier = table.indexes[..position].iter().filter(|other| is_own(other));
            // Of two that are the same the earlier one stays, unless something leans on the other.
            let mut pairs = earlier.flat_map(|other| [(other, index), (index, other)]);
            let is_spare = |(kept, spare): &(&Index, &Index)| does_all_of(kept, spare) && !is_leaned_on(table, spare);
            let Some((kept, dropped)) = pairs.find(is_spare) else { continue };
            let path = Path::index(&table.name, dropped.name.clone());
            findings
                .at(&path, format!("{} repeats {}", dropped.name, kept.name))
                .why("every write to the table pays for both")
                .fix(format!("drop {}", dropped.name), vec![Change::drop(path)]);
        }
    }
}
