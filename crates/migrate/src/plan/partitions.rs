//! Partitions come and go without a lock that stops readers of the whole table: made by themselves and attached, looked
//! at before they are attached, and detached concurrently where the server can.

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, Object, Table};
use model::planned::Phase;
use model::step::How;
use model::{Change, Expr, Name, Path, QName, Schema, Sql};

use super::{DraftWork, Planner, names};
use crate::diff::Act;

impl Planner<'_> {
    /// A partition of a table that others use: it is a table of its own first. Nothing else is done when that cannot be.
    pub(super) fn new_partition(&mut self, path: &Path, table: &Table, title: &str, place: (u32, Phase)) -> bool {
        let Some(of) = &table.partition_of else { return false };
        let whole = self.after.table(&table.name).unwrap_or(table);
        let Some(parent) = self.after.table(&of.parent).filter(|_| self.is_used(&of.parent)) else { return false };
        // Before 17 a partition cannot be attached to a table that numbers its rows itself.
        let numbered = parent.columns.iter().any(|column| column.identity.is_some());
        if numbered || table.foreign.is_some() || self.before.table(&of.parent).is_none() {
            return false;
        }
        let mut alone = Table::new(table.name.clone());
        alone.columns = parent.columns.clone();
        alone.options = whole.options.clone();
        alone.tablespace = whole.tablespace.clone();
        alone.access_method = whole.access_method.clone();
        alone.persistence = whole.persistence;
        alone.partition_by = whole.partition_by.clone();
        for column in &mut alone.columns {
            let own = std::sync::Arc::make_mut(column);
            if let Some(wanted) = whole.column(&own.name) {
                own.default.clone_from(&wanted.default);
                own.not_null.clone_from(&wanted.not_null);
            }
            own.inherited = false;
        }
        let checks = whole.constraints.iter().filter(|own| matches!(own.kind, ConstraintKind::Check(_)));
        alone.constraints = checks.map(|own| Constraint { inherited: false, ..own.clone() }).collect();
        let object = Object::Table(std::sync::Arc::new(alone));
        let create = Act::new(Change::Create { path: path.clone(), object });
        let attach = Aspect::AttachPartition { partition: table.name.clone(), bound: of.bound.clone() };
        let attach = Act::new(Change::alter(Path::table(&of.parent), attach));
        let title = format!("{title}, and attach it to {}", of.parent);
        self.attach(&of.parent, &of.bound, vec![create, attach], place, &title);
        true
    }

    /// A table that has rows becomes a partition: a check that all of them belong there makes looking at them under the
    /// lock unnecessary.
    pub(super) fn attached(&mut self, act: &Act, parent: &QName, partition: &QName, bound: &Sql, place: (u32, Phase)) {
        let (deploys, phase) = self.behind(partition, place);
        let place = (deploys, phase);
        let (name, expr) = (names::bounds(&partition.name), self.bounds(parent, bound));
        let title = format!("{partition} is a partition of {parent}");
        let Some(expr) = expr.filter(|_| self.is_used(partition) && !self.is_small(partition)) else {
            return self.attach(parent, bound, vec![act.clone()], place, &title);
        };
        let titles = [
            format!("{partition} takes only rows of its bounds"),
            format!("every row of {partition} belongs to its bounds"),
        ];
        self.make_sure(partition, &name, expr, deploys, titles);
        let drop = Act::new(Change::drop(Path::constraint(partition, name)));
        let place = (deploys, phase.max(Phase::Constrain));
        self.attach(parent, bound, vec![act.clone(), drop], place, &title);
    }

    /// When the table itself is what it has to be.
    fn behind(&self, table: &QName, place: (u32, Phase)) -> (u32, Phase) {
        let own = self.drafts.iter().filter(|draft| match &draft.work {
            DraftWork::Together(acts) => acts.iter().any(|act| act.change.path().qname() == *table),
            DraftWork::Alone(act) => act.change.path().qname() == *table,
            DraftWork::Backfill(_) | DraftWork::Update { .. } => false,
        });
        own.map(|draft| (draft.deploys, draft.phase)).fold(place, |latest, own| latest.max(own))
    }

    /// The rows of a default partition that would belong to the new one are sought before as well.
    fn attach(&mut self, parent: &QName, bound: &Sql, mut acts: Vec<Act>, place: (u32, Phase), title: &str) {
        let (deploys, phase) = place;
        let last = acts.iter().find_map(|act| match &act.change {
            Change::Alter { aspect: Aspect::AttachPartition { partition, .. }, .. } => Some(partition.name.clone()),
            _ => None,
        });
        let default = self.default_of(parent).filter(|default| !self.is_small(default));
        let outside = self.bounds(parent, bound).map(|expr| Expr::Unary { op: "NOT".into(), operand: Box::new(expr) });
        let (Some(default), Some(outside), Some(last)) = (default, outside, last) else {
            return self.together(deploys, phase, title, acts);
        };
        let name = names::outside(&last);
        let titles = [
            format!("{default} takes no row that belongs to {last}"),
            format!("no row of {default} belongs to {last}"),
        ];
        self.make_sure(&default, &name, outside, deploys, titles);
        acts.push(Act::new(Change::drop(Path::constraint(&default, name))));
        self.together(deploys, Phase::Constrain, title, acts);
    }

    /// A check, first for what is written, then for all rows.
    fn make_sure(&mut self, table: &QName, name: &Name, expr: Expr, deploys: u32, titles: [String; 2]) {
        let check = Constraint { valid: false, ..Constraint::new(name.clone(), ConstraintKind::Check(expr)) };
        let path = Path::constraint(table, name.clone());
        let add = Act::new(Change::add_constraint(table, check));
        let validate = Act::new(Change::alter(path, Aspect::Validate));
        for (title, act) in titles.into_iter().zip([add, validate]) {
            self.together(deploys, Phase::Constrain, title, vec![act]);
        }
    }

    /// The partition for whatever belongs to no other, when it was there before and stays.
    fn default_of(&self, parent: &QName) -> Option<QName> {
        let is_default = |schema: &Schema, name: &QName| {
            let of = schema.table(name).and_then(|table| table.partition_of.as_ref());
            of.is_some_and(|of| of.parent == *parent && of.bound.to_string().trim().eq_ignore_ascii_case("default"))
        };
        let mut children = self.before.children(parent).filter(|child| is_default(self.before, child));
        children.find(|child| is_default(self.after, child)).cloned()
    }

    /// A partition goes away and stays a table.
    pub(super) fn detached(&mut self, act: &Act, parent: &QName, title: String, deploys: u32) {
        let has_default = self.before.children(parent).any(|child| {
            let of = self.before.table(child).and_then(|table| table.partition_of.as_ref());
            of.is_some_and(|of| of.bound.to_string().trim().eq_ignore_ascii_case("default"))
        });
        // Beside a default partition the server does not detach concurrently.
        if has_default {
            return self.together(deploys + 1, Phase::Contract, title, vec![act.clone()]);
        }
        let how = How { concurrently: true, ..How::default() };
        self.draft(deploys + 1, Phase::Contract, title, DraftWork::Alone(Act { how, ..act.clone() }));
        if let Change::Alter { aspect: Aspect::DetachPartition { partition }, .. } = &act.change {
            let clean = Change::alter(Path::table(partition), Aspect::Other(self.without_bound(partition)));
            let title = format!("{partition} forgets its bounds");
            self.together(deploys + 1, Phase::Contract, title, vec![Act::new(clean)]);
        }
    }

    /// What holds of the rows of a partition, where one column says it: as the server would say it itself, so that it
    /// believes it.
    fn bounds(&self, parent: &QName, bound: &Sql) -> Option<Expr> {
        let by = self.after.table(parent)?.partition_by.as_ref()?;
        let [key] = by.keys.as_slice() else { return None };
        let column = Expr::column(key.expr.as_column()?.clone());
        let text = bound.to_string();
        let text = text.trim();
        let rest = text.get(..10).filter(|head| head.eq_ignore_ascii_case("FOR VALUES")).map(|_| text[10..].trim())?;
        let not_null = Expr::Test { operand: Box::new(column.clone()), test: "IS NOT NULL".into() };
        let value = |text: &str| Expr::Text(Sql::text(text.trim()));
        let compared = |op: &str, text: &str| Expr::binary(op, column.clone(), value(text));
        let mut all = not_null;
        match rest.split_once(' ')? {
            (word, list) if word.eq_ignore_ascii_case("IN") => {
                let values = values(list.trim())?;
                if values.iter().any(|value| value.eq_ignore_ascii_case("NULL")) {
                    return None;
                }
                let list = values.iter().map(|text| value(text)).collect();
                let is_in = Expr::In { operand: Box::new(column.clone()), list, negated: false };
                all = Expr::binary("AND", all, is_in);
            }
            (word, range) if word.eq_ignore_ascii_case("FROM") => {
                let (from, to) = ends(range)?;
                for (op, text) in [(">=", from), ("<", to)] {
                    if !["MINVALUE", "MAXVALUE"].iter().any(|word| word.eq_ignore_ascii_case(&text)) {
                        all = Expr::binary("AND", all, compared(op, &text));
                    }
                }
            }
            _ => return None,
        }
        Some(all)
    }
}

/// `('a') TO ('b')`: the one value of each side.
fn ends(range: &str) -> Option<(String, String)> {
    let close = closing(range)?;
    let (from, rest) = range.split_at(close + 1);
    let rest = rest.trim();
    let to = rest.get(..2).filter(|word| word.eq_ignore_ascii_case("TO")).map(|_| rest[2..].trim())?;
    match (values(from)?.as_slice(), values(to)?.as_slice()) {
        ([from], [to]) => Some((from.clone(), to.clone())),
        _ => None,
    }
}

/// What stands between the parentheses, cut at commas.
fn values(list: &str) -> Option<Vec<String>> {
    let inside = list.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (mut found, mut depth, mut in_string) = (vec![String::new()], 0u32, false);
    for letter in inside.chars() {
        match letter {
            '\'' => in_string = !in_string,
            '(' | '[' if !in_string => depth += 1,
            ')' | ']' if !in_string => depth = depth.saturating_sub(1),
            ',' if !in_string && depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut()?.push(letter);
    }
    Some(found.into_iter().map(|value| value.trim().to_owned()).collect())
}

/// Where the parenthesis closes that the text opens with.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut in_string) = (0u32, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string && depth == 1 => return Some(at),
            ')' if !in_string => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}
