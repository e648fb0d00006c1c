use model::{Expr, Kind, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A policy reads `user_metadata` of the token, which users write themselves; use what only the server can set.
    ///
    /// Whoever is logged in may change their own `user_metadata` and so choose their tenant or role. `app_metadata` is set by
    /// the service alone; a table of members is better still.
    ///
    /// ```sql,bad
    /// CREATE SCHEMA auth;
    /// CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON orders USING (tenant = (SELECT auth.jwt() -> 'user_metadata' ->> 'tenant'));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE notes (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON notes (tenant);
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY add ON notes FOR INSERT
    ///     WITH CHECK (tenant = current_setting('request.jwt')::jsonb #>> '{user_metadata,tenant}');
    /// ```
    /// ```sql,good
    /// CREATE SCHEMA auth;
    /// CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON orders USING (tenant = (SELECT auth.jwt() -> 'app_metadata' ->> 'tenant'));
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, user_metadata text);
    /// CREATE INDEX ON orders (user_metadata);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON orders USING (user_metadata = current_user);
    /// ```
    "S021", error, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for policy in &table.policies {
            let trusts = policy.using.iter().chain(&policy.check).any(reads_user_metadata);
            if trusts {
                findings
                    .at(
                        &Path::part(Kind::Policy, &table.name, policy.name.clone()),
                        format!("users choose what {} lets them see of {}", policy.name, table.name),
                    )
                    .why("user_metadata is what the user wrote");
            }
        }
    }
}

fn reads_user_metadata(expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |part| match part {
        Expr::String(text) => reads |= text.contains("user_metadata"),
        Expr::Subquery(subquery) => {
            subquery.query.walk(&mut |level| {
                reads |= level.expressions().into_iter().any(reads_user_metadata);
            });
        }
        _ => {}
    });
    reads
}
