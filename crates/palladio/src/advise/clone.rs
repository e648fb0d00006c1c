//! The planner that advice asks: a private PostgreSQL with the schema and the statistics, and no rows.

use std::sync::mpsc::{Receiver, Sender, channel};

use ::advise::{Candidate, Estimate, Planner, Seat, Size};
use live::lab::Options;
use live::statistics::{self, Majors, Wanted, WhatIf};
use live::{Access, Client, Error, Lab, Target, connection};
use model::object::Index;
use model::{Change, QName, Schema};

use super::{From, Ground};
use crate::Failure;

/// The database with the schema, and the one that is planned on.
const SCHEMA: &str = "schema";
const PLANNING: &str = "planning";

pub(crate) struct Clone {
    whatif: WhatIf,
    aside: statistics::Seat,
    notes: Vec<String>,
    schema: Schema,
    /// It ends with this value.
    lab: Lab,
}

/// The planner that chooses indexes.
pub(crate) struct Planning<'c> {
    whatif: &'c mut WhatIf,
    schema: &'c Schema,
    /// Ends with the one who asks beside it.
    until_alone: Receiver<()>,
}

/// One who asks beside it: what queries cost on the indexes that are there, and what they do on rows.
pub(crate) struct Aside<'c> {
    seat: &'c mut statistics::Seat,
    lab: &'c Lab,
    schema: &'c Schema,
    /// Open for as long as this one asks.
    _asks: Sender<()>,
}

/// The server that is to be planned for.
pub(crate) enum Like {
    Server { major: u16, collate: String },
    Database(Box<Target>),
}

impl Like {
    pub(crate) fn of(from: &From) -> Like {
        match from {
            From::Database(target) => Like::Database(target.clone()),
            From::File(stats) => Like::Server { major: stats.major(), collate: stats.locale.collate.clone() },
        }
    }

    /// Starts a server of its version, and with its way of sorting text where this machine knows it, and makes the
    /// database in it. That takes as long as reading statistics does, and needs nothing of them.
    pub(crate) fn start(self, any_version: bool) -> Result<(Lab, Majors), Failure> {
        let (major, collate) = match self {
            Like::Server { major, collate } => (major, collate),
            Like::Database(target) => {
                let mut client = connection::open(&target, Access::ReadOnly)?;
                let row = client.query_one(
                    "SELECT current_setting('server_version_num')::int / 10000, datcollate::text
                     FROM pg_database WHERE datname = current_database()",
                    &[],
                );
                let row = row.map_err(Error::from)?;
                (row.get::<_, i32>(0) as u16, row.get(1))
            }
        };
        let locale = Some(collate).filter(|locale| !matches!(locale.as_str(), "" | "C" | "POSIX"));
        let settings = [
            // What runs here runs once, on a few rows.
            ("jit", "off"),
            // Of many tables with many indexes, and of several sessions.
            ("max_locks_per_transaction", "1024"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let options = Options { version: Some(major), locale, settings, ..Options::default() };
        let plain = Options { locale: None, ..options.clone() };
        let (lab, majors) = match Lab::start(&options).or_else(|_| Lab::start(&plain)) {
            Ok(lab) => (lab, Majors::Same),
            Err(_) if any_version => (Lab::start(&Options { version: None, ..plain })?, Majors::Any),
            Err(error) => {
                return Err(Failure::from(error).hint("Another version plans nearly the same: --any-version"));
            }
        };
        lab.create_database(SCHEMA)?;
        Ok((lab, majors))
    }
}

impl Clone {
    /// Makes one on a server that was started for it.
    pub(crate) fn of(ground: &Ground, (lab, majors): (Lab, Majors)) -> Result<Clone, Failure> {
        let mut notes = Vec::new();
        let refused = make(&mut lab.connect(SCHEMA)?, &ground.schema);
        notes.extend(
            refused.into_iter().map(|said| format!("the private PostgreSQL refuses a part of the schema: {said}")),
        );
        let cloned = statistics::clone(&lab, SCHEMA, PLANNING, &ground.stats, majors)?;
        notes.extend(cloned.notes);
        let whatif = WhatIf::new(&lab, PLANNING)?;
        let aside = statistics::Seat::open(&lab, PLANNING)?;
        Ok(Clone { whatif, aside, notes, schema: ground.schema.clone(), lab })
    }

    /// Two that ask at the same time.
    pub(crate) fn split(&mut self) -> (Planning<'_>, Aside<'_>) {
        let (asks, until_alone) = channel();
        let Clone { whatif, aside: seat, schema, lab, .. } = self;
        (Planning { whatif, schema, until_alone }, Aside { seat, lab, schema, _asks: asks })
    }

    /// The version of the server, and what is not as in production.
    pub(crate) fn finish(self) -> (String, Vec<String>) {
        let number = self.lab.installation().text.split_whitespace().next().unwrap_or_default().to_owned();
        (number, self.notes)
    }
}

impl Aside<'_> {
    /// A database with the schema and no rows, to run queries on.
    pub(crate) fn proving(&self) -> Result<Client, Failure> {
        const DATABASE: &str = "proving";
        self.lab.create_database(DATABASE)?;
        let mut client = self.lab.connect(DATABASE)?;
        make(&mut client, self.schema);
        Ok(client)
    }

    /// What a query costs with the indexes that are there; none where it cannot be planned.
    pub(crate) fn cost(&mut self, sql: &str) -> Option<f64> {
        self.seat.explain(sql, &[]).ok().map(|planned| planned.cost)
    }
}

/// Makes the schema; what the server says to the parts that it refuses.
fn make(client: &mut Client, schema: &Schema) -> Vec<String> {
    for role in crate::diff::roles(schema) {
        // One that the script makes itself is made once.
        let _ = client.batch_execute(&format!("CREATE ROLE {}", model::name::quoted(&role)));
    }
    let mut refused = Vec::new();
    // One statement that is refused takes no other with it.
    for statement in write::sql::postgres::statements(schema) {
        if let Err(error) = client.batch_execute(&statement) {
            refused.push(error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned()));
        }
    }
    refused
}

