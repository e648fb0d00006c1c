//! What holds of the verbs together, whatever the rules say.

mod examples;
mod fixing;
mod fresh;
mod planning;
mod project;
mod proving;
