//! Variables of the session: the search path and the timeouts, with SET, SET LOCAL and RESET.

use model::name::{PG_CATALOG, PUBLIC};
use model::query::TargetValue;
use model::step::Settings;
use model::{Expr, Name, Query};

/// The values now, and those that come back when the transaction ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    pub(super) now: Values,
    after: Values,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) search_path: Vec<Name>,
    pub(super) settings: Settings,
}

impl Default for Values {
    fn default() -> Values {
        Values { search_path: vec![PUBLIC], settings: Settings::default() }
    }
}

impl Variables {
    /// `SET name = value`, or back to the default without one. A local one ends with the transaction.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>, local: bool) {
        self.now.set(name, value);
        if !local {
            self.after.set(name, value);
        }
    }

    pub(super) fn commit(&mut self) {
        self.now = self.after.clone();
    }

    /// `SELECT set_config('search_path', '…', false)`, wherever it stands in the SELECT list.
    pub(super) fn set_config(&mut self, query: &Query) {
        for target in &query.targets {
            let TargetValue::Expr(Expr::Call(call)) = &target.value else { continue };
            if call.function.name != "set_config" {
                continue;
            }
            if let [Expr::String(name), Expr::String(value), local] = call.args.as_slice() {
                let name = name.to_lowercase();
                self.set(&name, Some(value), *local == Expr::Bool(true));
            }
        }
    }
}

impl Values {
    fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.filter(|value| !value.trim().eq_ignore_ascii_case("default"));
        let bare = || value.map(|value| Name::new(value.trim().trim_matches('\'')));
        match name {
            "search_path" => self.search_path = value.map_or_else(|| Values::default().search_path, search_path),
            "lock_timeout" => self.settings.lock_timeout = bare(),
            "statement_timeout" => self.settings.statement_timeout = bare(),
            "idle_in_transaction_session_timeout" => self.settings.idle_in_transaction_session_timeout = bare(),
            "all" => *self = Values::default(),
            _ => {}
        }
    }
}

/// The schemas of a search path as it is written: names, quoted names or strings between commas.
fn search_path(value: &str) -> Vec<Name> {
    let mut schemas = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() {
        let name;
        (name, rest) = match rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
            Some(quote) => {
                let end = rest[1..].find(quote).map_or(rest.len(), |end| end + 1);
                (rest[1..end].to_owned(), rest.get(end + 1..).unwrap_or(""))
            }
            None => {
                let end = rest.find([',', ' ']).unwrap_or(rest.len());
                (rest[..end].to_lowercase(), &rest[end..])
            }
        };
        rest = rest.trim_start_matches([' ', ',', '\t', '\n', '\r']);
        // The user's own schema and the temporary one hold nothing of ours.
        if !name.is_empty() && name != "$user" && name != PG_CATALOG && name != "pg_temp" {
            schemas.push(Name::new(name));
        }
    }
    schemas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_as_people_write_them() {
        let check = |value: &str, expected: &[&str]| assert_eq!(search_path(value), expected);
        check("app, public", &["app", "public"]);
        check("\"$user\", public", &["public"]);
        check("''", &[]);
        check("'app', \"Odd\"", &["app", "Odd"]);
        check("App,pg_catalog", &["app"]);
        check("'unfinished", &["unfinished"]);
    }

    #[test]
    fn local_values_end_with_the_transaction() {
        let mut variables = Variables::default();
        variables.set("lock_timeout", Some("'5s'"), false);
        variables.set("lock_timeout", Some("1s"), true);
        assert_eq!(variables.now.settings.lock_timeout.as_deref(), Some("1s"));
        variables.commit();
        assert_eq!(variables.now.settings.lock_timeout.as_deref(), Some("5s"));
        variables.set("lock_timeout", None, false);
        assert_eq!(variables.now.settings.lock_timeout, None);
    }
}
