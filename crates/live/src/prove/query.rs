//! The application's queries: each release is asked whether it can still do its work.

use postgres::Client;

/// A query of the application, and how it is called when it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub name: String,
    pub sql: String,
}

/// What the server says against the queries; each is prepared and not run.
pub(super) fn refused(client: &mut Client, queries: &[Asked]) -> Result<Vec<String>, postgres::Error> {
    let mut wrong = Vec::new();
    for query in queries {
        if let Err(error) = client.prepare(&query.sql) {
            let Some(said) = error.as_db_error() else { return Err(error) };
            wrong.push(format!("{} does not work any more: {}", query.name, said.message()));
        }
    }
    Ok(wrong)
}
