//! What is asked of rows later on. A migration that adds a condition is rehearsed with rows that obey it already: that
//! one of the real rows does not is for their owner to see, and nothing that made-up rows could show.

use std::collections::BTreeSet;

use model::{QName, Schema};
use postgres::Client;

/// A schema with what those behind it ask of its rows.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// As it is now.
    pub now: Schema,
    /// With the conditions.
    pub then: Schema,
    /// In an order in which they can be made.
    pub conditions: Vec<Condition>,
}

/// A constraint, a unique index or NOT NULL that stands while rows are made.
#[derive(Clone, Debug)]
pub struct Condition {
    pub table: QName,
    /// What people call it.
    pub name: String,
    pub add: String,
    pub drop: String,
}

impl Ahead {
    /// Nothing more is asked.
    pub fn nothing(schema: &Schema) -> Ahead {
        Ahead { now: schema.clone(), then: schema.clone(), conditions: Vec::new() }
    }

    /// Makes the conditions of these tables, in the transaction that is open. Those that the server refuses are left
    /// out: what they speak of is not there yet.
    pub(super) fn stand(
        &self,
        client: &mut Client,
        tables: &BTreeSet<&QName>,
    ) -> Result<Standing<'_>, postgres::Error> {
        let mut standing = Vec::new();
        for condition in self.conditions.iter().filter(|condition| tables.contains(&condition.table)) {
            client.batch_execute("SAVEPOINT condition")?;
            match client.batch_execute(&condition.add) {
                Ok(()) => standing.push(condition),
                Err(error) if error.as_db_error().is_some() => client.batch_execute("ROLLBACK TO condition")?,
                Err(error) => return Err(error),
            }
            client.batch_execute("RELEASE condition")?;
        }
        Ok(Standing(standing))
    }
}

/// Conditions that hold for the moment.
#[derive(Debug)]
pub(super) struct Standing<'a>(Vec<&'a Condition>);

impl Standing<'_> {
    /// Takes them away again, and says what people call them.
    pub(super) fn leave(self, client: &mut Client) -> Result<Vec<String>, postgres::Error> {
        if !self.0.is_empty() {
            // A table whose deferred triggers are waiting cannot be altered.
            client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
        }
        for condition in self.0.iter().rev() {
            client.batch_execute(&condition.drop)?;
        }
        Ok(self.0.into_iter().map(|condition| condition.name.clone()).collect())
    }
}
