//! The command line from outside: the binary is run in projects of its own.

mod documents;
mod project;
mod transcripts;
