//! Which lock a change takes on the tables that others use, and how long it holds it (manual, 13.3 and the pages of
//! the statements; the lab shows each when a plan is proven).

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{ConstraintKind, Object, Publication};
use model::planned::Cost;
use model::{Change, Expr, Kind, LockMode, Name, Path, QName, Schema, Type, stored};

use super::names;

/// The tables that are locked, each with the strongest mode.
pub(super) fn of(now: &Schema, change: &Change) -> Vec<(QName, LockMode)> {
    let owner = change.path().qname();
    let kind = change.path().kind;
    let on = |mode| vec![(owner.clone(), mode)];
    match change {
        Change::Create { object, .. } => match object {
            Object::Column(_) | Object::Policy(_) | Object::Rule(_) => on(LockMode::AccessExclusive),
            Object::Constraint(constraint) => match &constraint.kind {
                ConstraintKind::ForeignKey(key) if key.table == owner => on(LockMode::ShareRowExclusive),
                ConstraintKind::ForeignKey(key) => {
                    vec![(owner, LockMode::ShareRowExclusive), (key.table.clone(), LockMode::ShareRowExclusive)]
                }
                _ => on(LockMode::AccessExclusive),
            },
            Object::Index(_) => on(LockMode::Share),
            Object::Trigger(_) => with_partitions(now, &owner, LockMode::ShareRowExclusive),
            Object::Statistics(statistics) => vec![(statistics.table.clone(), LockMode::ShareUpdateExclusive)],
            Object::Publication(publication) => published([publication]),
            Object::Table(table) => {
                let targets = table.foreign_keys().map(|(_, key)| (key.table.clone(), LockMode::ShareRowExclusive));
                let parent = table.partition_of.iter().map(|of| (of.parent.clone(), LockMode::AccessExclusive));
                targets.chain(parent).filter(|(name, _)| *name != owner).collect()
            }
            _ => Vec::new(),
        },
        Change::Drop { path, .. } => match kind {
            Kind::Table => {
                let targets = now.table(&owner).into_iter().flat_map(|table| table.foreign_keys());
                let targets = targets.map(|(_, key)| (key.table.clone(), LockMode::AccessExclusive));
                std::iter::once((owner.clone(), LockMode::AccessExclusive)).chain(targets).collect()
            }
            Kind::Statistics => match now.object(path) {
                Some(Object::Statistics(own)) => vec![(own.table.clone(), LockMode::ShareUpdateExclusive)],
                _ => Vec::new(),
            },
            Kind::Constraint => {
                let key = now
                    .table(&owner)
                    .and_then(|table| table.constraint(&path.part))
                    .and_then(|own| own.as_foreign_key());
                let target =
                    key.filter(|key| key.table != owner).map(|key| (key.table.clone(), LockMode::AccessExclusive));
                on(LockMode::AccessExclusive).into_iter().chain(target).collect()
            }
            Kind::Trigger => with_partitions(now, &owner, LockMode::AccessExclusive),
            kind if kind.is_part() || is_view(kind) => on(LockMode::AccessExclusive),
            _ => Vec::new(),
        },
        Change::Rename { .. } if kind == Kind::Index => on(LockMode::ShareUpdateExclusive),
        Change::Rename { .. } | Change::Move { .. } | Change::Replace { .. } if is_view(kind) => {
            on(LockMode::AccessExclusive)
        }
        Change::Rename { .. } | Change::Move { .. } if kind.is_part() || kind == Kind::Table => {
            on(LockMode::AccessExclusive)
        }
        Change::Alter { aspect, .. } => altered(now, change, aspect),
        Change::Replace { .. } if matches!(kind, Kind::Trigger) => on(LockMode::ShareRowExclusive),
        _ => Vec::new(),
    }
}

/// The partition takes what no other does.
fn is_default(schema: &Schema, partition: &QName) -> bool {
    let of = schema.table(partition).and_then(|table| table.partition_of.as_ref());
    of.is_some_and(|of| of.bound.to_string().trim().eq_ignore_ascii_case("default"))
}

fn published<'a>(publications: impl IntoIterator<Item = &'a Publication>) -> Vec<(QName, LockMode)> {
    let tables = publications.into_iter().flat_map(|own| &own.tables).map(|own| own.table.clone());
    let tables: BTreeSet<QName> = tables.collect();
    tables.into_iter().map(|table| (table, LockMode::ShareUpdateExclusive)).collect()
}

