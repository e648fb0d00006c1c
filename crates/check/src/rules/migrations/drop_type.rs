use model::{Kind, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::losses;
use crate::rule::Check;

rule! {
    /// Dropping a type breaks clients that still name or cache it; drop it one release after the last column that had it.
    ///
    /// Drivers look a type up by name when they connect, and casts such as `$1::status` stand in the queries of the old
    /// release. No table has the type any more, or the drop would be refused, so waiting costs nothing.
    ///
    /// ```sql,bad
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// -- next migration
    /// DROP TYPE status;
    /// ```
    /// ```sql,bad
    /// CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
    /// -- next migration
    /// DROP DOMAIN IF EXISTS email;
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// -- next migration
    /// DROP TYPE status;
    /// CREATE TYPE status AS ENUM ('new', 'open', 'done');
    /// ```
    /// ```sql,good
    /// CREATE TYPE status AS ENUM ('new', 'lost');
    /// CREATE TABLE orders (id bigint PRIMARY KEY, status status);
    /// -- next migration
    /// ALTER TYPE status RENAME TO old_status;
    /// CREATE TYPE status AS ENUM ('new', 'done');
    /// ALTER TABLE orders ALTER COLUMN status TYPE status USING status::text::status;
    /// DROP TYPE old_status;
    /// ```
    "M029", note, Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for loss in losses(migrations, &[Kind::Enum, Kind::Domain, Kind::Composite, Kind::Range]) {
        // Nobody names what was put aside.
        if loss.path.name.ends_with("_old") || loss.path.name.starts_with("old_") {
            continue;
        }
        findings
            .here(loss.place, format!("clients that still name {} fail", loss.path))
            .about(loss.path.clone())
            .words("DROP")
            .why("casts in the queries of the old release name it, and drivers cache it");
    }
}
