//! Introspection: a running PostgreSQL, 14 to 18, becomes the same schema as the SQL that made it.
//!
//! The values are built from the catalogs themselves, so that they bear witness beside the readers of text. Only what
//! PostgreSQL keeps as a tree and prints as text (expressions, queries, types) is read by the reader's own functions.
//! Each kind of object costs one or two queries, however many objects there are.

mod aggregates;
mod columns;
mod comments;
mod constraints;
mod event_triggers;
mod extensions;
mod foreign;
mod grants;
mod indexes;
mod namespaces;
mod operators;
mod partitions;
mod policies;
mod publications;
mod relations;
mod roles;
mod routines;
mod row;
mod rules;
mod sequences;
mod sizes;
mod statistics;
mod text_search;
mod triggers;
mod types;
mod views;
mod world;

use model::stats::Stats;
use model::{Problem, Schema};
use postgres::{Client, IsolationLevel, Transaction};

use crate::Error;
use world::World;

/// What a running database is.
#[derive(Clone, Debug)]
pub struct Introspection {
    pub schema: Schema,
    /// What it says that could not be understood.
    pub problems: Vec<Problem>,
    /// Sizes, rows and scans.
    pub stats: Stats,
    /// The version of the server, like 16.
    pub version: u16,
    /// How many queries it took.
    pub queries: usize,
}

/// Looks at everything in the database at one moment. Objects of the system and of extensions are left out.
pub fn introspect(client: &mut Client) -> Result<Introspection, Error> {
    let read = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    look(read.start()?)
}

/// The same within a transaction that is open: also what nobody else sees yet.
pub fn introspect_within(transaction: &mut Transaction<'_>) -> Result<Introspection, Error> {
    look(transaction.transaction()?)
}

fn look(transaction: Transaction<'_>) -> Result<Introspection, Error> {
    let mut world = World::new(transaction)?;
    let world = &mut world;
    roles::read(world)?;
    namespaces::read(world)?;
    extensions::read(world)?;
    relations::read(world)?;
    columns::read(world)?;
    partitions::read(world)?;
    sequences::read(world)?;
    types::read(world)?;
    types::domains(world)?;
    routines::read(world)?;
    aggregates::read(world)?;
    // From here on every name that an expression can hold is known.
    world.know();
    columns::defaults(world)?;
    views::read(world)?;
    routines::bodies(world)?;
    partitions::keys(world)?;
    let behind_keys = indexes::read(world)?;
    constraints::read(world, &behind_keys)?;
    triggers::read(world)?;
    rules::read(world)?;
    policies::read(world)?;
    event_triggers::read(world)?;
    statistics::read(world)?;
    publications::read(world)?;
    operators::read(world)?;
    text_search::read(world)?;
    foreign::read(world)?;
    comments::read(world)?;
    let stats = sizes::read(world)?;
    let schema = world.assemble();
    let schema = grants::read(world, schema)?;
    let (problems, version, queries) = (std::mem::take(&mut world.problems), world.version, world.queries);
    Ok(Introspection { schema, problems, stats, version, queries })
}
