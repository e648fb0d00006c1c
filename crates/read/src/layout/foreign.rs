//! SQL of other databases: recognised, so that it is reported once a folder instead of once a statement.

use std::collections::BTreeMap;

use model::FileId;

use super::parent;
use crate::parallel;

/// Files of one folder in the SQL of another database.
#[derive(Debug)]
pub(crate) struct Foreign {
    pub(crate) folder: String,
    pub(crate) database: &'static str,
    pub(crate) files: Vec<FileId>,
}

type Sql<'a> = (FileId, &'a str, &'a str);

/// Takes out the files of other databases. A folder with a lock file or journal that names the database goes whole.
pub(super) fn split<'a>(files: Vec<Sql<'a>>, beside: &BTreeMap<&str, &str>) -> (Vec<Sql<'a>>, Vec<Foreign>) {
    let declared: Vec<(&str, &'static str)> =
        beside.iter().filter_map(|(path, text)| Some((folder_of(path)?, declared(text)?))).collect();
    let below = |path: &str, folder: &str| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut ours = Vec::new();
    let mut found: BTreeMap<(&str, &'static str), Vec<FileId>> = BTreeMap::new();
    let databases = parallel::map(&files, |(_, path, text)| {
        let declared = declared.iter().find(|(folder, _)| below(path, folder)).copied();
        let by_text = || Some((parent(path), by_text(text)?));
        declared.or_else(|| by_path(path)).or_else(by_text)
    });
    for (file, database) in files.into_iter().zip(databases) {
        match database {
            Some((folder, database)) if database != POSTGRES => {
                found.entry((folder, database)).or_default().push(file.0)
            }
            _ => ours.push(file),
        }
    }
    let foreign = found.into_iter().map(|((folder, database), files)| {
        let folder = if folder.is_empty() { ".".to_owned() } else { folder.to_owned() };
        Foreign { folder, database, files }
    });
    (ours, foreign.collect())
}

const POSTGRES: &str = "PostgreSQL";

/// Words of a path and the database they mean.
const WORDS: &[(&str, &str)] = &[
    ("postgres", POSTGRES),
    ("postgresql", POSTGRES),
    ("pg", POSTGRES),
    ("pgsql", POSTGRES),
    ("psql", POSTGRES),
    ("mysql", "MySQL"),
    ("mariadb", "MariaDB"),
    ("sqlite", "SQLite"),
    ("sqlite3", "SQLite"),
    ("libsql", "SQLite"),
    ("turso", "SQLite"),
    ("mssql", "SQL Server"),
    ("sqlserver", "SQL Server"),
    ("tsql", "SQL Server"),
    ("oracle", "Oracle"),
    ("clickhouse", "ClickHouse"),
    ("cassandra", "Cassandra"),
    ("cockroach", "CockroachDB"),
    ("cockroachdb", "CockroachDB"),
    ("spanner", "Spanner"),
    ("snowflake", "Snowflake"),
    ("bigquery", "BigQuery"),
    ("duckdb", "DuckDB"),
    ("h2", "H2"),
    ("hsqldb", "HSQLDB"),
    ("db2", "Db2"),
];

/// What the path says, and the folder that says it; nothing when it names two databases.
fn by_path(path: &str) -> Option<(&str, &'static str)> {
    let mut found: Option<(&str, &'static str)> = None;
    let mut start = 0;
    for part in path.split('/') {
        let end = start + part.len();
        let folder = if end < path.len() { &path[..end] } else { parent(path) };
        for word in part.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            let Some((_, database)) = WORDS.iter().find(|(name, _)| is_said(word, name)) else { continue };
            match found {
                Some((_, other)) if other != *database => return None,
                _ => found = found.or(Some((folder, *database))),
            }
        }
        start = end + 1;
    }
    found
}

/// The word is the name, or ends with it: `riversqlite`. Short names end too many words.
fn is_said(word: &str, name: &str) -> bool {
    const LONG: usize = 5;
    let start = word.len().saturating_sub(name.len());
    let end = if name.len() >= LONG { word.get(start..) } else { Some(word) };
    end.is_some_and(|end| end.eq_ignore_ascii_case(name))
}

/// `provider = "mysql"` of Prisma's lock file, `"dialect": "sqlite"` of drizzle-kit's journal.
fn declared(text: &str) -> Option<&'static str> {
    let line =
        text.lines().map(str::trim).find(|line| line.starts_with("provider") || line.starts_with("\"dialect\""))?;
    let value = line.split(['=', ':']).nth(1)?.trim_matches([' ', '"', ',']);
    WORDS.iter().find(|(name, _)| *name == value).map(|(_, database)| *database)
}

/// The folder that a lock file or journal speaks for.
fn folder_of(path: &str) -> Option<&str> {
    path.strip_suffix("migration_lock.toml")
        .or_else(|| path.strip_suffix("meta/_journal.json"))
        .map(|folder| folder.trim_end_matches('/'))
}

/// Only so much of a file is looked at: the first tables tell.
const LOOK: usize = 64 * 1024;

/// What the text itself says, in what PostgreSQL would not accept.
fn by_text(text: &str) -> Option<&'static str> {
    let text = &text[..text.floor_char_boundary(LOOK)];
    if !is_suspicious(text) {
        return None;
    }
    let code = code(text);
    let has = |word: &str| code.contains(word);
    let line = |test: fn(&str) -> bool| code.lines().any(|line| test(line.trim()));
    if has("engine=") || has("engine =") || has("auto_increment") || has("/*!40") || (has("unsigned") && has("`")) {
        return Some("MySQL");
    }
    if has("autoincrement")
        || has("without rowid")
        || has("strftime(")
        || line(|line| line.starts_with("pragma ") || line == ") strict;")
    {
        return Some("SQLite");
    }
    if has("[dbo]") || has("identity(1,1)") || (has("nvarchar(") && line(|line| line == "go")) {
        return Some("SQL Server");
    }
    if has("varchar2(") || has("nvarchar2(") {
        return Some("Oracle");
    }
    if has("create table") && line(has_foreign_type) {
        return Some("MySQL or SQLite");
    }
    if has("`") {
        return Some("MySQL or SQLite");
    }
    None
}

