//! The servers at hand, and the question whether statements lead from one database to another.

use std::sync::OnceLock;

use live::lab::{Options, installed};
use live::{Client, Lab, introspect, testing};
use migrate::diff::{Owners, Settings, diff};
use model::Schema;
use model::dialect::Version;

use crate::dump;
use crate::pairs::sql;

/// One server of each major version that is installed, or of those that `PALLADIO_TEST_MAJORS` numbers; none at all is
/// said by the first.
pub(crate) fn all() -> &'static [Lab] {
    static LABS: OnceLock<Vec<Lab>> = OnceLock::new();
    LABS.get_or_init(|| {
        let named = std::env::var("PALLADIO_TEST_MAJORS").unwrap_or_default();
        let named: Vec<u16> = named.split(',').filter_map(|word| word.trim().parse().ok()).collect();
        let wanted = |major: &u16| if named.is_empty() { *major >= 14 } else { named.contains(major) };
        let mut majors: Vec<u16> = installed().iter().map(|found| found.major()).filter(wanted).collect();
        majors.sort_unstable();
        majors.dedup();
        let labs: Vec<Lab> = majors.iter().filter_map(|major| testing::own(&Options::version(*major))).collect();
        let labs = if labs.is_empty() { testing::own(&Options::default()).into_iter().collect() } else { labs };
        for lab in &labs {
            let mut client = lab.connect("postgres").expect("the lab answers");
            // A role is of the whole server, where another test may be looking: all are there from the start.
            for role in ["old_hand", "new_hand"].iter().chain(&sql::ROLES) {
                client.batch_execute(&format!("CREATE ROLE {role}")).expect("a role can be made");
            }
        }
        labs
    })
}

/// The same on each of them at once; what is wrong there, server by server.
pub(crate) fn on_each(ask: impl Fn(&'static Lab) -> Vec<String> + Sync) -> Vec<String> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = all().iter().map(|lab| scope.spawn(|| ask(lab))).collect();
        asked.into_iter().flat_map(|answer| answer.join().expect("nobody panics")).collect()
    })
}

/// Whether `pg_dump` is at hand for the server.
pub(crate) fn dumps(lab: &Lab) -> bool {
    static ABLE: OnceLock<Vec<u16>> = OnceLock::new();
    let able = || all().iter().filter(|lab| lab.has_tools()).map(major).collect();
    ABLE.get_or_init(able).contains(&major(lab))
}

pub(crate) fn major(lab: &Lab) -> u16 {
    lab.version().0
}

pub(crate) fn settings(major: u16) -> Settings {
    Settings { version: Version(major, 0), renames: Vec::new(), owners: Owners::All, privileges: true }
}

/// Runs a script by itself; what the server says against it.
pub(crate) fn run(client: &mut Client, script: &str) -> Result<(), String> {
    client.batch_execute(script).map_err(|error| said(&error))
}

pub(crate) fn said(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => [Some(error.message()), error.detail()].into_iter().flatten().collect::<Vec<_>>().join("; "),
        None => error.to_string(),
    }
}

pub(crate) fn look(client: &mut Client) -> Schema {
    introspect(client).expect("the database can be looked at").schema
}

/// A database that is emptied and used again, which costs less than a new one.
pub(crate) struct Room<'a> {
    lab: &'a Lab,
    name: String,
    client: Client,
}

impl<'a> Room<'a> {
    pub(crate) fn new(lab: &'a Lab) -> Room<'a> {
        let name = testing::database(lab);
        let mut client = lab.connect(&name).expect("the lab answers");
        // New rooms and those that were used once are alike.
        client.batch_execute(EMPTY).expect("an empty database can be emptied");
        Room { lab, name, client }
    }

    /// Takes away what was made, or the whole database where something stays behind.
    fn empty(&mut self) {
        let emptied = self.client.batch_execute("DISCARD ALL").and_then(|()| self.client.batch_execute(EMPTY));
        let left = emptied.and_then(|()| self.client.query_one(LEFT, &[]));
        if left.is_ok_and(|row| row.get::<_, i64>(0) == 0) {
            return;
        }
        self.lab.drop_database(&self.name).expect("a database can be dropped");
        *self = Room::new(self.lab);
    }
}

/// The schema `public` is made as a new database has it.
const EMPTY: &str = "
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT evtname FROM pg_event_trigger LOOP EXECUTE format('DROP EVENT TRIGGER %I', name); END LOOP;
        FOR name IN SELECT pubname FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', name); END LOOP;
        FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', name);
        END LOOP;
        FOR name IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
            EXECUTE format('DROP EXTENSION %I CASCADE', name);
        END LOOP;
        CREATE SCHEMA public;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
        IF current_setting('server_version_num')::int < 150000 THEN GRANT CREATE ON SCHEMA public TO PUBLIC; END IF;
        COMMENT ON SCHEMA public IS 'standard public schema';
    END $$";

const LEFT: &str = "
    SELECT (SELECT count(*) FROM pg_default_acl) + (SELECT count(*) FROM pg_cast WHERE oid >= 16384)
         + (SELECT count(*) FROM pg_foreign_data_wrapper) + (SELECT count(*) FROM pg_language WHERE oid >= 16384)
         + (SELECT count(*) FROM pg_am WHERE oid >= 16384) + (SELECT count(*) FROM pg_transform)";

/// Fills both rooms and goes from one to the other; what is wrong then.
pub(crate) fn arrives(rooms: &mut [Room<'_>; 2], before: &str, statements: &[String], after: &str) -> Vec<String> {
    let complaints = go(rooms, before, statements, after);
    rooms.iter_mut().for_each(Room::empty);
    complaints
}

fn go([here, there]: &mut [Room<'_>; 2], before: &str, statements: &[String], after: &str) -> Vec<String> {
    let (lab, client, target) = (here.lab, &mut here.client, &mut there.client);
    let (one, other) = (&here.name, &there.name);
    if let Err(error) = run(client, before) {
        return vec![format!("before: {error}")];
    }
    if let Err(error) = run(target, after) {
        return vec![format!("after: {error}")];
    }
    run(client, "SET check_function_bodies = off").expect("a setting can be set");
    for statement in statements {
        if let Err(error) = run(client, statement) {
            return vec![format!("{error}: {statement}")];
        }
    }
    let (found, wanted) = (look(client), look(target));
    let rest = diff(&found, &wanted, &settings(major(lab)));
    let mut complaints: Vec<String> =
        rest.statements(&found).into_iter().map(|left| format!("still: {left}")).collect();
    complaints.extend(rest.left.iter().map(|path| format!("still different: {path}")));
    if dumps(lab) && complaints.is_empty() {
        complaints.extend(dump::differences(lab, one, other));
    }
    complaints
}
