//! SQL, one module per dialect.

pub mod postgres;
