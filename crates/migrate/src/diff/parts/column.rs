//! Columns: added, dropped, altered aspect by aspect, or made anew.

use model::change::Aspect;
use model::object::{Column, Constraint, ConstraintKind, Generated, NotNull, Object, Persistence, Sequence, Table};
use model::step::How;
use model::{Change, Kind, Path, QName, Schema};

use super::super::Act;
use super::super::alter::Pair;
use super::super::cast::{self, Cast};
use super::super::compare::Difference;
use super::options;

pub(super) fn columns(pair: Pair<'_>, now: &Table, wanted: &Table, found: &mut Vec<Difference>) {
    let table = &wanted.name;
    let waits = waits_for_parent(pair, now);
    let joins = super::joins(now, wanted);
    for old in now.columns.iter().filter(|old| wanted.column(&old.name).is_none() && !old.inherited) {
        let path = Path::column(table, old.name.clone());
        found.push(Difference::new(&path, [Change::drop(path.clone())]));
    }
    for new in &wanted.columns {
        let path = Path::column(table, new.name.clone());
        match now.column(&new.name) {
            // It comes from the parent, unless the table is still to become its child.
            None if new.inherited && !joins => {}
            None if new.inherited => {
                let own = Column { inherited: false, ..Column::clone(new) };
                found.push(Difference::new(&path, [create(&path, &own)]));
            }
            None => found.push(Difference::new(&path, come(pair, &path, now, new))),
            Some(old) if alike(old, new) => {}
            // It is the table's own when that has left its parent, which it does first.
            Some(old) if old.inherited && super::leaves(now, wanted) => {
                let acts = alter(pair, &path, &Column { inherited: false, ..Column::clone(old) }, new);
                if !acts.is_empty() {
                    found.push(Difference { path, acts });
                }
            }
            // What the parent changes reaches the child with it.
            Some(old) if old.inherited && waits => {}
            Some(old) => {
                let acts = alter(pair, &path, old, new);
                if !acts.is_empty() {
                    found.push(Difference { path, acts });
                }
            }
        }
    }
}

/// A new column. Numbers of its own cannot come down to children, so that they are added afterwards there (ALTER TABLE:
/// "cannot recursively add identity column"); since 17 partitions draw them from their parent.
fn come(pair: Pair<'_>, path: &Path, table: &Table, column: &Column) -> Vec<Change> {
    let (mut column, later) = sayable(path, column);
    // Said afterwards it is said of this table alone.
    let compression = match pair.now.children(&table.name).next() {
        Some(_) => column.compression.take(),
        None => None,
    };
    let compression = compression.map(|method| Change::alter(path.clone(), Aspect::Compression(Some(method))));
    said(pair, path, table, &column).into_iter().chain(compression).chain(later).collect()
}

fn said(pair: Pair<'_>, path: &Path, table: &Table, column: &Column) -> Vec<Change> {
    let alone = pair.now.children(&table.name).next().is_none() || table.is_partitioned() && pair.version.0 >= 17;
    match &column.identity {
        Some(identity) if !alone => {
            let plain = Column { identity: None, ..column.clone() };
            let identity = Change::alter(path.clone(), Aspect::Identity(Some(identity.clone())));
            vec![create(path, &plain), identity]
        }
        _ => vec![create(path, column)],
    }
}

/// The column without what its definition cannot say, and what says that afterwards.
fn sayable(path: &Path, column: &Column) -> (Column, Option<Change>) {
    match &column.not_null {
        // Of a new column NOT NULL is valid, unless it is added by itself (since 18).
        Some(not_null) if not_null.not_valid => {
            let later = Change::alter(path.clone(), Aspect::NotNull(Some(not_null.clone())));
            (Column { not_null: None, ..column.clone() }, Some(later))
        }
        _ => (column.clone(), None),
    }
}

