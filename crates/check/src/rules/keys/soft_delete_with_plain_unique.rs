use model::object::{Column, ConstraintKind, Index, Table};
use model::query::Write;
use model::{Change, Expr, Name, Path, Schema, Type};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::own_tables;
use crate::words::comma;

rule! {
    /// Rows are marked as deleted and stay unique, so that a deleted name is taken for ever; make only living rows unique.
    ///
    /// A user who deletes the account cannot sign up again with the same address: the INSERT fails because of a row that no page
    /// shows. A partial unique index over the rows that are not deleted says what is meant. Many applications
    /// change the name when they delete, which a schema does not show: the rule is off unless it is selected, and silent
    /// where such a statement is seen.
    ///
    /// ```sql,bad
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, deleted_at timestamptz);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE teams (id bigint PRIMARY KEY, slug text NOT NULL, is_deleted boolean NOT NULL DEFAULT false);
    /// CREATE UNIQUE INDEX teams_slug ON teams (slug);
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, deleted_at timestamptz);
    /// CREATE UNIQUE INDEX ON users (email) WHERE deleted_at IS NULL;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, deleted_at timestamptz);
    /// -- queries
    /// UPDATE users SET deleted_at = now(), email = email || id WHERE id = $1;
    /// ```
    /// ```sql,good
    /// CREATE TABLE users (id bigint PRIMARY KEY, public_id uuid NOT NULL UNIQUE, deleted_at timestamptz);
    /// ```
    "K024", note, fix, opt_in, Check::Schema(check)
}

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    let references = findings.sight().references();
    for table in own_tables(schema).filter(|table| table.foreign.is_none() && !table.is_partitioned()) {
        let Some(living) = living(table) else { continue };
        let referred = |columns: &[Name]| {
            let all = references.get(&table.name).into_iter().flatten();
            all.flat_map(|it| &it.key.targets).any(|name| columns.contains(name))
        };
        for constraint in table.constraints.iter().filter(|constraint| !constraint.inherited) {
            let ConstraintKind::Unique(key) = &constraint.kind else { continue };
            if !names_people_choose(table, &key.columns, &living) || referred(&key.columns) {
                continue;
            }
            let path = Path::constraint(&table.name, constraint.name.clone());
            say(findings, table, &key.columns, &living, path);
        }
        for index in table.indexes.iter().filter(|index| index.unique && !index.inherited && index.predicate.is_none())
        {
            let columns: Option<Vec<Name>> = index.key_columns().into_iter().map(|name| name.cloned()).collect();
            let Some(columns) =
                columns.filter(|columns| names_people_choose(table, columns, &living) && !referred(columns))
            else {
                continue;
            };
            say(findings, table, &columns, &living, Path::index(&table.name, index.name.clone()));
        }
    }
}

fn say(findings: &mut Findings<'_>, table: &Table, columns: &[Name], living: &Expr, path: Path) {
    if is_freed(findings, table, columns, living) {
        return;
    }
    let index = Index { unique: true, predicate: Some(living.clone()), ..Index::btree("", columns.iter().cloned()) };
    let columns = comma(columns);
    findings
        .at(&path, format!("a new row of {} cannot have the ({columns}) of a deleted one", table.name))
        .why("unless the application changes it on deletion, the INSERT fails because of a row that nobody sees")
        .unsafe_fix(
            format!("make it unique where {living}"),
            vec![Change::drop(path), Change::add_index(&table.name, index)],
        );
}

/// The condition by which rows are not deleted.
fn living(table: &Table) -> Option<Expr> {
    let column = |names: &[&str], fits: fn(&Column) -> bool| {
        names.iter().find_map(|name| table.column(name)).filter(|column| fits(column)).map(|column| column.name.clone())
    };
    let time = column(&["deleted_at", "deletedAt", "removed_at", "deleted_on"], |column| {
        matches!(column.ty, Type::Timestamp { .. } | Type::Date) && column.is_nullable()
    });
    if let Some(name) = time {
        return Some(Expr::Test { operand: Box::new(Expr::column(name)), test: "IS NULL".into() });
    }
    let flag = column(&["is_deleted", "deleted", "isDeleted"], |column| column.ty == Type::Boolean)?;
    Some(Expr::Unary { op: "NOT".into(), operand: Box::new(Expr::column(flag)) })
}

/// Something that a person or another system chooses and may choose again; not what the database makes up.
fn names_people_choose(table: &Table, columns: &[Name], living: &Expr) -> bool {
    let chosen = |name: &Name| {
        table.column(name).is_some_and(|column| column.ty.is_text() || column.ty.user_defined().is_some())
            && !["token", "hash", "uuid", "key", "digest", "ref"]
                .iter()
                .any(|word| name.to_ascii_lowercase().contains(word))
            && !name.to_ascii_lowercase().ends_with("id")
    };
    columns.iter().any(chosen) && !columns.iter().any(|name| living.columns().contains(&name))
}

/// A statement that marks the row also gives one of the columns another value.
fn is_freed(findings: &Findings<'_>, table: &Table, columns: &[Name], living: &Expr) -> bool {
    let marks = |write: &Write| {
        let sets = |name: &Name| write.assignments.iter().any(|(set, _)| set == name);
        write.table == table.name && living.columns().into_iter().any(sets) && columns.iter().any(sets)
    };
    findings.queries().iter().any(|found| {
        let mut freed = false;
        found.query.walk(&mut |query| freed |= query.write.as_deref().is_some_and(marks));
        freed
    })
}
