//! The names of the columns of one table in scope.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use model::Name;
use model::object::Table;

/// Most statements that see a table ask for none of its columns: those of a table of the schema stay in the table
/// until somebody does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    table: Option<Arc<Table>>,
    /// Those of anything else, or behind them.
    named: Rc<[Name]>,
    /// There are more, which are not known yet: here it is noted that somebody wanted to know them.
    asked: Option<Rc<Cell<bool>>>,
}

impl Columns {
    pub(crate) fn of(table: &Arc<Table>) -> Columns {
        Columns { table: Some(Arc::clone(table)), ..Columns::default() }
    }

    /// Those of a table that nothing is known of.
    pub(crate) fn unknown(asked: &Rc<Cell<bool>>) -> Columns {
        Columns { asked: Some(Rc::clone(asked)), ..Columns::default() }
    }

    /// These, and one that is just about to be made.
    pub(crate) fn and(&self, name: &Name) -> Columns {
        let named = self.named.iter().chain([name]).cloned().collect();
        Columns { named, ..self.clone() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Name> {
        if let Some(asked) = &self.asked {
            asked.set(true);
        }
        let table = self.table.iter().flat_map(|table| &table.columns);
        table.map(|column| &column.name).chain(&*self.named)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.iter().any(|column| column == name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub(crate) fn to_vec(&self) -> Vec<Name> {
        self.iter().cloned().collect()
    }
}

impl From<Vec<Name>> for Columns {
    fn from(names: Vec<Name>) -> Columns {
        Columns { named: names.into(), ..Columns::default() }
    }
}

impl FromIterator<Name> for Columns {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Columns {
        Columns { named: names.into_iter().collect(), ..Columns::default() }
    }
}