/// The same for the columns of a new table.
pub(in super::super) fn unsayable(table: &mut Table) -> Vec<Change> {
    let name = table.name.clone();
    let mut later = Vec::new();
    for column in &mut table.columns {
        let path = Path::column(&name, column.name.clone());
        if let (plain, Some(change)) = sayable(&path, column) {
            *column = std::sync::Arc::new(plain);
            later.push(change);
        }
    }
    later
}

fn create(path: &Path, column: &Column) -> Change {
    Change::Create { path: path.clone(), object: Object::Column(Box::new(column.clone())) }
}

fn alike(old: &Column, new: &Column) -> bool {
    let mut wanted = Column { inherited: old.inherited, not_null: named_as(old, new), ..new.clone() };
    if let (Some(wanted), Some(old)) = (&mut wanted.identity, &old.identity) {
        // Logged or not, the numbers are as their table is.
        wanted.sequence.persistence = old.sequence.persistence;
    }
    *old == wanted
}

/// The NOT NULL that is wanted. Since 18 it has a name, which does not follow its column or table when that is renamed;
/// a name that nobody chose is as good as another one.
fn named_as(old: &Column, new: &Column) -> Option<NotNull> {
    let mut wanted = new.not_null.clone()?;
    if let Some(own) = old.not_null.as_ref().filter(|_| wanted.name.as_ref().is_none_or(super::is_made_up)) {
        wanted.name.clone_from(&own.name);
    }
    Some(wanted)
}

fn waits_for_parent(pair: Pair<'_>, now: &Table) -> bool {
    let parents = now.partition_of.iter().map(|of| &of.parent).chain(&now.inherits);
    let differs = |parent: &QName| match (pair.now.table(parent), pair.after.table(parent)) {
        (Some(now), Some(wanted)) => {
            let columns = wanted.columns.iter();
            columns.into_iter().any(|column| now.column(&column.name).is_none_or(|own| !alike(own, column)))
                || waits_for_parent(pair, now)
        }
        _ => false,
    };
    parents.into_iter().any(differs)
}

fn alter(pair: Pair<'_>, path: &Path, old: &Column, new: &Column) -> Vec<Act> {
    if is_made_anew(pair, path, old, new) {
        let table = pair.now.table(&path.qname()).into_iter();
        let again = table.flat_map(|table| come(pair, path, table, new));
        return std::iter::once(Change::drop(path.clone())).chain(again).map(Act::new).collect();
    }
    let mut acts = Vec::new();
    let mut aspect = |aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
    if old.identity.is_some() && new.identity.is_none() {
        aspect(Aspect::Identity(None));
    }
    match (&old.generated, &new.generated) {
        (Some(_), None) => acts.extend(plain(pair, path)),
        (is, to) if is != to => {
            acts.push(Act::new(Change::alter(path.clone(), Aspect::Generated(to.clone()))));
        }
        _ => {}
    }
    let mut aspect = |aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
    let retyped = (old.ty != new.ty || old.collation != new.collation) && !old.inherited;
    let mut default = old.default.clone();
    let stays = retyped && cast::keeps_default(&old.ty, &new.ty) && old.default == new.default;
    if default.is_some() && (new.identity.is_some() || retyped && !stays) {
        aspect(Aspect::Default(None));
        default = None;
    }
    if retyped {
        let change = Change::alter(path.clone(), Aspect::Type { ty: new.ty.clone(), collation: new.collation.clone() });
        let using = match cast::cast([pair.now, pair.after], pair.renames, &new.name, &old.ty, &new.ty) {
            Cast::Assigned => Vec::new(),
            Cast::Using(expr) => vec![(new.name.clone(), expr)],
        };
        acts.push(Act { change, how: How { using, ..How::default() } });
    }
    let wanted = named_as(old, new);
    match (&old.not_null, &wanted) {
        (Some(is), Some(to)) if is_renamed(is, to) => acts.extend(renamed_not_null(path, old, is, to)),
        (is, to) => {
            if is.is_none() && to.is_some() {
                acts.extend(other_not_null(pair, path));
            }
            not_null(is.as_ref(), to.as_ref(), &mut |aspect| {
                acts.push(Act::new(Change::alter(path.clone(), aspect)));
            });
            if is.is_some() && to.is_none() && pair.version.0 >= 18 {
                acts.extend(own_not_null(pair, path));
            }
        }
    }
    let mut aspect = |aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
    if let Some(identity) = &new.identity {
        // The sequence changes its type with the column.
        let same = old.identity.as_ref().is_some_and(|own| {
            let sequence = if retyped { own.sequence.retyped(&new.ty) } else { own.sequence.clone() };
            own.always == identity.always && settings(&sequence) == settings(&identity.sequence)
        });
        if !same {
            aspect(Aspect::Identity(Some(identity.clone())));
        }
        if let Some(own) = old.identity.as_ref().filter(|own| own.sequence.name != identity.sequence.name) {
            let path = Path::object(Kind::Sequence, &own.sequence.name);
            acts.push(Act::new(Change::Rename { path, to: identity.sequence.name.name.clone() }));
        }
    }
    let mut aspect = |aspect| acts.push(Act::new(Change::alter(path.clone(), aspect)));
    if default != new.default {
        aspect(Aspect::Default(new.default.clone()));
    }
    // A new type brings its own storage and compression (ATExecAlterColumnType).
    let (storage, compression) = if retyped { (&None, &None) } else { (&old.storage, &old.compression) };
    if *storage != new.storage {
        aspect(Aspect::Storage(new.storage.clone()));
    }
    if *compression != new.compression {
        aspect(Aspect::Compression(new.compression.clone()));
    }
    if old.statistics != new.statistics {
        aspect(Aspect::ColumnStatistics(new.statistics));
    }
    let options = options(&old.options, &new.options);
    if !options.is_empty() {
        aspect(Aspect::Options(options));
    }
    acts
}

