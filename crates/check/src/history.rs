//! What several rules ask of a history: what a migration makes anew, and what it takes away for good.

use std::collections::BTreeMap;

use model::step::Action;
use model::{Change, Kind, Migration, Name, Path, Place, Schema, Step, apply};

use crate::findings::Findings;

/// The migrations that make the database what it is.
pub(crate) fn ups(migrations: &[Migration]) -> impl Iterator<Item = &Migration> {
    migrations.iter().filter(|migration| !migration.down)
}

/// The migrations of one folder, in the order of application.
pub(crate) fn folders<'m>(migrations: &'m [Migration], findings: &Findings<'_>) -> Vec<Vec<&'m Migration>> {
    let mut folders: BTreeMap<_, Vec<&Migration>> = BTreeMap::new();
    for migration in ups(migrations) {
        let file = findings.file(migration.place);
        let mut above = file.rsplit('/').skip(1);
        // Where a migration is a folder, its own says nothing.
        let is_folder = above.next().is_some_and(|folder| folder == migration.name);
        let levels = if is_folder { 2 } else { 1 };
        let folder = file.rsplitn(levels + 1, '/').nth(levels).unwrap_or("");
        folders.entry((migration.layout, folder)).or_default().push(migration);
    }
    folders.into_values().collect()
}

/// What a migration makes, by name, with the position of the last step that does.
pub(crate) struct Made(BTreeMap<Key, usize>);

/// Things that can take each other's place have one key: a view that of a table, an overload that of another.
type Key = (Kind, Name, Name, Name);

impl Made {
    pub(crate) fn by(migration: &Migration) -> Made {
        let mut made = BTreeMap::new();
        for (index, step) in migration.steps.iter().enumerate() {
            for change in &step.changes {
                let path = match change {
                    Change::Create { path, .. } | Change::Replace { path, .. } => path.clone(),
                    Change::Rename { path, to } if path.kind.is_part() => Path { part: to.clone(), ..path.clone() },
                    Change::Rename { path, to } => Path { name: to.clone(), ..path.clone() },
                    Change::Move { path, to } => Path { schema: to.clone(), ..path.clone() },
                    Change::Drop { .. } | Change::Alter { .. } => continue,
                };
                made.insert(key(&path), index);
            }
        }
        Made(made)
    }

    /// The thing, or what takes its place, is made after this step or by it.
    pub(crate) fn since(&self, index: usize, path: &Path) -> bool {
        self.0.get(&key(path)).is_some_and(|last| *last >= index)
    }
}

fn key(path: &Path) -> Key {
    let kind = match path.kind {
        Kind::Table | Kind::View | Kind::MaterializedView => Kind::Table,
        Kind::Enum | Kind::Domain | Kind::Composite | Kind::Range | Kind::BaseType => Kind::BaseType,
        Kind::Function | Kind::Procedure | Kind::Aggregate => Kind::Function,
        other => other,
    };
    let part = if path.kind.has_signature() { Name::default() } else { path.part.clone() };
    (kind, path.schema.clone(), path.name.clone(), part)
}

/// A thing that others may use, and that a migration takes away and does not make again.
pub(crate) struct Loss<'m> {
    pub(crate) step: &'m Step,
    pub(crate) path: &'m Path,
    pub(crate) place: Place,
}

/// What the migrations take away of these kinds.
pub(crate) fn losses<'m>(migrations: &'m [Migration], kinds: &[Kind]) -> Vec<Loss<'m>> {
    let mut losses = Vec::new();
    for migration in ups(migrations) {
        let mut made = None;
        for (index, step) in migration.steps.iter().enumerate() {
            for (change, place) in step.placed_changes() {
                let Change::Drop { path, .. } = change else { continue };
                if !kinds.contains(&path.kind) || !step.before.contains(path) || !step.existed(path) {
                    continue;
                }
                if !made.get_or_insert_with(|| Made::by(migration)).since(index, path) {
                    losses.push(Loss { step, path, place });
                }
            }
        }
    }
    losses
}

/// The database after the last of these steps; nothing when there is none.
pub(crate) fn after(steps: &[Step]) -> Option<Schema> {
    let last = steps.last()?;
    let mut after = last.before.clone();
    for change in &last.changes {
        // What is refused changes nothing, here as there.
        let _refusal = apply(&mut after, change).err();
    }
    Some(after)
}

/// Everything that the steps do is known: none is hidden, or depends on what is there.
pub(crate) fn is_plain(steps: &[Step]) -> bool {
    let hides = |step: &Step| matches!(step.action, Action::Do { .. } | Action::Call(_) | Action::Unknown);
    steps.iter().all(|step| !step.conditional && !hides(step))
}
