//! The conventions by which migrations are kept, one file each.

mod dbmate;
mod diesel;
mod drizzle;
mod flyway;
mod goose;
mod liquibase;
mod numbered;
mod pairs;
mod prisma;
mod schema;
mod versioned;

use std::collections::BTreeMap;

use model::step::Layout;

use super::version::Chunk;
use super::{Draft, Entry, Folder, Section};

pub(super) use schema::{chain, schemas};

/// A folder recognised: its migrations in the order of application. Files that no draft names are left over.
pub(super) struct History {
    pub(super) layout: Layout,
    pub(super) drafts: Vec<Draft>,
}

pub(super) type Convention = fn(&Folder) -> Option<History>;

/// Where a migration is a folder. The most telling shape comes first.
pub(super) const NESTED: &[Convention] =
    &[diesel::find, drizzle::find_folders, prisma::find, flyway::find_folders, versioned::find];

/// Where a migration is a file.
pub(super) const FLAT: &[Convention] =
    &[goose::find, dbmate::find, liquibase::find, drizzle::find, flyway::find, pairs::find, numbered::find];

/// One side or both of one migration, as a file or a section gives it.
struct Part {
    order: Order,
    name: String,
    up: Option<Section>,
    down: Option<Section>,
}

/// By what migrations are ordered, and by what the sides of one find each other: a class (repeatable ones come
/// last), the version, and a word that tells apart those of equal version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Order(u8, Vec<Chunk>, String);

/// Puts the parts of each migration together, in order. `None` when there is not one.
fn history(layout: Layout, folder: &Folder, parts: impl Fn(&Entry) -> Vec<Part>) -> Option<History> {
    let mut drafts: BTreeMap<Order, Draft> = BTreeMap::new();
    for part in folder.entries.iter().flat_map(parts) {
        let new = || Draft { name: part.name.clone(), up: Vec::new(), down: Vec::new() };
        let draft = drafts.entry(part.order).or_insert_with(new);
        if part.up.is_some() && draft.up.is_empty() {
            draft.name = part.name;
        }
        draft.up.extend(part.up);
        draft.down.extend(part.down);
    }
    let drafts: Vec<Draft> = drafts.into_values().collect();
    (!drafts.is_empty()).then_some(History { layout, drafts })
}
