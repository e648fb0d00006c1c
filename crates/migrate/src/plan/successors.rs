//! Columns that are made of others, which go: one becomes several, or several become one. The user says how
//! (`--fill people.first=split_part(name, ' ', 1)`); a trigger does it for what is written from now on, a backfill for
//! the rest. Where the user says the way back as well (`--fill people.name=first || ' ' || last`), what the new
//! application writes reaches the old columns.

use std::collections::BTreeSet;

use model::change::Aspect;
use model::object::{Column, Object};
use model::planned::Phase;
use model::{Change, Expr, Kind, Name, Path, QName};

use super::{Fill, Planner, names, trigger};
use crate::diff::Act;

/// Columns of one table, and those that take over from them.
#[derive(Clone, Debug)]
pub(super) struct Successors {
    /// By its name after the renames of tables, which come first.
    table: QName,
    old: Vec<Column>,
    new: Vec<(Column, Expr)>,
    /// The values of old columns, where the user says them.
    back: Vec<(Name, Expr)>,
}

impl Planner<'_> {
    /// New columns that are filled from columns of their table that go.
    pub(super) fn find_successors(&mut self, acts: &[Act]) {
        let goes = |table: &QName, name: &Name| {
            acts.iter().any(|act| {
                matches!(&act.change, Change::Drop { path, .. } if path.kind == Kind::Column && path.part == *name && path.qname() == *table)
            })
        };
        let mut found: Vec<Successors> = Vec::new();
        for act in acts {
            let Change::Create { path, object: Object::Column(column) } = &act.change else { continue };
            let table = path.qname();
            let Some(before) = self.name_before(&table).and_then(|name| self.before.table(&name)) else { continue };
            let Some(value) = self.fill(path).cloned() else { continue };
            let named: BTreeSet<&Name> = value.columns().into_iter().collect();
            let old = before.columns.iter().map(|column| &**column);
            let old = old.filter(|own| named.contains(&own.name) && own.generated.is_none() && goes(&table, &own.name));
            let old: Vec<Column> = old.cloned().collect();
            if old.is_empty() || column.generated.is_some() || column.identity.is_some() {
                continue;
            }
            found.push(Successors { table, old, new: vec![((**column).clone(), value)], back: Vec::new() });
        }
        // Those that are made of the same columns belong together.
        while let Some((one, other)) = overlapping(&found) {
            let more = found.remove(other);
            let known = &mut found[one];
            known.new.extend(more.new);
            let fresh = more.old.into_iter().filter(|own| known.old.iter().all(|old| old.name != own.name));
            let fresh: Vec<Column> = fresh.collect();
            known.old.extend(fresh);
        }
        for group in &mut found {
            let before = self.name_before(&group.table).unwrap_or_else(|| group.table.clone());
            let said = |own: &Column| {
                let paths = [Path::column(&before, own.name.clone()), Path::column(&group.table, own.name.clone())];
                let fill = self.settings.fills.iter().find(|fill| paths.contains(&fill.column));
                fill.map(|Fill { value, .. }| (own.name.clone(), value.clone()))
            };
            group.back = group.old.iter().filter_map(said).collect();
            for (column, _) in &group.new {
                let path = Path::column(&group.table, column.name.clone());
                self.ready.insert(path, (0, Phase::Constrain));
            }
        }
        self.successors = found;
    }

    /// Whether the act is one of those that the successors do.
    pub(super) fn succeeds(&mut self, act: &Act) -> bool {
        let path = act.change.path();
        if path.kind != Kind::Column {
            return false;
        }
        let of_group = |group: &&Successors| group.table == path.qname() && group.names(&path.part);
        let Some(group) = self.successors.iter().find(of_group).cloned() else { return false };
        match &act.change {
            Change::Create { .. } => {
                if group.new.first().is_some_and(|(column, _)| column.name == path.part) {
                    self.bring_up(&group);
                }
                true
            }
            Change::Drop { .. } => {
                if group.old.last().is_some_and(|column| column.name == path.part) {
                    self.take_down(&group);
                }
                true
            }
            // Its default comes with the end of the old columns.
            Change::Alter { aspect: Aspect::Default(_), .. } => true,
            _ => false,
        }
    }

    fn bring_up(&mut self, group: &Successors) {
        let Successors { table, new, .. } = group;
        let mut acts = Vec::new();
        for column in group.old.iter().filter(|column| group.is_left_out(column)) {
            acts.push(Act::new(Change::alter(Path::column(table, column.name.clone()), Aspect::NotNull(None))));
        }
        let bare = |column: &Column| Column { default: None, not_null: None, ..column.clone() };
        acts.extend(new.iter().map(|(column, _)| Act::new(Change::add_column(table, bare(column)))));
        acts.extend(trigger::before(group.trigger(), table, group.variables(), group.lines()));
        let (made, old) = (group.made(), group.gone());
        self.together(0, Phase::Expand, format!("add {made} and keep {} in step with {old}", them(new.len())), acts);
        self.says(match group.lost().as_slice() {
            [] => format!("what is written to {old} is in {made}, and the other way round"),
            lost => format!(
                "what is written to {old} is in {made}, but what is written to {made} does not reach {}: when the next \
                 application writes, the one before it reads old values, and to go back to it loses what was written",
                listed(table, lost)
            ),
        });
        let is_null = |(column, _): &(Column, Expr)| format!("{} IS NULL", model::name::quoted(&column.name));
        let nulls: Vec<String> = new.iter().map(is_null).collect();
        let values: Vec<String> = new.iter().map(|(_, value)| format!("({value}) IS NOT NULL")).collect();
        let values = if values.len() == 1 { values[0].clone() } else { format!("({})", values.join(" OR ")) };
        let set = new.iter().map(|(column, value)| (column.name.clone(), value.to_string())).collect();
        self.backfill(table, set, format!("{} AND {values}", nulls.join(" AND ")), 0);
        for (column, _) in new {
            if let Some(not_null) = &column.not_null {
                // The application that only knows the old columns may still write what has no successor.
                self.require(table, &column.name, not_null, 1);
            }
        }
    }

    fn take_down(&mut self, group: &Successors) {
        let Successors { table, old, new, .. } = group;
        let mut acts = trigger::drop(&group.trigger(), table);
        for (column, _) in new {
            let path = Path::column(table, column.name.clone());
            if let Some(default) = &column.default {
                acts.push(Act::new(Change::alter(path, Aspect::Default(Some(default.clone())))));
            }
        }
        let paths: Vec<Path> = old.iter().map(|column| Path::column(table, column.name.clone())).collect();
        self.columns_go(paths, acts);
    }
}

