//! New columns, indexes and constraints of tables that others use.

use model::change::Aspect;
use model::object::{Column, Constraint, ConstraintKind, Identity, Index, Key, NotNull, Object, Sequence};
use model::planned::Phase;
use model::step::How;
use model::{Change, Expr, Kind, Name, Path, QName, Sql};

use super::{DraftWork, Planner, names};
use crate::diff::Act;

impl Planner<'_> {
    /// A new column. A constant default costs nothing; one that is another for each row is given to old rows later.
    pub(super) fn new_column(&mut self, path: &Path, column: &Column) {
        let table = path.qname();
        let (deploys, phase) = self.ready_for(path);
        if let Some(identity) = &column.identity
            && !self.is_small(&table)
            && self
                .before
                .table(&self.name_before(&table).unwrap_or_else(|| table.clone()))
                .is_some_and(|own| !own.is_partitioned())
        {
            return self.numbered(path, column, identity);
        }
        let create = |column: Column| {
            let object = Object::Column(Box::new(column));
            Act::new(Change::Create { path: path.clone(), object })
        };
        let title = format!("add column {path}");
        let fill = self.fill(path).cloned();
        let fill = fill.as_ref();
        let rewrites = column.generated.is_some() || column.identity.is_some();
        let volatile = column.default.as_ref().is_some_and(is_volatile);
        let lacks_value = column.not_null.is_some() && column.default.is_none() && !rewrites;
        if rewrites || !(volatile || lacks_value || fill.is_some()) || self.is_small(&table) && !lacks_value {
            return self.together(deploys, phase, title, vec![create(column.clone())]);
        }
        let bare = Column { default: None, not_null: None, ..column.clone() };
        let mut acts = vec![create(bare)];
        if let Some(default) = &column.default {
            acts.push(Act::new(Change::alter(path.clone(), Aspect::Default(Some(default.clone())))));
        }
        self.together(deploys, phase, title, acts);
        let value = fill.or(column.default.as_ref()).map(ToString::to_string);
        if let Some(value) = value {
            let condition = format!("{} IS NULL", model::name::quoted(&column.name));
            self.backfill(&table, vec![(column.name.clone(), value)], condition, deploys);
        }
        if let Some(not_null) = &column.not_null {
            // Somebody has to write it first: a default does, a fill only does for rows that are there.
            let by_application = column.default.is_none();
            self.require(&table, &column.name, not_null, deploys + u32::from(by_application));
        }
    }

    /// A new identity column: old rows get their numbers in batches from a sequence of their own, which the identity goes
    /// on from.
    fn numbered(&mut self, path: &Path, column: &Column, identity: &Identity) {
        let table = path.qname();
        let numbers = QName::new(table.schema.clone(), names::numbers(&format!("{}_{}", table.name, column.name)));
        let sequence = Sequence { name: numbers.clone(), owned_by: None, ..identity.sequence.clone() };
        let literal = Expr::Cast {
            operand: Box::new(Expr::String(numbers.to_string().into())),
            ty: model::Type::builtin("regclass"),
        };
        let next = Expr::call(QName::builtin("nextval"), vec![literal]);
        let bare = Column { identity: None, default: None, not_null: None, ..column.clone() };
        let alter = |aspect| Act::new(Change::alter(path.clone(), aspect));
        let counter = Path::object(Kind::Sequence, &numbers);
        let acts = vec![
            Act::new(Change::Create { path: counter.clone(), object: Object::Sequence(sequence) }),
            Act::new(Change::add_column(&table, bare)),
            alter(Aspect::Default(Some(next.clone()))),
        ];
        self.together(0, Phase::Expand, format!("add column {path}, and number what is written"), acts);
        let condition = format!("{} IS NULL", model::name::quoted(&column.name));
        self.backfill(&table, vec![(column.name.clone(), next.to_string())], condition, 0);
        self.require(&table, &column.name, &column.not_null.clone().unwrap_or_default(), 0);
        let goes_on = format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), last_value, is_called) FROM {numbers}",
            model::name::literal(&table.to_string()),
            model::name::literal(&column.name),
        );
        let acts = vec![
            alter(Aspect::Default(None)),
            alter(Aspect::Identity(Some(Box::new(identity.clone())))),
            alter(Aspect::Other(Sql::text(goes_on))),
            Act::new(Change::drop(counter)),
        ];
        self.together(0, Phase::Constrain, format!("{path} is numbered by identity"), acts);
        let from = model::name::quoted(&column.name);
        let literal = model::name::literal(&numbers.to_string());
        self.also_back(format!("SELECT setval({literal}, GREATEST((SELECT max({from}) FROM {table}), 1));"));
        self.ready.insert(path.clone(), (0, Phase::Constrain));
    }

    /// What the user gives to the rows that are there.
    pub(super) fn fill(&self, path: &Path) -> Option<&Expr> {
        self.settings.fills.iter().find(|fill| fill.column == *path).map(|fill| &fill.value)
    }

    /// The column was there and becomes NOT NULL.
    pub(super) fn becomes_required(&mut self, path: &Path, not_null: &NotNull) {
        let (deploys, _) = self.ready_for(path);
        if let Some(value) = self.fill(path).map(ToString::to_string) {
            let condition = format!("{} IS NULL", model::name::quoted(&path.part));
            self.backfill(&path.qname(), vec![(path.part.clone(), value)], condition, deploys);
        }
        self.require(&path.qname(), &path.part, not_null, deploys);
    }

    /// An index is built while others write. Of a partitioned table it is built part by part.
    pub(super) fn new_index(&mut self, path: &Path, index: &Index, deploys: u32, phase: Phase) {
        let table = path.qname();
        let title = format!("create index {} on {table}", model::name::quoted(&index.name));
        let object = |index: &Index| Object::Index(Box::new(index.clone()));
        let name_before = self.name_before(&table).unwrap_or_else(|| table.clone());
        let partitions: Vec<QName> = self.before.children(&name_before).cloned().collect();
        let partitioned = self.after.table(&table).is_some_and(|table| table.is_partitioned());
        let create = |path: &Path, index: &Index| Change::Create { path: path.clone(), object: object(index) };
        if !partitioned {
            let how = How { concurrently: true, ..How::default() };
            return self.draft(deploys, phase, title, DraftWork::Alone(Act { change: create(path, index), how }));
        }
        let deep =
            partitions.iter().any(|partition| self.before.table(partition).is_some_and(|own| own.is_partitioned()));
        if deep || partitions.is_empty() {
            return self.together(deploys, phase, title, vec![Act::new(create(path, index))]);
        }
        // The parent's index is not valid until each partition has its part.
        let whole = Index { valid: false, ..index.clone() };
        self.together(
            deploys,
            phase,
            format!("{title}, for now without its parts"),
            vec![Act::new(create(path, &whole))],
        );
        let mut attach = Vec::new();
        for (at, partition) in partitions.iter().enumerate() {
            let whole = QName::new(table.schema.clone(), index.name.clone());
            let own = self.after.table(partition).into_iter().flat_map(|own| &own.indexes);
            let wanted =
                own.into_iter().find(|own| own.attached_to.as_ref() == Some(&whole)).map(|own| own.name.clone());
            let name = wanted.unwrap_or_else(|| names::part(&index.name, at));
            let part = Index { name: name.clone(), attached_to: None, ..index.clone() };
            let how = How { concurrently: true, ..How::default() };
            let change = create(&Path::index(partition, name.clone()), &part);
            self.draft(deploys, phase, format!("build its part on {partition}"), DraftWork::Alone(Act { change, how }));
            let name = QName::new(partition.schema.clone(), name);
            attach.push(Act::new(Change::alter(path.clone(), Aspect::AttachIndex(name))));
        }
        self.together(deploys, phase, format!("join the parts of {}", index.name), attach);
    }

    /// Checks and foreign keys hold for new rows at once and for old ones once they were looked at; keys take over an
    /// index that was built beside the writers.
    pub(super) fn new_constraint(&mut self, path: &Path, constraint: &Constraint, deploys: u32, phase: Phase) {
        let table = path.qname();
        let title = format!("add constraint {path}");
        let create = |constraint: Constraint| {
            let object = Object::Constraint(Box::new(constraint));
            Act::new(Change::Create { path: path.clone(), object })
        };
        let partitioned = self.after.table(&table).is_some_and(|table| table.is_partitioned());
        match &constraint.kind {
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) if constraint.valid && constraint.enforced => {
                // A foreign key of a partitioned table cannot wait for its validation before 18.
                let waits = constraint.as_foreign_key().is_none() || !partitioned || self.settings.diff.version.0 >= 18;
                if !waits {
                    return self.together(deploys, phase, title, vec![create(constraint.clone())]);
                }
                let unproven = Constraint { valid: false, ..constraint.clone() };
                self.together(deploys, phase, format!("{title}, for new rows"), vec![create(unproven)]);
                let validate = Act::new(Change::alter(path.clone(), Aspect::Validate));
                let title = format!("every old row of {table} obeys {}", model::name::quoted(&constraint.name));
                self.together(deploys, phase.max(Phase::Constrain), title, vec![validate]);
            }
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if !partitioned && !key.without_overlaps => {
                let index = index_of(constraint, key);
                let index_path = Path::index(&table, index.name.clone());
                self.new_index(&index_path, &index, deploys, phase);
                let using = using_index(constraint, &index.name);
                self.together(deploys, phase.max(Phase::Constrain), title, vec![create(using)]);
            }
            _ => self.together(deploys, phase, title, vec![create(constraint.clone())]),
        }
    }
}

