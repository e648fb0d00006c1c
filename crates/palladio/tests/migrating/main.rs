//! `palladio migrate run` as a process beside others: killed, and on many databases.

mod kills;
mod process;
mod tenants;
