//! The server of the law: one of our own, or the one that `PALLADIO_TEST_POSTGRES` names.

use std::collections::BTreeSet;
use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};

use postgres::{Client, NoTls};
use scratch::Server;

/// A server on which databases come and go.
pub(crate) struct Host {
    /// Roles belong to the whole server: one test at a time.
    _alone: MutexGuard<'static, ()>,
    own: Option<Server>,
    given: Option<String>,
    /// Roles that were there before us.
    roles: BTreeSet<String>,
    pub(crate) version: u16,
}

impl Host {
    /// `None` where there is no server, which has been said then.
    pub(crate) fn find() -> Option<Host> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let given = env::var("PALLADIO_TEST_POSTGRES").ok();
        let own = if given.is_none() { Some(Server::start()?) } else { None };
        let mut host = Host { _alone: alone, own, given, roles: BTreeSet::new(), version: 0 };
        let mut client = host.client("postgres");
        let number = client.query_one("SELECT current_setting('server_version_num')::int4 / 10000", &[]);
        host.version = u16::try_from(number.expect("the server answers").get::<_, i32>(0)).expect("a version");
        host.roles = roles(&mut client);
        Some(host)
    }

    pub(crate) fn client(&self, database: &str) -> Client {
        let connection = match (&self.given, &self.own) {
            (Some(given), _) => format!("{given} dbname={database}"),
            (None, Some(own)) => own.connection(database),
            (None, None) => unreachable!("one of them is there"),
        };
        Client::connect(&connection, NoTls).expect("the server is there")
    }

    /// An empty database of that name: the one that was left empty, or a new one, which takes longer.
    pub(crate) fn fresh(&self, database: &str) -> Client {
        let mut client = self.client("postgres");
        let exists = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&database]);
        let exists = exists.expect("the server answers").is_some();
        if exists {
            let mut inside = self.client(database);
            let found = live::introspect(&mut inside).expect("the database can be looked at").schema;
            let untouched = found.is_empty() && found.comments().chain(found.owners()).next().is_none();
            if untouched && found.grants().next().is_none() {
                return self.client(database);
            }
        }
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).expect("it can be dropped");
        self.drop_roles(&mut client);
        client
            .batch_execute(&format!("CREATE DATABASE {database} TEMPLATE template0"))
            .expect("a database can be made");
        self.client(database)
    }

    /// Takes the database away, and the roles that were made in it.
    pub(crate) fn drop(&self, database: &str) {
        let mut client = self.client("postgres");
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).expect("it can be dropped");
        self.drop_roles(&mut client);
    }

    /// Empties the database, so that its roles go before another one makes them anew.
    pub(crate) fn leave(&self, database: &str) {
        let mut client = self.client(database);
        if self.empty(&mut client).is_err() {
            self.drop(database);
        }
    }

    fn empty(&self, client: &mut Client) -> Result<(), postgres::Error> {
        let everybody = if self.version < 15 { "ALL" } else { "USAGE" };
        client.batch_execute(&format!(
            "DO $$ DECLARE name text; BEGIN
               FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
                 EXECUTE format('DROP SCHEMA %I CASCADE', name);
               END LOOP;
             END $$;
             CREATE SCHEMA public;
             GRANT {everybody} ON SCHEMA public TO PUBLIC;"
        ))?;
        self.drop_roles(client);
        Ok(())
    }

    fn drop_roles(&self, client: &mut Client) {
        for role in roles(client).difference(&self.roles) {
            let _ = client.batch_execute(&format!("DROP OWNED BY \"{role}\""));
            let _ = client.batch_execute(&format!("DROP ROLE \"{role}\""));
        }
    }
}

fn roles(client: &mut Client) -> BTreeSet<String> {
    let rows = client.query("SELECT rolname::text FROM pg_roles", &[]).expect("the server answers");
    rows.iter().map(|row| row.get(0)).collect()
}
