//! `lab`: the PostgreSQL servers that are thrown away, as their user sees them.

use live::lab::kept::{self, Kept};
use live::lab::{self, installed};
use report::count::counted;

use crate::Failure;

/// What there is: installations, templates, labs.
pub fn status() -> String {
    let mut out = String::new();
    let installations = installed();
    if installations.is_empty() {
        out += "No PostgreSQL on this machine; next: palladio lab install 17\n";
    } else {
        out += "PostgreSQL on this machine\n";
        for found in installations {
            let old = if found.major() < lab::installed::OLDEST { ", too old for labs" } else { "" };
            let number = found.text.split_whitespace().next().unwrap_or_default();
            let (folder, origin) = (found.folder.display(), found.origin.name());
            out += &format!("  {number:<8} {folder} ({origin}{old})\n");
        }
    }
    let templates = lab::templates();
    if let (Some(first), Ok(cache)) = (templates.first(), lab::cache()) {
        let folder = first.file.parent().unwrap_or(&cache);
        out += &format!("\nTemplates in {}\n", folder.display());
        for template in &templates {
            out += &format!("  {:<16} {:>4} MB\n", template.key, template.bytes / 1_000_000);
        }
    }
    let kept = kept::kept();
    let others = lab::labs();
    if kept.is_empty() && others.is_empty() {
        return out + "\nNo lab is running; next: palladio lab start\n";
    }
    out += "\nLabs\n";
    out += &kept.iter().map(line).collect::<String>();
    for other in others {
        out += &match other.owner {
            Some(id) => format!("  {} of process {id}\n", other.folder.display()),
            None => format!("  {}, left behind: palladio lab clean\n", other.folder.display()),
        };
    }
    out
}

fn line(kept: &Kept) -> String {
    let version = kept.major.map_or("unknown".to_owned(), |major| major.to_string());
    match kept.server {
        Some(_) => format!("  {:<8} PostgreSQL {version}  {}\n", kept.name, kept.target("postgres")),
        None => format!("  {:<8} PostgreSQL {version}, not running: palladio lab clean\n", kept.name),
    }
}

/// How to use a lab that was just started.
pub fn started(kept: &Kept) -> String {
    let version = kept.major.map_or(String::new(), |major| format!(" PostgreSQL {major}"));
    let (name, target) = (&kept.name, kept.target("postgres"));
    format!("The lab {name} runs{version}\n  {target}\nNext: palladio lab shell {name} · palladio lab stop {name}\n")
}

/// Removes what can be made again. What was removed.
pub fn clean() -> Result<String, Failure> {
    let orphans = lab::sweep() + kept::sweep();
    let templates = lab::clean_templates()?;
    Ok(format!("Removed {} and {} that nobody owned\n", counted(templates, "template"), counted(orphans, "lab")))
}

/// The SQL of a role with the least that reading catalogs and statistics needs, of a database or of any.
pub fn role(name: &str, database: Option<&str>) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let role = quoted(name);
    let connect = database.map_or(String::new(), |database| {
        let database = quoted(database);
        format!("\n-- Where not everybody may connect.\nGRANT CONNECT ON DATABASE {database} TO {role};\n")
    });
    format!(
        "\
-- A role for Palladio: it reads catalogs and statistics, and no rows.
-- Change the password, then run this as an administrator of the database.
CREATE ROLE {role} LOGIN PASSWORD 'CHANGE-ME' CONNECTION LIMIT 4
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- It never writes, never waits long, and leaves no transaction open.
ALTER ROLE {role} SET default_transaction_read_only = on;
ALTER ROLE {role} SET statement_timeout = '30s';
ALTER ROLE {role} SET lock_timeout = '2s';
ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s';

-- The activity and the statements of everybody, and the server's settings.
GRANT pg_read_all_stats TO {role};
GRANT pg_read_all_settings TO {role};
{connect}
-- Statistics of columns are shown only to those who may read the columns.
-- For query plans as in production it has to read the rows as well:
-- GRANT pg_read_all_data TO {role};
"
    )
}
