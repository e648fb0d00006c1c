//! `palladio migrate run` as a process beside others: killed, and on many databases.

mod folders;
mod kills;
mod planned;
mod process;
mod tenants;
mod words;
mod written;
