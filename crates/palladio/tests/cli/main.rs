//! The command line from outside: the binary is run in projects of its own.

mod advising;
mod cases;
mod checking;
mod databases;
mod documents;
mod examples;
mod explaining;
mod fetching;
mod fixing;
mod hostile;
mod logging;
mod migrating;
mod project;
mod proving;
mod readme;
mod statistics;
mod transcripts;
