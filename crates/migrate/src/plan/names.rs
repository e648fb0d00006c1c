//! Names that the planner lends to things for a while.

use model::name::LONGEST;
use model::{Name, QName};

/// `total__new`: what will take the place of `total`.
pub(super) fn new(name: &str) -> Name {
    with_suffix(name, "__new")
}

/// `total__old`: what gave its place away.
pub(super) fn old(name: &str) -> Name {
    with_suffix(name, "__old")
}

/// `total__dropped`: what is dropped when nobody missed it.
pub(super) fn dropped(name: &str) -> Name {
    with_suffix(name, "__dropped")
}

/// `total__not_null`: the check that proves it.
pub(super) fn not_null(name: &str) -> Name {
    with_suffix(name, "__not_null")
}

/// The function and trigger that keep a column and its shadow in step.
pub(super) fn sync(table: &QName, column: &str) -> QName {
    // Triggers fire by name: this one sees what the others did.
    QName::new(table.schema.clone(), with_suffix(&format!("zz_{}_{column}", table.name), "__sync"))
}

/// The check that the rows of a table belong to its bounds.
pub(super) fn bounds(name: &str) -> Name {
    with_suffix(name, "__bounds")
}

/// The check that no row of a default partition belongs to a new one.
pub(super) fn outside(name: &str) -> Name {
    with_suffix(name, "__outside")
}

/// The sequence that numbers the rows of a table until its identity column does.
pub(super) fn numbers(name: &str) -> Name {
    with_suffix(name, "__numbers")
}

/// What carries a value over to the other table.
pub(super) fn carry(table: &QName, column: &str) -> QName {
    QName::new(table.schema.clone(), with_suffix(&format!("zz_{}_{column}", table.name), "__carry"))
}

/// What takes the rows of the other table along when one goes.
pub(super) fn along(table: &QName, column: &str) -> QName {
    QName::new(table.schema.clone(), with_suffix(&format!("zz_{}_{column}", table.name), "__along"))
}

/// The index by which rows of two tables find each other for a while.
pub(super) fn moving(name: &str) -> Name {
    with_suffix(name, "__moving")
}

/// The part of a partitioned index on the partition at that place.
pub(super) fn part(index: &str, at: usize) -> Name {
    with_suffix(index, &format!("__{}", at + 1))
}

fn with_suffix(name: &str, suffix: &str) -> Name {
    let mut end = name.len().min(LONGEST - suffix.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &name[..end]).into()
}