/// DROP EXPRESSION reaches children and not theirs ("must be applied to child tables too", ATPrepDropExpression): whole
/// branches leave their parent for the time.
fn plain(pair: Pair<'_>, path: &Path) -> Vec<Act> {
    let table = path.qname();
    let is_branch = |child: &&QName| pair.now.children(child).next().is_some();
    let branches: Vec<&QName> = pair.now.children(&table).filter(is_branch).collect();
    let alter = |table: &QName, aspect| Act::new(Change::alter(Path::table(table), aspect));
    let leave = |child: &&QName| match pair.now.table(child).and_then(|child| child.partition_of.as_ref()) {
        Some(_) => alter(&table, Aspect::DetachPartition { partition: QName::clone(child) }),
        None => alter(child, Aspect::NoInheritFrom(table.clone())),
    };
    let join = |child: &&QName| match pair.now.table(child).and_then(|child| child.partition_of.as_ref()) {
        Some(of) => alter(&table, Aspect::AttachPartition { partition: QName::clone(child), bound: of.bound.clone() }),
        None => alter(child, Aspect::Inherit(table.clone())),
    };
    let own = Act::new(Change::alter(path.clone(), Aspect::Generated(None)));
    let below = branches.iter().flat_map(|child| plain(pair, &Path::column(child, path.part.clone())));
    branches.iter().map(leave).chain([own]).chain(below).chain(branches.iter().map(join)).collect()
}

/// Since 18 a table that inherits the column may have said NOT NULL itself, which then stays there.
fn own_not_null(pair: Pair<'_>, path: &Path) -> Vec<Act> {
    let table = path.qname();
    let below = pair.now.inheriting(&table).map(|child| Path::column(child, path.part.clone()));
    let nullable = |path: &Path| pair.after.column(&path.qname(), &path.part).is_some_and(Column::is_nullable);
    let acts = below.flat_map(|path| {
        let own = nullable(&path).then(|| Act::new(Change::alter(path.clone(), Aspect::NotNull(None))));
        own.into_iter().chain(own_not_null(pair, &path))
    });
    acts.collect()
}

