//! Indexes and constraints of shadows: each is built under a lent name and takes over from the old one.

use model::object::{Constraint, ConstraintKind, Index, Object, Table};
use model::planned::Phase;
use model::{Change, Kind, Path, QName};

use super::{Manner, Shadow};
use crate::diff::Act;
use crate::plan::{Planner, fresh, names};

/// One index or constraint that stands on a shadow.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    /// Where it is in the end, and under its lent name.
    pub(super) last: Path,
    lent: Path,
    /// What it takes over from, if that was there.
    pub(super) old: Option<Path>,
    pub(super) manner: Manner,
    what: What,
    /// The tables of the shadows that it stands on.
    tables: Vec<QName>,
}

#[derive(Clone, Debug)]
enum What {
    Index(Index),
    Constraint(Constraint),
}

impl Twin {
    pub(super) fn follows(&self, table: &QName) -> bool {
        self.tables.contains(table)
    }

    fn is_foreign_key(&self) -> bool {
        matches!(&self.what, What::Constraint(own) if own.as_foreign_key().is_some())
    }

    fn is_key(&self) -> bool {
        matches!(&self.what, What::Constraint(own) if own.as_key().is_some())
    }
}

impl Planner<'_> {
    /// Keys first, and foreign keys last, because they stand on keys.
    pub(super) fn twins(&self) -> Vec<Twin> {
        let scratch = self.scratch();
        let mut found = Vec::new();
        for table in scratch.tables() {
            let Some(before) = self.name_before(&table.name).and_then(|name| self.before.table(&name)) else {
                continue;
            };
            for index in table.indexes.iter().filter(|index| index.attached_to.is_none()) {
                let columns: Vec<&model::Name> = index.columns();
                let on = self.shadows_of(&table.name, &columns);
                if on.is_empty() {
                    continue;
                }
                let lent = names::new(&index.name);
                found.push(Twin {
                    last: Path::index(&table.name, index.name.clone()),
                    lent: Path::index(&table.name, lent.clone()),
                    old: self.old_part(Path::index(&table.name, index.name.clone()), before),
                    manner: manner(&on),
                    what: What::Index(Index { name: lent, ..index.clone() }),
                    tables: vec![table.name.clone()],
                });
            }
            for constraint in table.constraints.iter().filter(|own| !own.inherited) {
                let columns = constraint.columns();
                let mut on = self.shadows_of(&table.name, &columns.iter().collect::<Vec<_>>());
                if let Some(key) = constraint.as_foreign_key() {
                    on.extend(self.shadows_of(&key.table, &key.targets.iter().collect::<Vec<_>>()));
                }
                if on.is_empty() {
                    continue;
                }
                let lent = names::new(&constraint.name);
                found.push(Twin {
                    last: Path::constraint(&table.name, constraint.name.clone()),
                    lent: Path::constraint(&table.name, lent.clone()),
                    old: self.old_part(Path::constraint(&table.name, constraint.name.clone()), before),
                    manner: manner(&on),
                    tables: on.iter().map(|shadow| shadow.table.clone()).collect(),
                    what: What::Constraint(Constraint { name: lent, ..constraint.clone() }),
                });
            }
        }
        found.sort_by_key(|twin| (twin.is_foreign_key(), !twin.is_key()));
        found
    }

    /// What has the part's place before: under its name, or the one that it is renamed from.
    fn old_part(&self, last: Path, before: &Table) -> Option<Path> {
        let name = self.renamed_parts.get(&last).unwrap_or(&last.part).clone();
        let there = match last.kind {
            Kind::Index => before.index(&name).is_some(),
            _ => before.constraint(&name).is_some(),
        };
        there.then_some(Path { part: name, ..last })
    }

    fn shadows_of(&self, table: &QName, columns: &[&model::Name]) -> Vec<&Shadow> {
        self.shadows.iter().filter(|own| own.table == *table && columns.contains(&&own.lent)).collect()
    }

    /// Builds the twin beside the old one.
    pub(super) fn build(&mut self, twin: &Twin) {
        match &twin.what {
            What::Index(index) => self.new_index(&twin.lent, index, 0, Phase::Constrain),
            What::Constraint(constraint) => match &constraint.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    let index = fresh::index_of(constraint, key);
                    let path = Path::index(&twin.lent.qname(), index.name.clone());
                    self.new_index(&path, &index, 0, Phase::Constrain);
                }
                _ => self.new_constraint(&twin.lent, constraint, 0, Phase::Constrain),
            },
        }
    }
}

/// One that stands on a retyped column takes over when that does.
fn manner(on: &[&Shadow]) -> Manner {
    if on.iter().any(|shadow| shadow.manner == Manner::Retype) { Manner::Retype } else { Manner::Rename }
}

/// The old ones go: foreign keys before the keys that they stand on.
pub(super) fn drop_old(twins: &[Twin]) -> Vec<Act> {
    let order = |twin: &&Twin| (!twin.is_foreign_key(), twin.last.kind != Kind::Constraint);
    let mut old: Vec<&Twin> = twins.iter().filter(|twin| twin.old.is_some()).collect();
    old.sort_by_key(order);
    old.iter().filter_map(|twin| twin.old.clone()).map(|path| Act::new(Change::drop(path))).collect()
}

/// The twins get the names.
pub(super) fn take_over(twins: &[Twin]) -> Vec<Act> {
    let acts = twins.iter().map(|twin| match &twin.what {
        What::Constraint(constraint) if twin.is_key() => {
            let last = Constraint { name: twin.last.part.clone(), ..constraint.clone() };
            let using = fresh::using_index(&last, &constraint.name);
            let object = Object::Constraint(Box::new(using));
            Act::new(Change::Create { path: twin.last.clone(), object })
        }
        _ => Act::new(Change::Rename { path: twin.lent.clone(), to: twin.last.part.clone() }),
    });
    acts.collect()
}
