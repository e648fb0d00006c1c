//! Plans run on a real server: what they do, what they refuse, and how they go on after something went wrong.

mod backfills;
mod books;
mod recovery;
mod stage;
mod waiting;
