//! Columns that go on in another table. Triggers on both sides carry what is written to one over to the other, a
//! backfill does the rest. The other table may be new: it gets a row for each that there is something to say of.

use model::change::Aspect;
use model::name::quoted;
use model::object::{Column, Event, Grant, Index, Level, RefAction, Table, Timing};
use model::planned::{Backfill, Phase};
use model::step::How;
use model::{Change, Kind, Name, Path, QName};

use super::required::BATCH;
use super::rights::Needed;
use super::{DraftWork, Planner, names, trigger};
use crate::diff::Act;

/// One column, where it goes, and which rows belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: Path,
    pub to: Path,
    /// Pairs of columns with the same value: of the table that it leaves, and of the one that it goes to.
    pub by: Vec<(Name, Name)>,
}

/// All columns that go from one table to the other over the same pairs.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    /// Both by their names after the renames of tables, which come first.
    from: QName,
    to: QName,
    by: Vec<(Name, Name)>,
    columns: Vec<(Column, Column)>,
    /// The other table is made by this plan.
    makes_rows: bool,
    /// Several rows of the first table may belong to one of the other: the last one counts.
    last: Option<Vec<Name>>,
    /// A row of the first table takes those of the other one along only if somebody does it.
    takes_along: bool,
}

/// The table that a column leaves, and the one that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    First,
    Other,
}

