//! What was run of a plan, as the books say; nothing is written.

use std::collections::BTreeMap;

use super::book::{self, Book, Entry};
use super::{Job, identity};
use crate::connection::{self, Access};
use crate::{Error, Target};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What the books know the plan by.
    pub id: String,
    /// What is known of its steps, by number.
    pub entries: BTreeMap<usize, Entry>,
    /// Everything was done, and the database had the planned shape.
    pub finished: bool,
    /// Who runs something in this schema now.
    pub running: Option<String>,
}

pub fn status(target: &Target, job: Job<'_>) -> Result<Status, Error> {
    let mut client = connection::open(target, Access::ReadOnly)?;
    let running = super::session::running(&mut client, job.namespace)?;
    if !book::exist(&mut client)? {
        return Ok(Status { id: identity(job.plan), entries: BTreeMap::new(), finished: false, running });
    }
    let book = Book::read(&mut client, job)?;
    let finished = book.is_finished();
    Ok(Status { id: book.id, entries: book.entries, finished, running })
}