fn is_view(kind: Kind) -> bool {
    matches!(kind, Kind::View | Kind::MaterializedView)
}

fn altered(now: &Schema, change: &Change, aspect: &Aspect) -> Vec<(QName, LockMode)> {
    let path = change.path();
    let owner = path.qname();
    let relation = path.kind.is_part() || path.kind == Kind::Table;
    let on = |mode| if relation { vec![(owner.clone(), mode)] } else { Vec::new() };
    match aspect {
        Aspect::Options(_) if is_view(path.kind) => vec![(owner, LockMode::AccessExclusive)],
        Aspect::Publication(publication) => match now.object(path) {
            Some(Object::Publication(known)) => published([known, &**publication]),
            _ => published([&**publication]),
        },
        Aspect::Other(_) if path.kind == Kind::Table => on(LockMode::AccessExclusive),
        Aspect::Comment(_) | Aspect::ColumnStatistics(_) | Aspect::Options(_) | Aspect::ClusterOn(_) => {
            on(LockMode::ShareUpdateExclusive)
        }
        Aspect::Validate => {
            let key =
                now.table(&owner).and_then(|table| table.constraint(&path.part)).and_then(|own| own.as_foreign_key());
            let target = key.filter(|key| key.table != owner).map(|key| (key.table.clone(), LockMode::RowShare));
            on(LockMode::ShareUpdateExclusive).into_iter().chain(target).collect()
        }
        Aspect::ValidateDomainCheck(_) | Aspect::NotNull(Some(_)) if path.kind == Kind::Domain => {
            of_domain(now, &owner).into_iter().map(|table| (table, LockMode::Share)).collect()
        }
        Aspect::AddDomainCheck(check) if check.valid => {
            of_domain(now, &owner).into_iter().map(|table| (table, LockMode::Share)).collect()
        }
        Aspect::Enabled(_) => on(LockMode::ShareRowExclusive),
        Aspect::Grant(_) | Aspect::Revoke(_) | Aspect::Other(_) => Vec::new(),
        Aspect::AttachPartition { partition, .. } => {
            let default = default_of(now, &owner).map(|default| (default.clone(), LockMode::AccessExclusive));
            // The foreign keys of the whole become those of the part.
            let keys = now.table(&owner).into_iter().flat_map(model::object::Table::foreign_keys);
            let targets = keys.map(|(_, key)| (key.table.clone(), LockMode::ShareRowExclusive));
            let targets: Vec<_> = targets.collect();
            let own = [(owner.clone(), LockMode::ShareUpdateExclusive), (partition.clone(), LockMode::AccessExclusive)];
            own.into_iter().chain(default).chain(targets).collect()
        }
        // Concurrently it asks for less, which the step knows.
        Aspect::DetachPartition { partition } => {
            let default = default_of(now, &owner).filter(|default| *default != partition);
            let whole = [partition.clone(), owner.clone()].into_iter().chain(default.cloned());
            whole.map(|table| (table, LockMode::AccessExclusive)).collect()
        }
        _ => on(LockMode::AccessExclusive),
    }
}

/// Whether the change looks at rows while it holds its lock.
pub(super) fn cost(now: &Schema, change: &Change) -> Cost {
    match change {
        Change::Create { object, .. } => match object {
            Object::Constraint(constraint) => match &constraint.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if key.using_index.is_some() => {
                    Cost::Instant
                }
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => Cost::Build,
                _ if constraint.valid => Cost::Scan,
                _ => Cost::Instant,
            },
            Object::Index(_) => Cost::Build,
            Object::Column(column) if column.generated.as_ref().is_some_and(|own| own.stored) => Cost::Rewrite,
            Object::Column(column) if column.identity.is_some() => Cost::Rewrite,
            // Each row has to prove that it obeys the domain.
            Object::Column(column) if is_strict(now, &column.ty) => Cost::Rewrite,
            Object::View(view) if view.materialized => Cost::Scan,
            _ => Cost::Instant,
        },
        Change::Alter { aspect, .. } => match aspect {
            Aspect::Type { ty, collation } => {
                let path = change.path();
                let column = now.column(&path.qname(), &path.part);
                let keeps = column.is_none_or(|own| stored::keeps_rows(now, &own.name, &own.ty, ty, None));
                match keeps {
                    true if sorts_anew(now, path, collation.as_ref()) => Cost::Build,
                    true => Cost::Instant,
                    false => Cost::Rewrite,
                }
            }
            Aspect::Validate | Aspect::ValidateDomainCheck(_) => Cost::Scan,
            Aspect::NotNull(Some(_)) if change.path().kind == Kind::Domain => Cost::Scan,
            Aspect::NotNull(Some(own)) if !own.not_valid => match is_proven(now, change.path()) {
                true => Cost::Instant,
                false => Cost::Scan,
            },
            Aspect::AddDomainCheck(check) if check.valid => Cost::Scan,
            Aspect::AttachPartition { partition, .. } => attaching(now, &change.path().qname(), partition),
            Aspect::Persistence(_) | Aspect::Tablespace(_) | Aspect::AccessMethod(_) => Cost::Rewrite,
            _ => Cost::Instant,
        },
        _ => Cost::Instant,
    }
}