impl Planner<'_> {
    pub(super) fn find_moved(&mut self, acts: &[Act]) {
        let mut found: Vec<Moved> = Vec::new();
        for one in &self.settings.moves {
            let (from, to) = (self.name_after(&one.from.qname()), one.to.qname());
            let goes = |act: &Act| matches!(&act.change, Change::Drop { path, .. } if path.kind == Kind::Column && path.part == one.from.part && path.qname() == from);
            let before = self.before.table(&one.from.qname());
            let pair = before
                .and_then(|table| Some((table, table.column(&one.from.part)?, self.after.column(&to, &one.to.part)?)));
            let Some((table, old, new)) = pair.filter(|_| acts.iter().any(goes)) else { continue };
            let pair = (old.clone(), new.clone());
            if let Some(known) =
                found.iter_mut().find(|known| known.from == from && known.to == to && known.by == one.by)
            {
                known.columns.push(pair);
                continue;
            }
            let unique = is_unique(table, &one.by.iter().map(|(from, _)| from.clone()).collect::<Vec<_>>());
            let target = self.after.table(&to);
            let keys = target.into_iter().flat_map(Table::foreign_keys).filter(|(_, key)| key.table == from);
            found.push(Moved {
                makes_rows: !self.is_used(&to),
                last: (!unique).then(|| self.batch_key(&from)).flatten(),
                takes_along: keys.into_iter().any(|(_, key)| !matches!(key.on_delete, RefAction::Cascade)),
                columns: vec![pair],
                by: one.by.clone(),
                from,
                to,
            });
        }
        for moved in &found {
            for (_, new) in &moved.columns {
                self.ready.insert(Path::column(&moved.to, new.name.clone()), (0, Phase::Constrain));
            }
        }
        self.moved = found;
    }

    /// Whether the act is one of those that the moves do.
    pub(super) fn moves(&mut self, act: &Act) -> bool {
        let path = act.change.path();
        if path.kind != Kind::Column {
            return false;
        }
        let table = path.qname();
        let comes = |moved: &&Moved| moved.to == table && moved.columns.iter().any(|(_, new)| new.name == path.part);
        let goes = |moved: &&Moved| moved.from == table && moved.columns.iter().any(|(old, _)| old.name == path.part);
        match &act.change {
            Change::Create { .. } => {
                let Some(moved) = self.moved.iter().find(comes).cloned() else { return false };
                if moved.columns.first().is_some_and(|(_, new)| new.name == path.part) {
                    self.carry_over(&moved);
                }
                true
            }
            Change::Drop { .. } => {
                let Some(moved) = self.moved.iter().find(goes).cloned() else { return false };
                if moved.columns.last().is_some_and(|(old, _)| old.name == path.part) {
                    self.leave_behind(&moved);
                }
                true
            }
            Change::Alter { aspect: Aspect::Default(_), .. } => self.moved.iter().any(|moved| comes(&moved)),
            _ => false,
        }
    }

    /// Moves into tables that are made first.
    pub(super) fn fill_moved(&mut self) {
        for moved in self.moved.clone().into_iter().filter(|moved| moved.makes_rows) {
            self.carry_over(&moved);
        }
    }

    fn carry_over(&mut self, moved: &Moved) {
        let Moved { from, to, .. } = moved;
        for (table, columns) in moved.looked_up() {
            if let Some(index) = self.helper(table, &columns) {
                self.new_index(&Path::index(table, index.name.clone()), &index, 0, Phase::Expand);
            }
        }
        let mut acts = Vec::new();
        for (old, _) in &moved.columns {
            if old.not_null.is_some() && old.default.is_none() {
                acts.push(Act::new(Change::alter(Path::column(from, old.name.clone()), Aspect::NotNull(None))));
            }
        }
        if !moved.makes_rows {
            let bare = |column: &Column| Column { default: None, not_null: None, ..column.clone() };
            acts.extend(moved.columns.iter().map(|(_, new)| Act::new(Change::add_column(to, bare(new)))));
        }
        acts.extend(Self::give(&self.rights(moved)));
        acts.extend(moved.create());
        let (old, new) = moved.names();
        let verb = if moved.makes_rows { "keep" } else { "add" };
        let title = match moved.makes_rows {
            true => format!("{verb} {new} in step with {old}"),
            false => format!("{verb} {new} and keep it in step with {old}"),
        };
        self.together(0, Phase::Expand, title, acts);
        let many = match &moved.last {
            Some(_) => format!("; of several rows of {from} for one of {to}, the last one counts"),
            None => String::new(),
        };
        self.says(format!(
            "what is written to {old} is in {new}, and the other way round{many}; a write to one locks the row of the other"
        ));
        match self.batch_key(if moved.makes_rows { from } else { to }) {
            Some(key) => {
                let (table, into, set, condition) = match moved.makes_rows {
                    true => (from, Some(to.clone()), moved.row(&quoted(&from.name)), moved.lacks_row()),
                    false => (to, None, moved.fetched(), moved.lacks_value()),
                };
                let backfill = Backfill { table: table.clone(), key, into, set, condition, batch: BATCH };
                self.draft(0, Phase::Backfill, format!("fill {new} from {old}"), DraftWork::Backfill(backfill));
            }
            None if moved.makes_rows => {
                let (set, condition) = (moved.row(&quoted(&from.name)), moved.lacks_row());
                let whole = Backfill {
                    table: from.clone(),
                    key: Vec::new(),
                    into: Some(to.clone()),
                    set,
                    condition,
                    batch: BATCH,
                };
                let work = DraftWork::Update { table: from.clone(), statement: format!("{};", whole.statement()) };
                self.draft(0, Phase::Backfill, format!("fill {new} from {old}"), work);
            }
            None => self.backfill(to, moved.fetched(), moved.lacks_value(), 0),
        }
        if !moved.makes_rows {
            for (_, new) in &moved.columns {
                if let Some(not_null) = &new.not_null {
                    self.require(to, &new.name, not_null, 1);
                }
            }
        }
    }

    fn leave_behind(&mut self, moved: &Moved) {
        let mut acts = moved.drop();
        acts.extend(self.take_back(&self.rights(moved)));
        for (_, new) in moved.columns.iter().filter(|_| !moved.makes_rows) {
            if let Some(default) = &new.default {
                let path = Path::column(&moved.to, new.name.clone());
                acts.push(Act::new(Change::alter(path, Aspect::Default(Some(default.clone())))));
            }
        }
        let paths = moved.columns.iter().map(|(old, _)| Path::column(&moved.from, old.name.clone())).collect();
        self.columns_go(paths, acts);
        for (table, columns) in moved.looked_up() {
            if let Some(index) = self.helper(table, &columns) {
                let how = How { concurrently: true, ..How::default() };
                let change = Change::drop(Path::index(table, index.name.clone()));
                let title = format!("drop index {}", quoted(&index.name));
                self.draft(1, Phase::Contract, title, DraftWork::Alone(Act { change, how }));
            }
        }
    }

    /// What the triggers need of those who write.
    fn rights(&self, moved: &Moved) -> Vec<(Path, Grant)> {
        let (old, new): (Vec<&Name>, Vec<&Name>) =
            moved.columns.iter().map(|(old, new)| (&old.name, &new.name)).unzip();
        let (from, to): (Vec<&Name>, Vec<&Name>) = moved.by.iter().map(|(from, to)| (from, to)).unzip();
        let last: Vec<&Name> = moved.last.iter().flatten().collect();
        let forth = Needed {
            writers: (&moved.from, old.clone()),
            table: &moved.to,
            read: to.iter().chain(&new).copied().collect(),
            update: new.clone(),
            insert: if moved.makes_rows { to.iter().chain(&new).copied().collect() } else { Vec::new() },
        };
        let back = Needed {
            writers: (&moved.to, new),
            table: &moved.from,
            read: from.iter().chain(&old).chain(&last).copied().collect(),
            update: old,
            insert: Vec::new(),
        };
        self.lacking(&forth).into_iter().chain(self.lacking(&back)).collect()
    }

    /// The index by which rows are found, where there is none that begins with these columns.
    fn helper(&self, table: &QName, columns: &[Name]) -> Option<Index> {
        let before = self.before.table(&self.name_before(table)?)?;
        let begins = |own: &[&Name]| {
            own.len() >= columns.len() && columns.iter().all(|column| own[..columns.len()].contains(&column))
        };
        let keys = before.constraints.iter().filter_map(|own| own.as_key());
        let by_key = keys.into_iter().any(|key| begins(&key.columns.iter().collect::<Vec<_>>()));
        let indexes = before.indexes.iter().filter(|index| index.predicate.is_none() && index.method == "btree");
        let by_index = indexes.into_iter().any(|index| {
            let keys: Vec<&Name> = index.key_columns().into_iter().map_while(|key| key).collect();
            begins(&keys)
        });
        let name = names::moving(&format!("{}_{}", table.name, columns.join("_")));
        (!by_key && !by_index).then(|| Index::btree(name, columns.iter().cloned()))
    }
}

