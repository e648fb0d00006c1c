//! What the server said to a statement that it refused.

use postgres::error::{DbError, ErrorPosition};

/// The server's own words, and where in the statement it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub sqlstate: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Counted in characters, from 1.
    pub position: Option<u32>,
}

impl Refusal {
    /// The refusal in an error; an error of the connection is none.
    pub fn of(error: postgres::Error) -> Result<Refusal, postgres::Error> {
        match error.as_db_error() {
            Some(said) if !ends_session(said) => Ok(Refusal {
                sqlstate: said.code().code().to_owned(),
                message: said.message().to_owned(),
                detail: said.detail().map(str::to_owned),
                hint: said.hint().map(str::to_owned),
                position: match said.position() {
                    Some(ErrorPosition::Original(position)) => Some(*position),
                    _ => None,
                },
            }),
            _ => Err(error),
        }
    }

    /// Where in the bytes of the statement the server means.
    pub fn offset(&self, statement: &str) -> Option<usize> {
        let characters = self.position?.checked_sub(1)? as usize;
        statement.char_indices().map(|(offset, _)| offset).nth(characters)
    }
}

/// FATAL and PANIC: the session is over, and no statement can be blamed for it.
fn ends_session(said: &DbError) -> bool {
    matches!(said.severity(), "FATAL" | "PANIC")
}
