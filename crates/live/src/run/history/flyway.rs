//! Flyway: a row for each migration, with a CRC-32 over its lines; what is repeatable has one for each content.

use std::time::Duration;

use model::name::literal;

use super::{Row, Script, Tool, milliseconds};

pub(super) struct Flyway;

/// The key of a migration without a version begins so; the rest is its description.
pub(super) const REPEATABLE: &str = "R ";

impl Tool for Flyway {
    fn table(&self) -> &'static str {
        "flyway_schema_history"
    }

    fn column(&self) -> &'static str {
        "installed_rank"
    }

    fn create(&self) -> &'static str {
        "CREATE TABLE flyway_schema_history (
             installed_rank integer NOT NULL, version varchar(50), description varchar(200) NOT NULL,
             type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer,
             installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),
             execution_time integer NOT NULL, success boolean NOT NULL,
             CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank));
         CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success)"
    }

    /// A baseline has no file to compare with.
    fn rows(&self) -> &'static str {
        "SELECT coalesce(CASE WHEN type IN ('BASELINE', 'SQL_BASELINE') THEN 'B ' END || version, version,
                         'R ' || description),
                checksum::text, NOT success
         FROM flyway_schema_history WHERE type <> 'SCHEMA' AND type <> 'DELETE' ORDER BY installed_rank"
    }

    fn key(&self, script: &Script) -> Result<String, String> {
        let (prefix, description) = script.name.split_once("__").ok_or("its name has no `__`")?;
        match prefix.split_at_checked(1) {
            Some(("R", _)) => Ok(format!("{REPEATABLE}{}", description.replace('_', " "))),
            Some(("V" | "B", version)) if !version.is_empty() => Ok(version.replace('_', ".")),
            _ => Err("its name has no version".to_owned()),
        }
    }

    fn checksum(&self, script: &Script) -> Option<String> {
        Some(checksum(&script.bytes).to_string())
    }

    fn is_applied(&self, key: &str, rows: &[Row]) -> bool {
        rows.iter().any(|row| match row.key.strip_prefix("B ") {
            Some(baseline) => baseline == key || is_later(baseline, key),
            None => row.key == key,
        })
    }

    fn mark(&self, key: &str, script: &Script) -> Vec<String> {
        vec![row(key, script, Duration::ZERO, false)]
    }

    fn record(&self, key: &str, script: &Script, took: Duration, marked: bool) -> Vec<String> {
        vec![if marked {
            format!(
                "UPDATE flyway_schema_history SET success = true, execution_time = {} WHERE script = {} AND NOT success",
                milliseconds(took),
                literal(&script.file),
            )
        } else {
            row(key, script, took, true)
        }]
    }
}

fn row(key: &str, script: &Script, took: Duration, success: bool) -> String {
    let description = script.name.split_once("__").map_or("", |(_, rest)| rest).replace('_', " ");
    let version = if key.starts_with(REPEATABLE) { "NULL".to_owned() } else { literal(key) };
    let kind = if script.name.starts_with('B') { "SQL_BASELINE" } else { "SQL" };
    format!(
        "INSERT INTO flyway_schema_history
             (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
         SELECT coalesce(max(installed_rank), 0) + 1, {version}, {}, '{kind}', {}, {}, current_user, {}, {success}
         FROM flyway_schema_history",
        literal(&description),
        literal(&script.file),
        checksum(&script.bytes),
        milliseconds(took),
    )
}

/// Whether the first version is higher. Parts are numbers, and what is missing is 0.
pub(super) fn is_later(one: &str, other: &str) -> bool {
    let parts = |version: &str| -> Option<Vec<u128>> {
        let version = version.strip_prefix("B ").unwrap_or(version);
        let mut parts: Vec<u128> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        while parts.last() == Some(&0) {
            parts.pop();
        }
        Some(parts)
    };
    matches!((parts(one), parts(other)), (Some(one), Some(other)) if one > other)
}

/// CRC-32 of the lines without their ends and without a byte order mark, as a signed number.
fn checksum(bytes: &[u8]) -> i32 {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let crc = bytes.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')).fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    i32::from_ne_bytes((!crc).to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_over_the_lines() {
        // The check value of CRC-32 is that of the nine digits.
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926_u32 as i32);
        assert_eq!(checksum(b"\xef\xbb\xbf1234\r\n567\n89\n"), 0xcbf4_3926_u32 as i32);
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn versions_are_numbers() {
        assert!(is_later("2", "1.9") && is_later("1.10", "1.9") && is_later("1.1", "1"));
        assert!(!is_later("1.0", "1") && !is_later("1", "1") && !is_later("R x", "1"));
    }
}
