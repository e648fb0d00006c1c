//! Renames: those that the user names, and those that look likely.

mod likely;
mod named;

use model::change::Aspect;
use model::name::LONGEST;
use model::object::{Namespace, Object, Sequence};
use model::{Change, Kind, Name, Path, QName, Schema};

pub use likely::{Likely, likely};
pub use named::{UnknownRename, named};

/// A thing that goes on under another name or in another schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rename {
    /// By its old path and its new one; a part by the path that its table had before.
    Object { from: Path, to: Path },
    /// A value of an enum, by the old path of the type.
    Value { ty: Path, from: Name, to: Name },
    /// An attribute of a composite type.
    Attribute { ty: Path, from: Name, to: Name },
}

/// The renames as changes, and those that no ALTER does.
pub(super) struct Renamed {
    pub(super) changes: Vec<Change>,
    pub(super) left: Vec<Rename>,
}

/// The last name of a type.
pub(super) fn renamed_type(ty: &Path, renames: &[Rename]) -> Path {
    let renamed = renames.iter().find_map(|rename| match rename {
        Rename::Object { from, to } if from == ty => Some(to.clone()),
        _ => None,
    });
    renamed.unwrap_or_else(|| ty.clone())
}

/// Parts first, by the old names of what they are in. What holds a wanted name steps aside.
pub(super) fn changes(before: &Schema, renames: &[Rename]) -> Renamed {
    let mut now = before.clone();
    let mut changes = Vec::new();
    let mut waiting = renames.to_vec();
    waiting.sort_by_key(|rename| match rename {
        Rename::Object { from, .. } if from.kind == Kind::Namespace => 1,
        Rename::Object { from, .. } if !from.kind.is_part() => 2,
        Rename::Object { .. } | Rename::Value { .. } | Rename::Attribute { .. } => 0,
    });
    while !waiting.is_empty() {
        let count = waiting.len();
        waiting.retain(|rename| match done(&now, rename) {
            Some((schema, made)) => {
                now = schema;
                changes.extend(made);
                false
            }
            None => true,
        });
        if waiting.len() == count && !make_room(&mut now, &mut waiting, &mut changes) {
            break;
        }
    }
    Renamed { changes, left: waiting }
}

/// The rename on a copy, when nothing is in its way.
fn done(now: &Schema, rename: &Rename) -> Option<(Schema, Vec<Change>)> {
    let steps = match rename {
        Rename::Object { from, to } => {
            let moved = Path { schema: to.schema.clone(), ..from.clone() };
            let moves = from.schema != to.schema && !from.kind.is_part();
            // What belongs to a column moves with its table, or not at all.
            let freed = now.sequence(&from.qname()).filter(|own| moves && own.owned_by.is_some()).map(|own| {
                let alone = Sequence { owned_by: None, ..own.clone() };
                Change::alter(from.clone(), Aspect::Sequence(Box::new(alone)))
            });
            // The schema that it goes to may be new as well; what is said of it follows.
            let home = Path::global(Kind::Namespace, to.schema.clone());
            let made = (moves && !now.contains(&home)).then(|| Change::Create {
                object: Object::Namespace(Namespace { name: to.schema.clone() }),
                path: home,
            });
            let step_to = moves.then(|| Change::Move { path: from.clone(), to: to.schema.clone() });
            let path = if moves { moved } else { from.clone() };
            let renames = path.last() != to.last();
            let step = renames.then(|| Change::Rename { path, to: to.last().clone() });
            freed.into_iter().chain(made).chain(step_to).chain(step).collect()
        }
        Rename::Value { ty, from, to } => {
            vec![Change::alter(ty.clone(), Aspect::RenameValue { from: from.clone(), to: to.clone() })]
        }
        Rename::Attribute { ty, from, to } => {
            vec![Change::alter(ty.clone(), Aspect::RenameAttribute { from: from.clone(), to: to.clone() })]
        }
    };
    let mut schema = now.clone();
    steps.iter().all(|step| model::apply(&mut schema, step).is_ok()).then_some((schema, steps))
}

/// Two that change names, or a name whose holder goes away: the holder gets a name that nobody wants.
fn make_room(now: &mut Schema, waiting: &mut [Rename], changes: &mut Vec<Change>) -> bool {
    let holders = waiting.iter().filter_map(|rename| match rename {
        Rename::Object { from, to } => holder(now, from, to),
        Rename::Value { .. } | Rename::Attribute { .. } => None,
    });
    for held in holders.collect::<Vec<_>>() {
        let to = aside(now, &held);
        let change = Change::Rename { path: held.clone(), to: to.clone() };
        if model::apply(now, &change).is_err() {
            continue;
        }
        for rename in waiting.iter_mut() {
            if let Rename::Object { from, .. } = rename
                && *from == held
            {
                *from = renamed(&held, &to);
            }
        }
        changes.push(change);
        return true;
    }
    false
}

fn holder(now: &Schema, from: &Path, to: &Path) -> Option<Path> {
    let wanted = match from.kind.is_part() {
        true => Path { part: to.part.clone(), ..from.clone() },
        false => to.clone(),
    };
    let relation =
        matches!(from.kind, Kind::Table | Kind::View | Kind::MaterializedView | Kind::Sequence | Kind::Index);
    match now.contains(&wanted) {
        true => Some(wanted),
        false if relation => now.relation(&QName::new(to.schema.clone(), to.last().clone())).cloned(),
        false => None,
    }
    .filter(|held| held != from)
}

/// A free name that says what it is: `orders__old`.
pub(super) fn aside(schema: &Schema, path: &Path) -> Name {
    let name = path.last();
    (0..)
        .map(|count| suffixed(name, count))
        .find(|free| !schema.contains(&renamed(path, free)))
        .expect("some number is free")
}

fn suffixed(name: &str, count: u32) -> Name {
    let suffix = if count == 0 { "__old".to_owned() } else { format!("__old{count}") };
    let mut end = name.len().min(LONGEST - suffix.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &name[..end]).into()
}

fn renamed(path: &Path, to: &Name) -> Path {
    match path.kind.is_part() {
        true => Path { part: to.clone(), ..path.clone() },
        false => Path { name: to.clone(), ..path.clone() },
    }
}
