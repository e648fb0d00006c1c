//! Evidence: what a real server did with the statements that were read.

use crate::finding::Claim;
use crate::place::Place;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// `PostgreSQL 17.2`
    pub server: String,
    /// How many statements the server took.
    pub ran: usize,
    pub trials: Vec<Trial>,
    pub rejections: Vec<Rejection>,
    /// What this server lacks, so that not everything could be tried: `extension postgis`.
    pub lacks: Vec<String>,
}

/// A claim about the statement at a place, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// That of the finding.
    pub place: Place,
    pub claim: Claim,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server did so. The words say what was seen: `ACCESS EXCLUSIVE on orders, and SELECT waited`.
    Shown(String),
    /// The server did otherwise; the words go behind its name: `took SHARE on orders`.
    Refuted(String),
    /// Why it was not tried.
    Untried(String),
}

/// A statement that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where the server saw the mistake, or the whole statement.
    pub place: Place,
    /// The server's own words.
    pub message: String,
    pub why: Vec<String>,
}
