//! The shape of a schema as one number, the same for what was read from files and what a server says.

use crate::apply::apply;
use crate::change::Change;
use crate::name::{Name, PG_CATALOG, PUBLIC};
use crate::object::{Constraint, ConstraintKind, Object, Table};
use crate::path::{Kind, Path};
use crate::planned::Fingerprint;
use crate::schema::Schema;

/// The schema that holds Palladio's own bookkeeping in a database; it is in nobody's shape.
pub const OWN_SCHEMA: &str = "palladio";

pub(crate) fn of(schema: &Schema) -> Fingerprint {
    hashed(schema.objects().filter(|(path, _)| counts(path)))
}

/// A schema of a database as if it were `public` and alone there: tenants of the same shape have the same number.
pub(crate) fn of_namespace(schema: &Schema, namespace: &Name) -> Fingerprint {
    let mut seen = schema.clone();
    let rename = |from: Name, to: Name| Change::Rename { path: Path::global(Kind::Namespace, from), to };
    // What all tenants share in `public` is then written like theirs, without a schema.
    let renamed = apply(&mut seen, &rename(PUBLIC, PG_CATALOG))
        .and_then(|_| apply(&mut seen, &rename(namespace.clone(), PUBLIC)));
    match renamed {
        Ok(_) => hashed(seen.objects().filter(|(path, _)| counts(path) && path.schema == PUBLIC)),
        // The schema is not there: it has the shape of an empty one.
        Err(_) => hashed(std::iter::empty()),
    }
}

fn hashed<'a>(objects: impl Iterator<Item = (&'a Path, &'a Object)>) -> Fingerprint {
    let mut lines: Vec<String> = objects.flat_map(|(path, object)| shape(path, object)).collect();
    // Tables that grew have their columns in another order.
    lines.sort_unstable();
    let mut hash = Fnv::default();
    for line in lines {
        hash.add(line.as_bytes());
        hash.add(b"\n");
    }
    Fingerprint(hash.0)
}

/// What a database has of its own, or shares with the cluster.
fn counts(path: &Path) -> bool {
    let of_cluster = matches!(
        path.kind,
        Kind::Role
            | Kind::Language
            | Kind::Database
            | Kind::Tablespace
            | Kind::Extension
            | Kind::AccessMethod
            | Kind::Namespace
    );
    !of_cluster && path.schema != OWN_SCHEMA && path.schema != "pg_temp"
}

fn shape(path: &Path, object: &Object) -> Vec<String> {
    let kind = path.kind.sql();
    match object {
        Object::Table(table) => of_table(table),
        Object::View(view) => {
            let indexes = view.indexes.iter().map(|index| format!("INDEX {path}.{}", index.name));
            std::iter::once(format!("{kind} {path}")).chain(indexes).collect()
        }
        Object::Enum(ty) => vec![format!("ENUM {path} {:?}", ty.values)],
        Object::Domain(domain) => vec![format!("DOMAIN {path} {} {}", domain.base, domain.not_null.is_some())],
        Object::Composite(ty) => ty.attributes.iter().map(|own| format!("{path}.{} {}", own.name, own.ty)).collect(),
        Object::Sequence(sequence) => vec![format!("SEQUENCE {path} {} {}", sequence.ty, sequence.increment)],
        Object::DefaultPrivileges(_) | Object::Named(_) => Vec::new(),
        _ => vec![format!("{kind} {path}")],
    }
}

fn of_table(table: &Table) -> Vec<String> {
    let name = &table.name;
    let mut lines = vec![format!(
        "TABLE {name} {:?} {:?} {:?}",
        table.persistence,
        table.partition_of.as_ref().map(|of| of.parent.to_string()),
        table.row_security,
    )];
    lines.extend(table.columns.iter().map(|column| {
        format!(
            "{name}.{} {} {} {} {}",
            column.name,
            column.ty,
            column.not_null.as_ref().is_some_and(|own| !own.not_valid),
            column.identity.is_some(),
            column.generated.is_some(),
        )
    }));
    lines.extend(table.constraints.iter().map(|own| format!("{name}.{} {} {}", own.name, kind(own), own.valid)));
    lines.extend(table.indexes.iter().map(|own| {
        let columns: Vec<_> =
            own.key_columns().into_iter().map(|column| column.map_or("()", |name| name.as_str())).collect();
        format!("{name}.{} {} {columns:?}", own.name, own.unique)
    }));
    lines.extend(table.triggers.iter().map(|own| format!("TRIGGER {name}.{}", own.name)));
    lines.extend(table.policies.iter().map(|own| format!("POLICY {name}.{}", own.name)));
    lines
}

fn kind(constraint: &Constraint) -> String {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => format!("PRIMARY KEY {:?}", key.columns),
        ConstraintKind::Unique(key) => format!("UNIQUE {:?}", key.columns),
        ConstraintKind::ForeignKey(key) => format!("REFERENCES {} {:?} {:?}", key.table, key.columns, key.on_delete),
        ConstraintKind::Check(_) => "CHECK".to_owned(),
        ConstraintKind::Exclude(_) => "EXCLUDE".to_owned(),
    }
}

/// FNV-1a.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
