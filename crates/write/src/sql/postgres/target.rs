//! How statements about an object name it.

use model::name::{PUBLIC, quoted};
use model::path::Kind;
use model::{Path, Schema};

use super::{comment, words};

/// The name behind the words of the kind: `f(integer)`, `orders.total`, `orders_pkey ON orders`.
pub(super) fn name(path: &Path) -> String {
    match path.kind {
        Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{} ON {}", quoted(&path.part), path.qname())
        }
        Kind::Aggregate if path.part.is_empty() => format!("{}(*)", path.qname()),
        Kind::Operator => format!("{} ({})", operator(path), path.part),
        Kind::OperatorClass | Kind::OperatorFamily => format!("{} USING {}", path.qname(), quoted(&path.part)),
        // Types and roles that were written down as SQL.
        Kind::Cast => format!("({})", path.name),
        Kind::Transform => format!("FOR {} LANGUAGE {}", path.name, quoted(&path.part)),
        Kind::UserMapping => format!("FOR {} SERVER {}", words::role(&path.name), quoted(&path.part)),
        _ => path.to_string(),
    }
}

/// A symbol is never quoted.
fn operator(path: &Path) -> String {
    if path.schema == PUBLIC || path.schema.is_empty() {
        return path.name.to_string();
    }
    format!("{}.{}", quoted(&path.schema), path.name)
}

/// The same for COMMENT, which says of a constraint when it is a domain's.
pub(super) fn commented(schema: &Schema, path: &Path) -> String {
    let domain = Path { kind: Kind::Domain, part: Default::default(), ..path.clone() };
    if path.kind == Kind::Constraint && schema.table(&path.qname()).is_none() && schema.contains(&domain) {
        return format!("CONSTRAINT {} ON DOMAIN {}", quoted(&path.part), path.qname());
    }
    format!("{} {}", comment::kind(schema, path), name(path))
}
