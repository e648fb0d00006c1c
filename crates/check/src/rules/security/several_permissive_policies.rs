use std::collections::BTreeMap;

use model::object::{Policy, PolicyCommand};
use model::{Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::words::listed;

rule! {
    /// Several permissive policies hold for one role and command: the weakest of them decides, and all are computed; join them into one, or make the stricter one RESTRICTIVE.
    ///
    /// Permissive policies are joined by OR. One that was added to narrow what others allow narrows nothing, and each row is
    /// asked of every one of them.
    ///
    /// ```sql,bad
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, hidden boolean);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders FOR SELECT USING (tenant = current_user);
    /// CREATE POLICY not_hidden ON orders FOR SELECT USING (NOT hidden);
    /// ```
    /// ```sql,bad
    /// CREATE ROLE clerk;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, total numeric);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders TO clerk USING (tenant = current_user);
    /// CREATE POLICY small_orders ON orders FOR UPDATE TO clerk USING (total < 100);
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text, hidden boolean);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders USING (tenant = current_user);
    /// CREATE POLICY not_hidden ON orders AS RESTRICTIVE FOR SELECT USING (NOT hidden);
    /// ```
    /// ```sql,good
    /// CREATE ROLE clerk;
    /// CREATE ROLE boss;
    /// CREATE TABLE orders (id bigint PRIMARY KEY, tenant text);
    /// CREATE INDEX ON orders (tenant);
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_orders ON orders FOR SELECT TO clerk USING (tenant = current_user);
    /// CREATE POLICY all_orders ON orders FOR SELECT TO boss USING (tenant IS NOT NULL);
    /// ```
    "S010", note, known, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in schema.tables() {
        let permissive: Vec<&Policy> = table.policies.iter().filter(|policy| policy.permissive).collect();
        // One finding for the policies that meet, at the last of them.
        let mut met: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        for (position, policy) in permissive.iter().enumerate() {
            let others: Vec<&Name> =
                permissive[..position].iter().filter(|other| meet(other, policy)).map(|other| &other.name).collect();
            if !others.is_empty() {
                met.insert(&policy.name, others);
            }
        }
        let Some((last, others)) = met.into_iter().next_back() else { continue };
        findings
            .at(
                &Path::part(Kind::Policy, &table.name, last.clone()),
                format!("{last} allows more beside {}, and forbids nothing", listed(others)),
            )
            .why("permissive policies are joined by OR, and each is computed for every row");
    }
}

fn meet(one: &Policy, other: &Policy) -> bool {
    let same_command =
        one.command == other.command || one.command == PolicyCommand::All || other.command == PolicyCommand::All;
    // No role stands for all of them.
    let same_role =
        one.roles.is_empty() || other.roles.is_empty() || one.roles.iter().any(|role| other.roles.contains(role));
    same_command && same_role
}
