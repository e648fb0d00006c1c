use model::object::{Constraint, ConstraintKind, Index, Key, Table};
use model::{Change, Kind, Name, Path, Schema};

use crate::define::rule;
use crate::findings::Findings;
use crate::rule::Check;
use crate::subject::{own_tables, words_of};
use crate::tenants::tenant_column;
use crate::words::comma;

rule! {
    /// A name or number is unique across all tenants, so one learns from an error what another uses; put the tenant into the key.
    ///
    /// The second tenant that wants the slug `sales` is refused, and knows now that somebody has it. It is right only for what
    /// the whole world shares, such as a domain.
    ///
    /// ```sql,bad
    /// CREATE TABLE projects (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, slug text NOT NULL UNIQUE);
    /// ```
    /// ```sql,bad
    /// CREATE TABLE invoices (id bigint PRIMARY KEY, org_id uuid NOT NULL, number text NOT NULL);
    /// CREATE UNIQUE INDEX invoices_number ON invoices (number);
    /// ```
    /// ```sql,good
    /// CREATE TABLE projects (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, slug text NOT NULL, UNIQUE (tenant_id, slug));
    /// ```
    /// ```sql,good
    /// CREATE TABLE invoices (id bigint PRIMARY KEY, org_id uuid NOT NULL, token text NOT NULL UNIQUE, domain text UNIQUE);
    /// ```
    "S030", note, fix, Check::Schema(check)
}

/// What tenants choose for themselves.
const CHOSEN: &[&str] = &["slug", "name", "number", "title", "label", "handle"];

fn check(schema: &Schema, findings: &mut Findings<'_>) {
    for table in own_tables(schema) {
        let Some(tenant) = tenant_column(table) else { continue };
        for (path, columns) in unique_keys(table) {
            let [column] = columns[..] else { continue };
            let chosen = words_of(column).last().is_some_and(|last| CHOSEN.contains(&last.as_str()));
            if !chosen || table.column(column).is_none_or(|column| !column.ty.is_text()) {
                continue;
            }
            let changes = with_tenant(table, &path, &tenant.name, column);
            findings
                .at(&path, format!("no two {}s may have the same {column}", tenant.name.trim_end_matches("_id")))
                .why(format!("the key is ({}), without {}", comma(&columns), tenant.name))
                .unsafe_fix(format!("make it unique for each {}", tenant.name), changes);
        }
    }
}

/// The key anew, with the tenant first.
fn with_tenant(table: &Table, path: &Path, tenant: &Name, column: &Name) -> Vec<Change> {
    let columns = vec![tenant.clone(), column.clone()];
    let anew = match path.kind {
        Kind::Index => {
            Change::add_index(&table.name, Index { unique: true, ..Index::btree(path.part.clone(), columns) })
        }
        _ => {
            let kind = ConstraintKind::Unique(Key { columns, ..Key::default() });
            Change::add_constraint(&table.name, Constraint::new(path.part.clone(), kind))
        }
    };
    vec![Change::drop(path.clone()), anew]
}

/// Unique constraints and unique indexes over plain columns.
fn unique_keys(table: &Table) -> Vec<(Path, Vec<&Name>)> {
    let constraints = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::Unique(key) => {
            Some((Path::constraint(&table.name, constraint.name.clone()), key.columns.iter().collect()))
        }
        _ => None,
    });
    let indexes = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none() && !index.inherited);
    let indexes = indexes.filter_map(|index| {
        let columns = index.key_columns().into_iter().collect::<Option<Vec<_>>>()?;
        Some((Path::index(&table.name, index.name.clone()), columns))
    });
    constraints.chain(indexes).collect()
}
