//! Trying a fact on a server.

use live::Tracer;
use model::QName;
use postgres::SimpleQueryMessage;

use crate::facts::{Fact, Shows};
use crate::schema::Host;

/// How a version answers what it does not know yet: bad syntax, an unknown parameter, function or name, or not
/// supported.
const UNKNOWN: [&str; 9] = ["42601", "42P01", "55P04", "42809", "0A000", "22023", "42883", "42704", "42P17"];

/// Whether the fact holds on this server.
pub(crate) fn holds(host: &Host, fact: &Fact) -> Result<bool, String> {
    let (mut client, mut observer) = host.copy();
    if !fact.setup.is_empty() {
        client.batch_execute(fact.setup).unwrap_or_else(|error| panic!("{}: the setup: {error:?}", fact.name));
    }
    let unknown = |state: &str, words: &str| match UNKNOWN.contains(&state) {
        true => Ok(false),
        false => Err(format!("{}: refused with {state}: {words}", fact.name)),
    };
    match fact.shows {
        Shows::Taken | Shows::Refused(_) => {
            let refusal = client.batch_execute(fact.probe).err().and_then(|error| error.as_db_error().cloned());
            match (fact.shows, refusal) {
                (Shows::Refused(state), Some(refusal)) if refusal.code().code() == state => Ok(true),
                (shows, None) => Ok(matches!(shows, Shows::Taken)),
                (_, Some(refusal)) => unknown(refusal.code().code(), refusal.message()),
            }
        }
        Shows::Says(expected) => {
            let messages = client.simple_query(fact.probe).map_err(|error| format!("{}: {error:?}", fact.name))?;
            let said = messages.iter().rev().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            Ok(said == Some(expected))
        }
        Shows::KeepsFile(name) | Shows::Rewrites(name) | Shows::SkipsScan(name) | Shows::Scans(name) => {
            let name = QName::public(name);
            let mut tracer = Tracer::new(&mut client, &mut observer).expect("the server answers");
            let trace = match tracer.run(fact.probe, None).expect("the server answers") {
                Ok(trace) => trace,
                Err(refusal) => return unknown(&refusal.sqlstate, &refusal.message),
            };
            Ok(match fact.shows {
                Shows::KeepsFile(_) => !trace.rewritten.contains(&name),
                Shows::Rewrites(_) => trace.rewritten.contains(&name),
                Shows::SkipsScan(_) => !trace.scans.iter().any(|scan| scan.relation == name),
                _ => trace.scans.iter().any(|scan| scan.relation == name),
            })
        }
    }
}