/// A trigger of a partitioned table is one of each partition.
fn with_partitions(now: &Schema, table: &QName, mode: LockMode) -> Vec<(QName, LockMode)> {
    let mut found = vec![(table.clone(), mode)];
    let mut at = 0;
    while at < found.len() {
        let of = |child: &&QName| now.table(child).is_some_and(|own| own.partition_of.is_some());
        found.extend(now.children(&found[at].0).filter(of).map(|child| (child.clone(), mode)).collect::<Vec<_>>());
        at += 1;
    }
    found
}

/// The tables with a column of the domain.
fn of_domain(now: &Schema, domain: &QName) -> Vec<QName> {
    let has =
        |table: &&model::object::Table| table.columns.iter().any(|column| column.ty.user_defined() == Some(domain));
    now.tables().filter(has).map(|table| table.name.clone()).collect()
}

/// Rows are looked at unless checks say of all of them where they belong.
fn attaching(now: &Schema, parent: &QName, partition: &QName) -> Cost {
    let has =
        |table: &QName, name: Name| now.table(table).and_then(|own| own.constraint(&name)).is_some_and(|own| own.valid);
    let apart = default_of(now, parent).is_none_or(|default| has(default, names::outside(&partition.name)));
    if apart && has(partition, names::bounds(&partition.name)) { Cost::Instant } else { Cost::Scan }
}

/// Whether rows of a default partition may belong to a new one, as far as nothing says that none does.
pub(super) fn has_default(now: &Schema, parent: &QName) -> bool {
    let Some(default) = default_of(now, parent).and_then(|default| now.table(default)) else { return false };
    !default.constraints.iter().any(|own| own.valid && own.name.ends_with("__outside"))
}

/// The partition for whatever belongs to no other.
pub(super) fn default_of<'a>(schema: &'a Schema, parent: &QName) -> Option<&'a QName> {
    schema.children(parent).find(|child| is_default(schema, child))
}

/// With another collation the indexes of a column are in the wrong order, and are built again under the lock.
pub(super) fn sorts_anew(now: &Schema, column: &Path, collation: Option<&QName>) -> bool {
    let Some(table) = now.table(&column.qname()) else { return false };
    let other = table.column(&column.part).is_some_and(|own| own.collation.as_ref() != collation);
    let in_index =
        table.indexes.iter().any(|index| index.keys.iter().any(|key| key.expr.columns().contains(&&column.part)));
    let in_key = table.constraints.iter().any(|own| match &own.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.contains(&column.part),
        ConstraintKind::Exclude(_) => true,
        _ => false,
    });
    other && (in_index || in_key)
}

/// A valid check of the table says that the column is not null: SET NOT NULL believes it.
pub(super) fn is_proven(schema: &Schema, column: &Path) -> bool {
    let table = schema.table(&column.qname());
    table.is_some_and(|table| {
        table.checks().any(|(constraint, expr)| {
            let says = matches!(expr, Expr::Test { operand, test } if test == "IS NOT NULL" && operand.as_column() == Some(&column.part));
            constraint.valid && says
        })
    })
}

/// A domain with constraints.
fn is_strict(schema: &Schema, ty: &Type) -> bool {
    let domain = ty.user_defined().and_then(|name| schema.domains().find(|domain| domain.name == *name));
    domain.is_some_and(|domain| domain.not_null.is_some() || !domain.checks.is_empty())
}
