//! NOT NULL without reading the table under its lock: a check that is not valid, validated, believed, and dropped.

use model::change::Aspect;
use model::object::{Constraint, ConstraintKind, NotNull};
use model::planned::{Backfill, Phase};
use model::{Change, Expr, Name, Path, QName};

use super::{DraftWork, Planner, locks, names};
use crate::diff::Act;

/// Rows in the first batch of a backfill.
pub(super) const BATCH: u32 = 5_000;

impl Planner<'_> {
    /// Makes the column NOT NULL, after this many deployments.
    pub(super) fn require(&mut self, table: &QName, column: &Name, wanted: &NotNull, deploys: u32) {
        let column_path = Path::column(table, column.clone());
        let not_null = |one: NotNull| Act::new(Change::alter(column_path.clone(), Aspect::NotNull(Some(one))));
        let before = self.name_before(table).map(|name| Path::column(&name, column.clone()));
        if before.is_some_and(|column| locks::is_proven(self.before, &column)) {
            let title = format!("{column_path} is NOT NULL, as a check has proven");
            return self.together(deploys, Phase::Constrain, title, vec![not_null(wanted.clone())]);
        }
        let name = names::not_null(column);
        let path = Path::constraint(table, name.clone());
        let is_not_null = Expr::Test { operand: Box::new(Expr::column(column.clone())), test: "IS NOT NULL".into() };
        let check = Constraint { valid: false, ..Constraint::new(name, ConstraintKind::Check(is_not_null)) };
        let title = format!("{column_path} takes no more NULL");
        let add = Act::new(Change::add_constraint(table, check));
        self.together(deploys, Phase::Constrain, title, vec![add]);
        let title = format!("no row of {table} has a NULL in {}", model::name::quoted(column));
        let validate = Act::new(Change::alter(path.clone(), Aspect::Validate));
        self.together(deploys, Phase::Constrain, title, vec![validate]);
        let title = format!("{column_path} is NOT NULL");
        self.together(deploys, Phase::Constrain, title, vec![not_null(wanted.clone()), Act::new(Change::drop(path))]);
    }

    /// Old rows get a value. Without a unique key there are no batches, and one statement does it.
    pub(super) fn backfill(&mut self, table: &QName, set: Vec<(Name, String)>, condition: String, deploys: u32) {
        let columns: Vec<_> = set.iter().map(|(column, _)| model::name::quoted(column)).collect();
        let title = format!("fill {} in the rows of {table}", columns.join(", "));
        let work = match self.batch_key(table) {
            Some(key) => {
                let backfill = Backfill { table: table.clone(), key, into: None, set, condition, batch: BATCH };
                DraftWork::Backfill(backfill)
            }
            None => {
                let key = Vec::new();
                let whole = Backfill { table: table.clone(), key, into: None, set, condition, batch: BATCH };
                DraftWork::Update { table: table.clone(), statement: format!("{};", whole.statement()) }
            }
        };
        self.draft(deploys, Phase::Backfill, title, work);
    }

    /// The columns of a unique key that are NOT NULL, by the names that hold while the backfill runs.
    pub(super) fn batch_key(&self, table: &QName) -> Option<Vec<Name>> {
        let table = self.before.table(&self.name_before(table)?)?;
        let required = |columns: &[Name]| {
            columns.iter().all(|name| table.column(name).is_some_and(|column| !column.is_nullable()))
        };
        let primary = table.primary_key().map(|key| key.columns.clone());
        let mut unique = table.unique_keys().map(|columns| columns.into_iter().cloned().collect::<Vec<_>>());
        primary.or_else(|| unique.find(|columns| required(columns)))
    }
}