/// Whether a unique key of the table is among the columns.
fn is_unique(table: &Table, columns: &[Name]) -> bool {
    let mut keys = table.constraints.iter().filter_map(|own| own.as_key());
    keys.any(|key| key.columns.iter().all(|column| columns.contains(column)))
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && index.key_columns().iter().all(|key| key.is_some_and(|key| columns.contains(key)))
        })
}

impl Moved {
    /// The tables in which rows are sought, and by which columns.
    fn looked_up(&self) -> Vec<(&QName, Vec<Name>)> {
        let from = (&self.from, self.by.iter().map(|(from, _)| from.clone()).collect());
        let to = (&self.to, self.by.iter().map(|(_, to)| to.clone()).collect());
        if self.makes_rows { vec![from] } else { vec![from, to] }
    }

    fn names(&self) -> (String, String) {
        let shown = |table: &QName, name: &Name| Path::column(table, name.clone()).to_string();
        let old: Vec<String> = self.columns.iter().map(|(old, _)| shown(&self.from, &old.name)).collect();
        let new: Vec<String> = self.columns.iter().map(|(_, new)| shown(&self.to, &new.name)).collect();
        (super::listed(&old), super::listed(&new))
    }

    /// `orders.customer_id = NEW.id`: the rows of the first table that belong to a row of the other.
    fn of_first(&self, row: &str) -> String {
        let table = quoted(&self.from.name);
        let pairs = self.by.iter().map(|(from, to)| format!("{table}.{} = {row}.{}", quoted(from), quoted(to)));
        pairs.collect::<Vec<_>>().join(" AND ")
    }

    fn of_other(&self, row: &str) -> String {
        let table = quoted(&self.to.name);
        let pairs = self.by.iter().map(|(from, to)| format!("{table}.{} = {row}.{}", quoted(to), quoted(from)));
        pairs.collect::<Vec<_>>().join(" AND ")
    }

    /// The value that a row of the other table takes from the first.
    fn forth(&self, old: &Column, row: &str) -> String {
        let (table, column) = (quoted(&self.from.name), quoted(&old.name));
        let order = self.last.iter().flatten().map(|key| format!("{table}.{} DESC", quoted(key))).collect::<Vec<_>>();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        format!(
            "(SELECT {table}.{column} FROM {} WHERE {} AND {table}.{column} IS NOT NULL{order} LIMIT 1)",
            self.from,
            self.of_first(row)
        )
    }

    /// The value that a row of the first table takes from the other.
    fn back(&self, new: &Column, row: &str) -> String {
        let (table, column) = (quoted(&self.to.name), quoted(&new.name));
        format!(
            "(SELECT {table}.{column} FROM {} WHERE {} AND {table}.{column} IS NOT NULL LIMIT 1)",
            self.to,
            self.of_other(row)
        )
    }

    fn fetched(&self) -> Vec<(Name, String)> {
        let row = quoted(&self.to.name);
        self.columns.iter().map(|(old, new)| (new.name.clone(), self.forth(old, &row))).collect()
    }

