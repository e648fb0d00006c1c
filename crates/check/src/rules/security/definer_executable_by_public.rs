use std::collections::BTreeSet;

use model::object::{Grant, Grantee, Object, Returns, RoutineKind};
use model::{Aspect, Change, Expr, Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A SECURITY DEFINER function may be executed by everybody, for that is the default; revoke it from PUBLIC.
    ///
    /// It does what its owner may do, for whoever calls it. A new function is executable by PUBLIC until that is taken back, so
    /// that each role with a connection can call it.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION reset_all() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    /// AS $$ BEGIN PERFORM 1; END $$;
    /// ```
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE FUNCTION all_users() RETURNS SETOF users LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    /// AS 'SELECT id, email FROM users';
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION reset_all() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    /// AS $$ BEGIN PERFORM 1; END $$;
    /// REVOKE EXECUTE ON FUNCTION reset_all() FROM PUBLIC;
    /// ```
    /// ```sql,good
    /// CREATE TABLE members (team bigint, person text, PRIMARY KEY (team, person));
    /// CREATE FUNCTION is_member(wanted bigint) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    /// AS 'SELECT EXISTS (SELECT FROM members WHERE team = wanted AND person = session_user)';
    /// ALTER TABLE members ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own_teams ON members USING (is_member(team));
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    /// AS $$ BEGIN RETURN NEW; END $$;
    /// ```
    "S011", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let closed = closed_by_default(schema);
    let asked = asked_by_policies(schema);
    for routine in schema.routines().filter(|routine| routine.security_definer) {
        let returns_trigger = match &routine.returns {
            Returns::Type(ty) => matches!(ty.to_string().as_str(), "trigger" | "event_trigger"),
            _ => false,
        };
        let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
        let path = Path::part(kind, &routine.name, routine.signature());
        // Nobody can call a trigger function but a trigger, and whoever is bound by a policy must be able to call what it asks.
        if returns_trigger || closed || asked.contains(&routine.name.name) || !open_to_public(schema, &path) {
            continue;
        }
        let execute = Grant {
            grantee: Grantee::Public,
            privileges: [Name::new_static("EXECUTE")].into_iter().collect(),
            grantable: false,
        };
        findings
            .at_words(&path, "SECURITY DEFINER", format!("every role may execute {} as its owner", routine.name))
            .why("a new function is executable by PUBLIC")
            .unsafe_fix("take it back from PUBLIC", vec![Change::alter(path, Aspect::Revoke(execute))]);
    }
}

/// The names of the functions that policies call.
fn asked_by_policies(schema: &Schema) -> BTreeSet<Name> {
    fn collect(expr: &Expr, names: &mut BTreeSet<Name>) {
        expr.walk(&mut |part| match part {
            Expr::Call(call) => {
                names.insert(call.function.name.clone());
            }
            Expr::Subquery(subquery) => subquery.query.walk(&mut |level| {
                level.expressions().into_iter().for_each(|expr| collect(expr, names));
            }),
            _ => {}
        });
    }
    let mut names = BTreeSet::new();
    let policies = schema.tables().flat_map(|table| &table.policies);
    policies.flat_map(|policy| policy.using.iter().chain(&policy.check)).for_each(|expr| collect(expr, &mut names));
    names
}

fn open_to_public(schema: &Schema, path: &Path) -> bool {
    let Some(grants) = schema.grants_on(path) else { return true };
    let takes = |grant: &Grant| {
        grant.grantee == Grantee::Public && grant.privileges.iter().any(|name| name == "EXECUTE" || name == "ALL")
    };
    !grants.revoked.iter().any(takes) || grants.granted.iter().any(takes)
}

/// ALTER DEFAULT PRIVILEGES took it back, for functions that are made later: whoever does that knows.
fn closed_by_default(schema: &Schema) -> bool {
    schema.of_kind(Kind::DefaultPrivileges).any(|object| match object {
        Object::DefaultPrivileges(defaults) => {
            defaults.objects == Kind::Function && defaults.revoked.iter().any(|grant| grant.grantee == Grantee::Public)
        }
        _ => false,
    })
}
