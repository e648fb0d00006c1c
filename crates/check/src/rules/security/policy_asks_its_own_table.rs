use model::{Expr, Kind, Path, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A policy reads its own table, and every query on it fails with "infinite recursion detected in policy"; ask through a SECURITY DEFINER function, or another table.
    ///
    /// To decide about a row the policy is asked of the rows that it reads, and so on. The owner is not bound by policies, and
    /// so most tests do not notice.
    ///
    /// ```sql,bad
    /// CREATE TABLE members (team bigint, person text, PRIMARY KEY (team, person));
    /// ALTER TABLE members ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_teams ON members USING (team IN (SELECT team FROM members WHERE person = current_user));
    /// ```
    /// ```sql,bad
    /// CREATE TABLE staff (name text PRIMARY KEY, boss boolean NOT NULL);
    /// ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY bosses ON staff FOR SELECT
    ///     USING (EXISTS (SELECT FROM staff s WHERE s.name = current_user AND s.boss));
    /// ```
    /// ```sql,good
    /// CREATE TABLE members (team bigint, person text, PRIMARY KEY (team, person));
    /// CREATE TABLE documents (id bigint PRIMARY KEY, team bigint);
    /// CREATE INDEX ON documents (team);
    /// ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_teams ON documents USING (team IN (SELECT team FROM members WHERE person = current_user));
    /// ```
    /// ```sql,good
    /// CREATE TABLE members (team bigint, person text, PRIMARY KEY (team, person));
    /// ALTER TABLE members ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY oneself ON members USING (person = current_user);
    /// ```
    "S022", error, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        for policy in &table.policies {
            // What new rows must fulfil is asked beside, and may read the table.
            if policy.using.as_ref().is_some_and(|using| reads(using, &table.name)) {
                findings
                    .at(
                        &Path::part(Kind::Policy, &table.name, policy.name.clone()),
                        format!("every query on {} fails, but for its owner", table.name),
                    )
                    .why(format!("to read {} the policy is asked, which reads {}", table.name, table.name));
            }
        }
    }
}

fn reads(expr: &Expr, table: &QName) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        if let Expr::Subquery(subquery) = part {
            subquery.query.walk(&mut |level| {
                found |= level.tables().into_iter().any(|source| !source.cte && source.name == *table);
            });
        }
    });
    found
}