    /// Rows of the other table with a value to fetch.
    fn lacks_value(&self) -> String {
        let (own, first) = (quoted(&self.to.name), quoted(&self.from.name));
        let one = |(old, new): &(Column, Column)| {
            format!(
                "{own}.{} IS NULL AND EXISTS (SELECT 1 FROM {} WHERE {} AND {first}.{} IS NOT NULL)",
                quoted(&new.name),
                self.from,
                self.of_first(&own),
                quoted(&old.name)
            )
        };
        let all: Vec<String> = self.columns.iter().map(one).collect();
        if all.len() == 1 { all[0].clone() } else { format!("({})", all.join(") OR (")) }
    }

    /// What a new row of the other table is made of.
    fn row(&self, row: &str) -> Vec<(Name, String)> {
        let key = self.by.iter().map(|(from, to)| (to.clone(), format!("{row}.{}", quoted(from))));
        let values = self.columns.iter().map(|(old, new)| (new.name.clone(), format!("{row}.{}", quoted(&old.name))));
        key.chain(values).collect()
    }

    /// A row has what the other table requires, and something to say in it.
    fn says_enough(&self, row: &str) -> String {
        let is_said = |name: &Name| format!("{row}.{} IS NOT NULL", quoted(name));
        let required = self.columns.iter().filter(|(_, new)| new.not_null.is_some());
        let mut tests: Vec<String> = self.by.iter().map(|(from, _)| is_said(from)).collect();
        tests.extend(required.map(|(old, _)| is_said(&old.name)));
        if self.columns.iter().all(|(_, new)| new.not_null.is_none()) {
            let any: Vec<String> = self.columns.iter().map(|(old, _)| is_said(&old.name)).collect();
            tests.push(if any.len() == 1 { any[0].clone() } else { format!("({})", any.join(" OR ")) });
        }
        tests.join(" AND ")
    }

    fn lacks_row(&self) -> String {
        let row = quoted(&self.from.name);
        format!("{} AND NOT EXISTS (SELECT 1 FROM {} WHERE {})", self.says_enough(&row), self.to, self.of_other(&row))
    }

    fn triggers(&self) -> [(QName, &QName); 5] {
        let name = |table: &QName, column: Option<&Name>, what: fn(&QName, &str) -> QName| {
            what(table, column.map_or("", |name| name.as_str()))
        };
        let (old, new) =
            (self.columns.first().map(|(old, _)| &old.name), self.columns.first().map(|(_, new)| &new.name));
        [
            (name(&self.from, old, names::sync), &self.from),
            (name(&self.from, old, names::carry), &self.from),
            (name(&self.to, new, names::sync), &self.to),
            (name(&self.to, new, names::carry), &self.to),
            (name(&self.from, old, names::along), &self.from),
        ]
    }

    /// Which of the triggers there are.
    fn has(&self, at: usize) -> bool {
        match at {
            0 | 2 => !self.makes_rows,
            4 => self.makes_rows && self.takes_along,
            _ => true,
        }
    }

    fn create(&self) -> Vec<Act> {
        let mut acts = Vec::new();
        for (at, (name, table)) in self.triggers().into_iter().enumerate().filter(|(at, _)| self.has(*at)) {
            let lines = match at {
                0 => self.fetch(Side::First),
                1 => self.push_forth(),
                2 => self.fetch(Side::Other),
                3 => self.push_back(),
                _ => format!("    DELETE FROM {} WHERE {};\n    RETURN OLD;\n", self.to, self.of_other("OLD")),
            };
            let events = if at == 4 { vec![Event::Delete] } else { vec![Event::Insert, Event::Update(Vec::new())] };
            let timing = if matches!(at, 1 | 3) { Timing::After } else { Timing::Before };
            let made =
                trigger::Made { name, table, timing, events, level: Level::Row, variables: String::new(), lines };
            acts.extend(made.create());
        }
        acts
    }

    fn drop(&self) -> Vec<Act> {
        let triggers = self.triggers().into_iter().enumerate().filter(|(at, _)| self.has(*at));
        triggers.flat_map(|(_, (name, table))| trigger::drop(&name, table)).collect()
    }

    /// A row that says nothing itself, or that belongs to another one from now on, takes the value of the other side.
    fn fetch(&self, side: Side) -> String {
        let keys = self.by.iter().map(|(from, to)| if side == Side::First { from } else { to });
        let moved: Vec<String> = keys
            .map(|key| format!("{} IS DISTINCT FROM {}", trigger::field("NEW", key), trigger::field("OLD", key)))
            .collect();
        let mut lines = String::new();
        for (old, new) in &self.columns {
            let (column, value) = match side {
                Side::First => (old, self.back(new, "NEW")),
                Side::Other => (new, self.forth(old, "NEW")),
            };
            let (new, old) = (trigger::field("NEW", &column.name), trigger::field("OLD", &column.name));
            let unsaid = match &column.default {
                // A default is what stands there when nobody said anything.
                Some(default) if side == Side::First => {
                    format!("({new} IS NULL OR NOT ({}))", trigger::differ(&new, &format!("({default})"), &column.ty))
                }
                _ => format!("{new} IS NULL"),
            };
            lines += &format!(
                "    IF TG_OP = 'INSERT' AND {unsaid}
        OR TG_OP = 'UPDATE' AND ({}) AND NOT ({}) THEN
        {new} := coalesce({value}, {new});
    END IF;
",
                moved.join(" OR "),
                trigger::differ(&new, &old, &column.ty),
            );
        }
        lines + "    RETURN NEW;\n"
    }

