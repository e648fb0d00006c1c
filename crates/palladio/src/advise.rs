//! `advise`: which indexes serve a workload best, by the planner of a private PostgreSQL that believes in the statistics.

mod clone;
mod loops;
mod rewrites;
mod traffic;
mod workload;

use std::panic::resume_unwind;
use std::thread;

use ::advise::Settings;
use live::Target;
use live::statistics::PlannerStats;
use model::advice::Advice;
use model::dialect::Version;
use model::rewrite::Rewritten;
use model::stats::Stats;
use model::view_advice::NewView;
use model::workload::{Loop, Traffic, Workload};
use model::{Change, Schema};
use read::Input;

use crate::{Failure, indexes};
use clone::{Clone, Like};
use rewrites::OtherWays;
pub(crate) use traffic::traffic;
pub(crate) use workload::Ground;

/// What advice is wanted on.
#[derive(Debug)]
pub struct Request {
    /// The files of the schema, where no database is read.
    pub schema: Vec<Input>,
    /// The files with queries; without any, those of the schema's files, or what the database remembers.
    pub queries: Vec<Input>,
    /// What logs say was asked.
    pub traffic: Traffic,
    pub from: From,
    pub settings: Settings,
    /// Statistics of another major version will do.
    pub any_version: bool,
}

/// Where statistics come from.
#[derive(Debug)]
pub enum From {
    Database(Box<Target>),
    File(Box<PlannerStats>),
}

/// The advice, with what it stands on.
#[derive(Debug)]
pub struct Advised {
    pub advice: Advice,
    /// Queries that are cheaper when they are written differently.
    pub rewrites: Vec<Rewritten>,
    /// Materialized views for what is aggregated again and again.
    pub views: Vec<NewView>,
    pub schema: Schema,
    pub workload: Workload,
    /// What the database counted, and its version.
    pub stats: Stats,
    pub version: Version,
    pub traffic: Traffic,
    /// What a session asked again and again, by key or with the same values.
    pub loops: Vec<Loop>,
    /// The server that planned: `15.18`.
    pub server: String,
    /// What is not as in production, a clause each.
    pub notes: Vec<String>,
}

pub fn advise(request: Request) -> Result<Advised, Failure> {
    let Request { schema, queries, traffic, from, mut settings, any_version } = request;
    let like = Like::of(&from);
    let (ground, server) = thread::scope(|scope| {
        let server = scope.spawn(|| like.start(any_version));
        let ground = Ground::gather(schema, queries, traffic, from);
        (ground, server.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let ((mut ground, sessions), server) = (ground?, server?);
    settings.bytewise = matches!(ground.stats.locale.collate.as_str(), "C" | "POSIX");
    let (clone, stats) = thread::scope(|scope| {
        // The planner needs nothing of what rows say.
        let stats = scope.spawn(|| ground.with_rows(sessions));
        let clone = Clone::of(&ground, server);
        (clone, stats.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let mut clone = clone?;
    ground.stats = stats?;
    let known = ground.stats.known();
    let (mut planning, aside) = clone.split();
    let (advice, other_ways) = thread::scope(|scope| {
        let other_ways = scope.spawn(|| rewrites::other_ways(&ground, &known, aside));
        let advice = ::advise::recommend(&ground.schema, &known, &ground.workload, &settings, &mut planning);
        (advice, other_ways.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let OtherWays { rewrites, views } = other_ways?;
    let loops = loops::loops(&ground);
    let (server, mut notes) = clone.finish();
    notes.extend(ground.notes);
    let version = Version(ground.stats.major(), 0);
    let Ground { schema, workload, traffic, .. } = ground;
    Ok(Advised { advice, rewrites, views, schema, workload, stats: known, version, traffic, loops, server, notes })
}

impl Advised {
    /// The indexes that come, and behind them those that go.
    pub fn changes(&self) -> Vec<Change> {
        let made = self.advice.indexes.iter().map(|new| Change::add_index(&new.table, new.index.clone()));
        let dropped = self.advice.drops.iter().filter_map(|drop| indexes::drop(&self.schema, &drop.index));
        made.chain(dropped).collect()
    }
}

/// `500MB`, `2 GB`, `1048576`: a number of bytes, in steps of 1024.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is no size: 500MB"))?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        other => return Err(format!("`{other}` is no unit: kB, MB, GB or TB")),
    };
    Ok((number * 1024_f64.powi(factor)) as u64)
}
