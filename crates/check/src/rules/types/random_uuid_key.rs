use model::object::Routine;
use model::{Aspect, Change, Expr, QName, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;

rule! {
    /// A key is a random UUID although ones that rise with time are at hand; take those.
    ///
    /// Each insert of a random key goes to another page of the index: once the index is larger than the memory, every insert
    /// reads a page and writes it whole into the WAL. Version 7 begins with the time, so new keys lie side by side. The
    /// rule speaks where the database or the project has such a function, and not for databases that spread rows by
    /// ranges of the key, where random is right. A key that must not tell when it was made should stay random.
    ///
    /// ```sql,bad
    /// CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
    /// ```
    /// ```sql,good
    /// CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT uuid_generate_v7());
    /// ```
    /// ```sql,good
    /// CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
    /// ```
    "T012", note, fix, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let dialect = findings.dialect();
    if dialect.spread.ascending_keys.gather() {
        return;
    }
    let own = schema.routines().find(|routine| is_v7(routine)).map(|routine| routine.name.clone());
    let built_in = dialect.types.uuid_v7_builtin.at(findings.settings.version).then(|| QName::new("", "uuidv7"));
    let Some(function) = own.or(built_in) else { return };
    for table in own_tables(schema) {
        let Some([only]) = table.primary_key().map(|key| key.columns.as_slice()) else { continue };
        let Some(column) = table.column(only) else { continue };
        let Some(Expr::Call(call)) = column.default.as_ref().map(Expr::without_casts) else { continue };
        if !matches!(call.function.name.as_str(), "gen_random_uuid" | "uuid_generate_v4") || column.inherited {
            continue;
        }
        let path = model::Path::column(&table.name, only.clone());
        let rising = Expr::call(function.clone(), Vec::new());
        findings
            .at(&path, format!("new rows of {} go to random pages of its key", table.name))
            .why(format!("{function}() gives keys that rise with time: new rows lie side by side"))
            .unsafe_fix(format!("call {function}()"), vec![Change::alter(path, Aspect::Default(Some(rising)))]);
    }
}

/// A function of the project or an extension that takes nothing and is called after version 7.
fn is_v7(routine: &Routine) -> bool {
    let name = routine.name.name.to_ascii_lowercase();
    name.contains("uuid") && name.contains("v7") && routine.arguments.is_empty()
}
