use model::object::RowSecurity;
use model::{Aspect, Change, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// The owner of a table is not bound by its policies; if the application connects as the owner, force them.
    ///
    /// Migrations and application often share one role, which then owns every table: the policies hold for nobody that asks.
    /// `FORCE ROW LEVEL SECURITY` binds the owner too; superusers and BYPASSRLS stay free.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    /// ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// ```
    ///
    /// **How to fix.** `ALTER TABLE orders FORCE ROW LEVEL SECURITY`, and a role with BYPASSRLS for the jobs that must see all.
    "S023", note, known, opt_in, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables().filter(|table| !table.policies.is_empty()) {
        if table.row_security.forced || table.partition_of.is_some() {
            continue;
        }
        let path = Path::table(&table.name);
        let forced = RowSecurity { forced: true, ..table.row_security };
        let enabled = table.row_security.enabled;
        let draft = findings
            .at_words(&path, "ROW LEVEL SECURITY", format!("the owner of {} sees every row", table.name))
            .why("policies do not bind the owner unless they are forced");
        // Where it is off, it has to be enabled first.
        if enabled {
            draft.unsafe_fix("bind the owner too", vec![Change::alter(path, Aspect::RowSecurity(forced))]);
        }
    }
}