/// What a table below said itself would go on as the part of its parent's: where that is to be another one, it goes.
fn other_not_null(pair: Pair<'_>, path: &Path) -> Vec<Act> {
    let table = path.qname();
    let below = pair.now.children(&table).map(|child| Path::column(child, path.part.clone()));
    let acts = below.flat_map(|path| {
        let table = path.qname();
        let (old, new) = (pair.now.column(&table, &path.part), pair.after.column(&table, &path.part));
        let other = match (old, new) {
            (Some(old), Some(new)) => {
                old.not_null.is_some() && new.not_null.is_some() && named_as(old, new) != old.not_null
            }
            _ => false,
        };
        let gone = other.then(|| Act::new(Change::alter(path.clone(), Aspect::NotNull(None))));
        gone.into_iter().chain(other_not_null(pair, &path))
    });
    acts.collect()
}

/// Only the name is another one.
fn is_renamed(is: &NotNull, to: &NotNull) -> bool {
    is.name != to.name && to.name.is_some() && NotNull { name: to.name.clone(), ..is.clone() } == *to
}

/// The constraint goes on under another name. What comes from a parent is renamed there.
fn renamed_not_null(path: &Path, column: &Column, is: &NotNull, to: &NotNull) -> Option<Act> {
    let to = to.name.clone().filter(|_| !column.inherited)?;
    let table = path.qname();
    let usual = || model::apply::naming::make_object_name(&table.name, Some(&column.name), "not_null");
    let from = is.name.clone().unwrap_or_else(usual);
    Some(Act::new(Change::Rename { path: Path::constraint(&table, from), to }))
}

fn not_null(old: Option<&NotNull>, new: Option<&NotNull>, aspect: &mut dyn FnMut(Aspect)) {
    match (old, new) {
        (None, None) => {}
        (Some(_), None) => aspect(Aspect::NotNull(None)),
        (None, Some(new)) => aspect(Aspect::NotNull(Some(new.clone()))),
        (Some(old), Some(new)) if old == new => {}
        // To say it again validates it; the name that it has stays.
        (Some(old), Some(new)) if NotNull { not_valid: false, ..old.clone() } == *new => {
            aspect(Aspect::NotNull(Some(NotNull::default())));
        }
        (Some(_), Some(new)) => {
            aspect(Aspect::NotNull(None));
            aspect(Aspect::NotNull(Some(new.clone())));
        }
    }
}

/// What ALTER … SET GENERATED can say of the sequence.
fn settings(sequence: &Sequence) -> Sequence {
    let persistence = Persistence::Permanent;
    Sequence { name: QName::new("", ""), owned_by: None, persistence, ..sequence.clone() }
}

/// The expression of a virtual column stays as it is in a table with a check or in a publication (ATExecSetExpression).
fn fixes_virtual(pair: Pair<'_>, table: &QName) -> bool {
    let checks = |own: &Constraint| matches!(own.kind, ConstraintKind::Check(_));
    let checked = |schema: &Schema| schema.table(table).is_some_and(|table| table.constraints.iter().any(checks));
    let publishes = |object: &Object| matches!(object, Object::Publication(own) if own.publishes(table));
    checked(pair.now)
        || checked(pair.after)
        || pair.now.of_kind(Kind::Publication).any(publishes)
        || pair.now.children(table).any(|child| fixes_virtual(pair, child))
}

/// A column that becomes generated holds what it is generated from; only 17 can give it another expression.
fn is_made_anew(pair: Pair<'_>, path: &Path, old: &Column, new: &Column) -> bool {
    // The expression is checked against the old type, and the rows against the new one.
    let alters = |one: &Generated, other: &Generated| {
        one.stored == other.stored
            && pair.version.0 >= 17
            && old.ty == new.ty
            && old.collation == new.collation
            && (one.stored || !fixes_virtual(pair, &path.qname()))
    };
    match (&old.generated, &new.generated) {
        (None, Some(_)) => true,
        (Some(old), Some(new)) => old != new && !alters(old, new),
        (Some(old), None) => !old.stored,
        (None, None) => false,
    }
}
