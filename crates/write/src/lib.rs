//! Writers: the model becomes text that other tools read.

pub mod dbml;
pub mod mermaid;
pub mod relation;
pub mod sql;
pub mod words;
