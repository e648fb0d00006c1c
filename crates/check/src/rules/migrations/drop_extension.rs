use model::{Kind, Migration};

use crate::define::rule;
use crate::findings::Findings;
use crate::history::losses;
use crate::rule::Check;

rule! {
    /// Dropping an extension takes its functions, types and operators from everybody in the database; make sure that no code calls them.
    ///
    /// PostgreSQL looks at columns, indexes, views and defaults that need the extension, and not at the bodies of functions
    /// or at the queries of the running release. With `CASCADE` not even those hold it back.
    ///
    /// ```sql,bad
    /// CREATE EXTENSION pgcrypto;
    /// -- next migration
    /// DROP EXTENSION pgcrypto;
    /// ```
    /// ```sql,bad
    /// CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
    /// -- next migration
    /// DROP EXTENSION IF EXISTS "uuid-ossp" CASCADE;
    /// ```
    /// ```sql,good
    /// CREATE EXTENSION pgcrypto;
    /// -- next migration
    /// DROP EXTENSION pgcrypto;
    /// CREATE SCHEMA tools;
    /// CREATE EXTENSION pgcrypto SCHEMA tools;
    /// ```
    /// ```sql,good
    /// DROP EXTENSION IF EXISTS pgcrypto;
    /// ```
    "M030", Check::History(check)
}

fn check(migrations: &[Migration], findings: &mut Findings<'_>) {
    for loss in losses(migrations, &[Kind::Extension]) {
        let draft = findings
            .here(loss.place, format!("whoever still calls a function of {} fails", loss.path))
            .about(loss.path.clone())
            .words("DROP EXTENSION")
            .why("the bodies of functions and the running release are not looked at by the database");
        if loss.step.how.cascade {
            draft.why("CASCADE also drops every column, index and view that needs it");
        }
    }
}
