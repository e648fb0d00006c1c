use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Kind, Name, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// Two names differ only in their capitals or joints; rename one, or drop what is left over.
    ///
    /// `"userId"` and `user_id` in one table are mostly one column that was renamed by adding the other: half of the code
    /// writes the first, half reads the second, and both are NULL half of the time. Two tables of that sort share the
    /// rows.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, "userId" bigint);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE order_items (id bigint PRIMARY KEY);
    /// CREATE TABLE "OrderItems" (id bigint PRIMARY KEY);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, buyer_id bigint);
    /// ```
    /// ```sql,good
    /// CREATE SCHEMA app;
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE TABLE app.orders (id bigint PRIMARY KEY);
    /// ```
    "N013", Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let sight = findings.sight();
    let mut folds: Vec<u64> = sight.spellings().iter().map(|spelling| folded(spelling.name)).collect();
    let by_rank = folds.clone();
    folds.sort_unstable();
    folds = folds.chunk_by(|a, b| a == b).filter(|alike| alike.len() > 1).map(|alike| alike[0]).collect();
    if folds.is_empty() {
        return;
    }
    let has_like =
        |name: &str| sight.spelling(name).is_none_or(|spelling| folds.binary_search(&by_rank[spelling.rank]).is_ok());
    let mut tables: BTreeMap<(&Name, u64), &Name> = BTreeMap::new();
    for table in own_tables(schema) {
        let QName { schema: namespace, name } = &table.name;
        let same = tables.insert((namespace, folded(name)), name);
        if let Some(other) = same.filter(|other| letters(other).eq(letters(name))) {
            findings
                .at(&Path::table(&table.name), format!("{name} differs from {other} only in how it is written"))
                .why("who takes the wrong one gets no error, but other rows");
        }
        let mut columns: BTreeMap<u64, &Name> = BTreeMap::new();
        for column in table.columns.iter().filter(|column| !column.inherited && has_like(&column.name)) {
            let Some(other) = columns.insert(folded(&column.name), &column.name) else { continue };
            if letters(other).eq(letters(&column.name)) {
                let path = Path::part(Kind::Column, &table.name, column.name.clone());
                findings
                    .at(&path, format!("{} differs from {other} only in how it is written", column.name))
                    .why("code that writes the one and code that reads the other do not meet");
            }
        }
    }
}

/// A number for its letters: names that differ in it differ in more than capitals and joints.
fn folded(name: &Name) -> u64 {
    let mut hasher = DefaultHasher::new();
    letters(name).for_each(|letter| letter.hash(&mut hasher));
    hasher.finish()
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase)
}
