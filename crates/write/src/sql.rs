//! The model as SQL.

pub mod postgres;