/// The unique index that the key takes over; it has the key's name already.
pub(super) fn index_of(constraint: &Constraint, key: &Key) -> Index {
    Index {
        unique: true,
        include: key.include.clone(),
        nulls_not_distinct: key.nulls_not_distinct,
        options: key.options.clone(),
        tablespace: key.tablespace.clone(),
        ..Index::btree(constraint.name.clone(), key.columns.iter().cloned())
    }
}

/// The key as it takes over an index.
pub(super) fn using_index(constraint: &Constraint, index: &Name) -> Constraint {
    let taken = Key { using_index: Some(index.clone()), ..Key::default() };
    let kind = match constraint.kind {
        ConstraintKind::PrimaryKey(_) => ConstraintKind::PrimaryKey(taken),
        _ => ConstraintKind::Unique(taken),
    };
    Constraint { kind, ..constraint.clone() }
}

/// Whether each row gets a value of its own: then every row is written when the column is added. Functions of the
/// user count as such, because nobody knows.
fn is_volatile(default: &Expr) -> bool {
    const SAME_FOR_ALL: [&str; 9] = [
        "now",
        "transaction_timestamp",
        "statement_timestamp",
        "current_setting",
        "timezone",
        "to_timestamp",
        "make_date",
        "make_interval",
        "lower",
    ];
    let mut volatile = false;
    default.walk(&mut |expr| match expr {
        Expr::Call(call) => volatile |= !SAME_FOR_ALL.contains(&call.function.name.as_str()),
        Expr::Text(_) | Expr::Subquery(_) => volatile = true,
        _ => {}
    });
    volatile
}
