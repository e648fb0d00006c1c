use model::object::{Index, Table};
use model::{Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::house::{Affix, Outlier, Style, Wording, report, style};
use crate::renames;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// An index is named otherwise than the rest; name it as the others are named.
    ///
    /// Names of indexes stand in query plans, in error messages and in the statements that drop them; `idx_orders_status`
    /// among `orders_total_idx` is overlooked there. What most of the names that people chose do is the project's style;
    /// `naming.index` of the configuration says which it should be. Unique indexes, and names that the database chose, do
    /// not count.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, a text, b text, c text, d text, e text);
    /// CREATE INDEX idx_orders_a ON orders (a);
    /// CREATE INDEX idx_orders_b ON orders (b);
    /// CREATE INDEX idx_orders_c ON orders (c);
    /// CREATE INDEX idx_orders_d ON orders (d);
    /// CREATE INDEX orders_by_e ON orders (e);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, a text, b text, c text, d text, e text);
    /// CREATE INDEX idx_orders_a ON orders (a);
    /// CREATE INDEX idx_orders_b ON orders (b);
    /// CREATE INDEX idx_orders_c ON orders (c);
    /// CREATE INDEX idx_orders_d ON orders (d);
    /// CREATE INDEX ON orders (e);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, a text, b text, c text, d text, e text);
    /// CREATE INDEX orders_by_a ON orders (a);
    /// CREATE INDEX orders_by_b ON orders (b);
    /// CREATE INDEX orders_by_c ON orders (c);
    /// CREATE INDEX orders_by_d ON orders (d);
    /// CREATE UNIQUE INDEX one_e_for_all ON orders (e);
    /// ```
    "N008", note, fix, Check::Schema(check)
}

const WAYS: &[Affix<'static>] = &[
    Affix::prefix("idx_"),
    Affix::prefix("ix_"),
    Affix::prefix("index_"),
    Affix::suffix("_idx"),
    Affix::suffix("_ix"),
    Affix::suffix("_index"),
];

/// No sign by which it could be told to be an index.
const NONE: Affix<'static> = Affix::prefix("");

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let told = findings.house().index.as_deref().map(Affix::of_pattern);
    let mut named: Vec<(&Table, &Index)> = Vec::new();
    for table in own_tables(schema) {
        let counts = |index: &&Index| !index.unique && !index.inherited && !is_default(table, index);
        named.extend(table.indexes.iter().filter(counts).map(|index| (table, index)));
    }
    let way_of = |index: &Index| {
        let fits = |way: &&Affix<'_>| way.fits(&index.name.to_ascii_lowercase());
        WAYS.iter().find(fits).copied().unwrap_or(NONE)
    };
    let shown = named.iter().map(|(_, index)| way_of(index));
    let Some(style) = style(told, shown, WAYS[0]) else { return };
    let (Style::Told(way) | Style::Shown { way, .. }) = style else { return };
    if way == NONE {
        return;
    }
    // What was cut off at the end would fit as well.
    let is_cut = |index: &Index| index.name.len() + 3 > model::name::LONGEST;
    let is_off = |index: &Index| !is_cut(index) && !way.fits(&index.name.to_ascii_lowercase());
    let outliers = named.iter().filter(|(_, index)| is_off(index)).map(|(table, index)| {
        let path = Path::index(&table.name, index.name.clone());
        let better = format!("{}{}{}", way.before, way_of(index).strip(&index.name), way.behind);
        Outlier { changes: renames::part(schema, &path, &better), path, better }
    });
    let outliers = outliers.collect();
    let why = "plans, errors and DROP INDEX know it by its name alone";
    report(findings, style, outliers, &Wording { things: "names of indexes", way: way.words(), why });
}

/// The name that PostgreSQL gives an index which the statement does not name: `orders_status_idx`, `orders_expr_idx1`.
fn is_default(table: &Table, index: &Index) -> bool {
    let keys = index.key_columns();
    let keys: Vec<&str> = keys.iter().map(|key| key.map_or("expr", |name| name.as_str())).collect();
    let default = format!("{}_{}_idx", table.name.name, keys.join("_"));
    index.name.trim_end_matches(|char: char| char.is_ascii_digit()) == default
}