/// Two groups that have an old column in common.
fn overlapping(found: &[Successors]) -> Option<(usize, usize)> {
    let common = |one: &Successors, other: &Successors| {
        one.table == other.table && one.old.iter().any(|own| other.old.iter().any(|old| old.name == own.name))
    };
    let pairs = (0..found.len()).flat_map(|one| (one + 1..found.len()).map(move |other| (one, other)));
    pairs.into_iter().find(|(one, other)| common(&found[*one], &found[*other]))
}

impl Successors {
    fn names(&self, column: &Name) -> bool {
        self.old.iter().chain(self.new.iter().map(|(own, _)| own)).any(|own| own.name == *column)
    }

    fn trigger(&self) -> QName {
        let first = self.new.first().map_or("", |(column, _)| column.name.as_str());
        names::sync(&self.table, first)
    }

    /// Old columns whose values nobody can say from the new ones.
    fn lost(&self) -> Vec<Name> {
        let known = |own: &&Column| !self.back.iter().any(|(name, _)| *name == own.name);
        self.old.iter().filter(known).map(|own| own.name.clone()).collect()
    }

    /// The new application does not write the column, and nobody writes it for it.
    fn is_left_out(&self, column: &Column) -> bool {
        column.not_null.is_some() && column.default.is_none() && self.lost().contains(&column.name)
    }

    fn made(&self) -> String {
        listed(&self.table, &self.new.iter().map(|(column, _)| column.name.clone()).collect::<Vec<_>>())
    }

    fn gone(&self) -> String {
        listed(&self.table, &self.old.iter().map(|column| column.name.clone()).collect::<Vec<_>>())
    }

    fn variables(&self) -> String {
        format!("    made {}%ROWTYPE;\n", self.table)
    }

    /// A value that the new application leaves out is its default where NULL is none; where the old one writes, the
    /// new columns are made of what it wrote.
    fn lines(&self) -> String {
        let alias = model::name::quoted(&self.table.name);
        let select = |values: Vec<String>, targets: Vec<String>| {
            format!("SELECT {} INTO {} FROM (SELECT NEW.*) AS {alias};", values.join(", "), targets.join(", "))
        };
        let fields = |row: &str| -> Vec<String> {
            self.new.iter().map(|(column, _)| trigger::field(row, &column.name)).collect()
        };
        let differ = |columns: &mut dyn Iterator<Item = &Column>, one: &str, other: &str| {
            let pairs: Vec<String> = columns
                .map(|own| trigger::differ(&trigger::field(one, &own.name), &trigger::field(other, &own.name), &own.ty))
                .collect();
            pairs.join(" OR ")
        };
        let new = || self.new.iter().map(|(column, _)| column);
        let unwritten: Vec<String> = fields("NEW").iter().map(|field| format!("{field} IS NULL")).collect();
        let forth = select(self.new.iter().map(|(_, value)| format!("({value})")).collect(), fields("made"));
        let takes: Vec<String> =
            fields("NEW").iter().zip(fields("made")).map(|(to, from)| format!("        {to} := {from};\n")).collect();
        let mut other = String::new();
        for (column, _) in &self.new {
            if let (Some(default), Some(_)) = (&column.default, &column.not_null) {
                let field = trigger::field("NEW", &column.name);
                other += &format!("        {field} := coalesce({field}, {default});\n");
            }
        }
        if !self.back.is_empty() {
            let values = self.back.iter().map(|(_, value)| format!("({value})")).collect();
            let targets = self.back.iter().map(|(name, _)| trigger::field("NEW", name)).collect();
            other += &format!("        {}\n", select(values, targets));
        }
        let otherwise = match other.is_empty() {
            true => String::new(),
            // What is made of the old columns anyway, as a backfill writes it, says nothing new about them.
            false => format!(
                "    ELSIF (TG_OP = 'INSERT' OR {})\n        AND ({}) THEN\n{other}",
                differ(&mut new(), "NEW", "OLD"),
                differ(&mut new(), "NEW", "made"),
            ),
        };
        format!(
            "    {forth}
    IF TG_OP = 'INSERT' AND {}
        OR TG_OP = 'UPDATE' AND ({}) AND NOT ({}) THEN
{}{otherwise}    END IF;
    RETURN NEW;
",
            unwritten.join(" AND "),
            differ(&mut self.old.iter(), "NEW", "OLD"),
            differ(&mut new(), "NEW", "OLD"),
            takes.concat(),
        )
    }
}

fn them(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}

fn listed(table: &QName, columns: &[Name]) -> String {
    let paths: Vec<String> = columns.iter().map(|column| Path::column(table, column.clone()).to_string()).collect();
    super::listed(&paths)
}