    /// What was written by one application, and not by the other side's trigger.
    fn written(&self, side: Side) -> String {
        let one = |(old, new): &(Column, Column)| {
            let column = if side == Side::First { old } else { new };
            let (new, old) = (trigger::field("NEW", &column.name), trigger::field("OLD", &column.name));
            let changed = trigger::differ(&new, &old, &column.ty);
            if self.makes_rows && side == Side::First {
                let keys = self.by.iter().map(|(from, _)| {
                    format!("{} IS DISTINCT FROM {}", trigger::field("NEW", from), trigger::field("OLD", from))
                });
                let keys = keys.collect::<Vec<_>>().join(" OR ");
                // The application that makes the other row itself leaves the column to its default.
                let said = match &column.default {
                    Some(default) => format!(
                        "({new} IS NOT NULL AND {})",
                        trigger::differ(&new, &format!("({default})"), &column.ty)
                    ),
                    None => format!("{new} IS NOT NULL"),
                };
                return format!("TG_OP = 'INSERT' AND {said} OR TG_OP = 'UPDATE' AND ({changed} OR {keys})");
            }
            format!("TG_OP = 'INSERT' AND {new} IS NOT NULL OR TG_OP = 'UPDATE' AND {changed}")
        };
        let any: Vec<String> = self.columns.iter().map(one).collect();
        format!("({}) AND current_setting('{CARRYING}', true) IS DISTINCT FROM 'on'", any.join(" OR "))
    }

    /// What the old application writes reaches the new column.
    fn push_forth(&self) -> String {
        let set: Vec<String> = self
            .columns
            .iter()
            .map(|(old, new)| format!("{} = {}", quoted(&new.name), trigger::field("NEW", &old.name)))
            .collect();
        let table = quoted(&self.to.name);
        let differ: Vec<String> = self
            .columns
            .iter()
            .map(|(old, new)| {
                trigger::differ(&format!("{table}.{}", quoted(&new.name)), &trigger::field("NEW", &old.name), &new.ty)
            })
            .collect();
        let update = format!("UPDATE {} SET {} WHERE {}", self.to, set.join(", "), self.of_other("NEW"));
        let work = match self.makes_rows {
            false => format!("        {update} AND ({});\n", differ.join(" OR ")),
            true => {
                let row = self.row("NEW");
                let columns: Vec<_> = row.iter().map(|(column, _)| quoted(column)).collect();
                let values: Vec<&str> = row.iter().map(|(_, value)| value.as_str()).collect();
                format!(
                    "        {update};
        IF NOT FOUND AND {} THEN
            INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING;
        END IF;
",
                    self.says_enough("NEW"),
                    self.to,
                    columns.join(", "),
                    values.join(", ")
                )
            }
        };
        carried(&self.written(Side::First), &work)
    }

    /// What the new application writes reaches the old column; what a backfill wrote came from there.
    fn push_back(&self) -> String {
        let mut work = String::new();
        for (old, new) in &self.columns {
            let (column, value) = (quoted(&old.name), trigger::field("NEW", &new.name));
            let table = quoted(&self.from.name);
            work += &format!(
                "        IF {} THEN
            UPDATE {} SET {column} = {value} WHERE {} AND {};
        END IF;
",
                trigger::differ(&value, &self.forth(old, "NEW"), &new.ty),
                self.from,
                self.of_first("NEW"),
                trigger::differ(&format!("{table}.{column}"), &value, &old.ty),
            );
        }
        carried(&self.written(Side::Other), &work)
    }
}

/// Says in the transaction that a trigger is at work, so that the other side's does not send everything back.
const CARRYING: &str = "palladio.carrying";

fn carried(when: &str, work: &str) -> String {
    format!(
        "    IF {when} THEN
        PERFORM set_config('{CARRYING}', 'on', true);
{work}        PERFORM set_config('{CARRYING}', '', true);
    END IF;
    RETURN NULL;
"
    )
}
