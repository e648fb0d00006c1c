//! The server of the law: a lab of its own, whose databases and roles come and go.

use std::collections::BTreeSet;

use live::lab::Options;
use live::{Client, Lab, testing};

/// A server on which databases come and go. Roles belong to the whole server, so each test has its own.
pub(crate) struct Host {
    lab: Lab,
    /// Roles that were there before us.
    roles: BTreeSet<String>,
    pub(crate) version: u16,
}

impl Host {
    /// `None` where there is no server, which has been said then.
    pub(crate) fn start(major: u16) -> Option<Host> {
        let lab = testing::own(&Options::version(major))?;
        let roles = roles(&mut lab.connect("postgres").expect("it answers"));
        Some(Host { version: lab.version().0, lab, roles })
    }

    pub(crate) fn client(&self, database: &str) -> Client {
        self.lab.connect(database).expect("the server is there")
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
