//! How statements about an object name it.

use model::name::quoted;
use model::path::Kind;
use model::{Path, Schema};

/// The name behind the words of the kind: `f(integer)`, `orders.total`, `orders_pkey ON orders`.
pub(super) fn name(path: &Path) -> String {
    match path.kind {
        Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{} ON {}", quoted(&path.part), path.qname())
        }
        Kind::Aggregate if path.part.is_empty() => format!("{}(*)", path.qname()),
        _ => path.to_string(),
    }
}

/// The same for COMMENT, which says of a constraint when it is a domain's.
pub(super) fn commented(schema: &Schema, path: &Path) -> String {
    let domain = Path { kind: Kind::Domain, part: Default::default(), ..path.clone() };
    if path.kind == Kind::Constraint && schema.table(&path.qname()).is_none() && schema.contains(&domain) {
        return format!("CONSTRAINT {} ON DOMAIN {}", quoted(&path.part), path.qname());
    }
    format!("{} {}", path.kind.sql(), name(path))
}
