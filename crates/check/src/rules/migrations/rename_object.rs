use model::{Change, Kind, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::{Made, ups};
use crate::rule::Check;

rule! {
    /// Renaming a view, function, type or schema breaks every query that names it; make the new one beside it, and drop the old one later.
    ///
    /// Old and new code run side by side while a release rolls out, and one of the two names is always missing. A view, a
    /// function and a domain can stand twice, one calling the other, until nobody asks for the old name.
    ///
    /// ```sql,bad
    /// CREATE SCHEMA shop;
    /// CREATE TABLE shop.orders (id bigint PRIMARY KEY);
    /// -- next migration
    /// ALTER SCHEMA shop RENAME TO store;
    /// ```
    /// ```sql,bad
    /// CREATE FUNCTION net(gross numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT gross / 1.19';
    /// -- next migration
    /// ALTER FUNCTION net(numeric) RENAME TO net_price;
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'lost');
    /// -- next migration
    /// ALTER TYPE status RENAME TO old_status;
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY);
    /// CREATE INDEX orders_idx ON orders (id) WHERE id > 5;
    /// CREATE SEQUENCE numbers;
    /// -- next migration
    /// ALTER INDEX orders_idx RENAME TO late_orders;
    /// ALTER SEQUENCE numbers RENAME TO order_numbers;
    /// ```
    "M037", Check::History(check)
}

/// Names that stand in queries. Those of indexes and constraints do not, and sequences are called by defaults, which
/// follow the rename.
const NAMED: [Kind; 9] = [
    Kind::Namespace,
    Kind::View,
    Kind::MaterializedView,
    Kind::Function,
    Kind::Procedure,
    Kind::Enum,
    Kind::Domain,
    Kind::Composite,
    Kind::Range,
];

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for migration in ups(migrations) {
        let mut made = None;
        for (index, step) in migration.steps.iter().enumerate() {
            for (change, place) in step.placed_changes() {
                let (path, words) = match change {
                    Change::Rename { path, .. } => (path, "RENAME TO"),
                    Change::Move { path, .. } => (path, "SET SCHEMA"),
                    _ => continue,
                };
                if !NAMED.contains(&path.kind) || !step.before.contains(path) || !step.existed(path) {
                    continue;
                }
                if made.get_or_insert_with(|| Made::by(migration)).since(index, path) {
                    continue;
                }
                findings
                    .here(place, format!("queries that name {path} fail"))
                    .about(path.clone())
                    .words(words)
                    .why("the old release asks for it until the new one has replaced it everywhere");
            }
        }
    }
}
