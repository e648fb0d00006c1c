//! Which column says whose a row is.

use model::object::{Column, Table};

/// What people call it.
const NAMES: &[&str] = &[
    "account_id",
    "company_id",
    "org_id",
    "organisation_id",
    "organization_id",
    "team_id",
    "tenant_id",
    "tenant",
    "workspace_id",
];

/// The column by which the rows of tenants are told apart; one that may be NULL does not.
pub(crate) fn tenant_column(table: &Table) -> Option<&Column> {
    let is_tenant = |column: &&Column| NAMES.contains(&column.name.as_str()) && !column.is_nullable();
    table.columns.iter().map(|column| &**column).find(is_tenant)
}