impl Planner for Planning<'_> {
    fn make(&mut self, candidates: &[(Candidate, Size)]) -> Vec<Result<(), String>> {
        let schema = self.schema;
        let statements: Vec<_> = candidates.iter().map(|(candidate, _)| statement(schema, candidate)).collect();
        let wanted = candidates.iter().zip(&statements).map(|((candidate, size), statement)| Wanted {
            table: &candidate.table,
            statement,
            rows: size.rows,
            pages: size.pages,
            height: size.height,
        });
        let made = self.whatif.make(&wanted.collect::<Vec<_>>());
        made.into_iter().map(|made| made.map_err(|error| error.to_string())).collect()
    }

    fn hide(&mut self, indexes: &[QName]) -> Result<(), String> {
        // Everybody sees what is hidden; nothing is ever sent.
        let _ = self.until_alone.recv();
        self.whatif.hide(indexes).map_err(|error| error.to_string())
    }

    fn seats(&mut self) -> Vec<Box<dyn Seat + '_>> {
        self.whatif.seats().iter_mut().map(|seat| Box::new(Asked(seat)) as Box<dyn Seat>).collect()
    }
}

/// The statement that makes an index on a table, under a name.
fn statement<'s>(schema: &'s Schema, candidate: &'s Candidate) -> impl Fn(&QName, &str) -> String + Sync + 's {
    move |table, name| {
        let index = Index { name: name.into(), ..candidate.index.clone() };
        write::sql::postgres::change(schema, &Change::add_index(table, index)).concat()
    }
}

/// One of the sessions that plan.
struct Asked<'s>(&'s mut statistics::Seat);

impl Seat for Asked<'_> {
    fn explain(&mut self, sql: &str, standing: &[usize]) -> Result<Estimate, String> {
        let planned = self.0.explain(sql, standing).map_err(|error| error.to_string())?;
        Ok(Estimate { cost: planned.cost, used: planned.made, existing: planned.others })
    }
}
