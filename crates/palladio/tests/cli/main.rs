//! The command line from outside: the binary is run in projects of its own.

mod checking;
mod documents;
mod fixing;
mod project;
mod transcripts;
