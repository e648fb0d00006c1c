//! Databases of a lab: one for each case, far cheaper than a server for each.

use model::name::quoted;

use super::Lab;
use crate::Error;

impl Lab {
    /// A new, empty database.
    pub fn create_database(&self, name: &str) -> Result<(), Error> {
        self.create_database_from(name, "template1")
    }

    /// A new database that is a copy of another one, to which nobody may be connected.
    pub fn create_database_from(&self, name: &str, template: &str) -> Result<(), Error> {
        self.command(&format!("CREATE DATABASE {} TEMPLATE {}", quoted(name), quoted(template)))
    }

    /// Takes it away, whoever is connected.
    pub fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.command(&format!("DROP DATABASE {} WITH (FORCE)", quoted(name)))
    }

    fn command(&self, statement: &str) -> Result<(), Error> {
        Ok(self.connect("postgres")?.batch_execute(statement)?)
    }
}
