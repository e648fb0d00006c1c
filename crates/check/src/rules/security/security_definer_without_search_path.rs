use model::object::{Body, Routine, RoutineKind};
use model::{Aspect, Change, Kind, Path, Schema, Sql};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;

rule! {
    /// A SECURITY DEFINER function looks names up where its caller says; set its `search_path`.
    ///
    /// The caller puts a table or operator of their own in front of the path, and the function uses it with the rights of its
    /// owner. That is how an ordinary role becomes a superuser.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION reset_all() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    /// AS $$ BEGIN PERFORM 1; END $$;
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION reset_all() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    /// AS $$ BEGIN PERFORM 1; END $$;
    /// ```
    "S004", known, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for routine in schema.routines().filter(|routine| routine.security_definer) {
        let has_path = routine.config.iter().any(|(name, _)| name == "search_path");
        // A body that was parsed when it was made looks nothing up any more; C does not look names up by itself.
        if has_path || matches!(routine.body, Body::Parsed(_) | Body::Linked(..)) {
            continue;
        }
        let kind = if routine.kind == RoutineKind::Procedure { Kind::Procedure } else { Kind::Function };
        let path = Path::part(kind, &routine.name, routine.signature());
        let mut safe: Routine = routine.clone();
        let value = format!("{}, pg_temp", model::name::quoted(&routine.name.schema));
        safe.config.push(("search_path".into(), Sql::text(value)));
        let change = Change::alter(path.clone(), Aspect::Routine(Box::new(safe)));
        findings
            .at_words(&path, "SECURITY DEFINER", format!("callers of {} choose its search_path", routine.name))
            .why("it runs with the rights of its owner: a caller can put objects of their own before those that the function means")
            .unsafe_fix("set its search_path", vec![change]);
    }
}
