//! The command line from outside: the binary is run in projects of its own.

mod cases;
mod documents;
mod examples;
mod project;
mod readme;
mod transcripts;
