use model::expr::{Subquery, SubqueryKind};
use model::object::{Policy, Table};
use model::query::QueryKind;
use model::{Aspect, Change, Expr, Kind, Path, Query, Schema, Span, Sql};

use crate::define::rule;
use crate::findings::Findings;
use crate::queries::is_indexed;
use crate::rule::Check;

rule! {
    /// A policy asks for the session's user again for every row; put the call into a subselect, which is computed once.
    ///
    /// `current_setting(…)`, `auth.uid()` and the like give the same answer for the whole statement. Written `(SELECT
    /// current_setting(…))` the planner makes an init plan of it; bare, the function is called for each row that is looked at,
    /// which is most of the time of a large scan. Where an index finds the rows by `column = call`, it is called once anyway.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant IS NULL OR tenant = current_setting('app.tenant'));
    /// ```
    /// ```sql,bad
    /// CREATE SCHEMA auth;
    /// CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
    /// CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);
    /// CREATE INDEX ON notes (owner);
    /// ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_notes ON notes USING (owner = auth.uid() OR owner IS NULL);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = (SELECT current_setting('app.tenant')));
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_setting('app.tenant'));
    /// ```
    "S009", known, fix, Check::Schema(check)
}

/// Functions that read the session: of PostgreSQL, and of the schema `auth` that services keep beside it.
const OF_SESSION: &[&str] = &["current_setting", "email", "jwt", "role", "uid", "user_id", "session"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for policy in &table.policies {
            let conditions = policy.using.iter().flat_map(|using| using.conjuncts());
            let mut scanned = conditions.filter(|condition| !is_looked_up(table, condition));
            let Some(call) = scanned.find_map(bare_call) else { continue };
            let path = Path::part(Kind::Policy, &table.name, policy.name.clone());
            let once = |expr: &Option<Expr>| expr.clone().map(wrapped);
            let anew = Policy { using: once(&policy.using), check: once(&policy.check), ..policy.clone() };
            findings
                .at(&path, format!("{call} is called for each row of {}", table.name))
                .why("in a subselect it is computed once for the statement")
                .fix("compute it once", vec![Change::alter(path, Aspect::Policy(Box::new(anew)))]);
        }
    }
}

fn is_of_session(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let name = call.function.name.as_str();
    let known = OF_SESSION.contains(&name) && (name == "current_setting" || call.function.schema == "auth");
    known && expr.columns().is_empty() && call.over.is_none()
}

/// `column = call` with an index on the column.
fn is_looked_up(table: &Table, condition: &Expr) -> bool {
    let Expr::Binary { op, left, right } = condition else { return false };
    let is_found = |side: &Expr| matches!(side, Expr::Column(column) if is_indexed(table, &column.name));
    op == "=" && ((is_found(left) && right.columns().is_empty()) || (is_found(right) && left.columns().is_empty()))
}

/// Subqueries are not entered: what stands in them is computed there.
fn bare_call(expr: &Expr) -> Option<String> {
    let mut found = None;
    expr.walk(&mut |part| {
        if found.is_none() && is_of_session(part) {
            found = Some(part.to_string());
        }
    });
    found
}

/// Each call as `(SELECT call)`.
fn wrapped(mut expr: Expr) -> Expr {
    if is_of_session(&expr) {
        let query = Query::opaque(QueryKind::Select, Sql::text(format!("SELECT {expr}")), Span::default());
        return Expr::Subquery(Box::new(Subquery { kind: SubqueryKind::Scalar, query }));
    }
    for child in expr.children_mut() {
        *child = wrapped(child.clone());
    }
    expr
}