/// Words by their first letter, without which nothing is found here: the types, and what else other databases say.
const fn signs(letter: u8) -> &'static [&'static str] {
    match letter.to_ascii_lowercase() {
        b'a' => &["auto_increment", "autoincrement"],
        b'b' => &["blob"],
        b'd' => &["datetime", "dbo"],
        b'e' => &["engine"],
        b'g' => &["go"],
        b'l' => &["longblob", "longtext"],
        b'm' => &["mediumblob", "mediumint", "mediumtext"],
        b'n' => &["nvarchar", "nvarchar2"],
        b'p' => &["pragma"],
        b'r' => &["rowid"],
        b's' => &["strftime", "strict"],
        b't' => &["tinyint"],
        b'u' => &["unsigned"],
        b'v' => &["varchar2"],
        _ => &[],
    }
}

/// Whether a sign of another database stands anywhere, and be it in a comment: in one pass, without a copy. Hardly a
/// file of ours has one, so hardly one is looked at closely.
fn is_suspicious(text: &str) -> bool {
    text.contains('`') || text.contains("/*!40") || text.contains("(1,1)") || has_sign(text.as_bytes())
}

/// What a word is made of.
const INSIDE: [bool; 256] = {
    let mut inside = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        inside[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    inside
};

/// The letters that come second in a sign, by the first: few words of ours begin like one.
const SECOND: [u32; 26] = {
    let mut second = [0; 26];
    let mut first = 0;
    while first < 26 {
        let signs = signs(b'a' + first as u8);
        let mut at = 0;
        while at < signs.len() {
            second[first] |= 1 << (signs[at].as_bytes()[1] - b'a');
            at += 1;
        }
        first += 1;
    }
    second
};

fn begins_like_a_sign(first: u8, second: u8) -> bool {
    let letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a');
    let seconds = SECOND.get(usize::from(letter(first))).copied().unwrap_or_default();
    letter(second) < 26 && seconds >> letter(second) & 1 == 1
}

fn has_sign(text: &[u8]) -> bool {
    let is_inside = |byte: &u8| INSIDE[usize::from(*byte)];
    let begins_with = |text: &[u8], sign: &str| {
        let (word, rest) = text.split_at_checked(sign.len()).unwrap_or_default();
        word.eq_ignore_ascii_case(sign.as_bytes()) && !rest.first().is_some_and(is_inside)
    };
    let mut was_inside = false;
    text.windows(2).enumerate().any(|(at, pair)| {
        let begins = !std::mem::replace(&mut was_inside, is_inside(&pair[0])) && was_inside;
        begins
            && begins_like_a_sign(pair[0], pair[1])
            && signs(pair[0]).iter().any(|sign| begins_with(&text[at..], sign))
    })
}

/// A column of a type that PostgreSQL does not have: `created_at DATETIME`, `flag TINYINT(1)`.
fn has_foreign_type(line: &str) -> bool {
    const TYPES: [&str; 8] =
        ["datetime", "tinyint", "mediumint", "mediumtext", "longtext", "blob", "mediumblob", "longblob"];
    const NO_COLUMNS: [&str; 7] = ["select", "by", "and", "or", "where", "on", "as"];
    let mut words = line.split([' ', '\t', ',', '(']).filter(|word| !word.is_empty());
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    TYPES.contains(&second) && !NO_COLUMNS.contains(&first)
}

/// The text without comments, strings and quoted names, in small letters. The version comments of MySQL stay.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['-', '/', '\'', '"', '$', '#']) {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        let skip = |end: Option<usize>| end.unwrap_or(from.len());
        let length = if from.starts_with("--") {
            skip(from.find('\n'))
        } else if from.starts_with("/*") && !from.starts_with("/*!") {
            skip(from.find("*/").map(|end| end + 2))
        } else if from.starts_with(['\'', '"']) {
            skip(from[1..].find(&from[..1]).map(|end| end + 2))
        } else if let Some(tag) = dollar_tag(from) {
            skip(from[tag.len()..].find(tag).map(|end| end + 2 * tag.len()))
        } else {
            out.push_str(&from[..1]);
            1
        };
        rest = &from[length..];
    }
    out.push_str(rest);
    out.make_ascii_lowercase();
    out
}

/// `$$` or `$body$` at the start.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text.strip_prefix('$')?.find('$')? + 2;
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text[1..end - 1].chars().all(word).then_some(&text[..end])
}
