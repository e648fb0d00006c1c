//! A database that the configuration names. Its address is never shown with a password in it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// Where a database is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Database {
    /// `postgres://USER:${PASSWORD}@HOST/DATABASE`; `${NAME}` is a variable of the environment.
    #[serde(serialize_with = "without_password")]
    pub url: String,
}

impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Database({})", hidden(&self.url))
    }
}

fn without_password<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hidden(url))
}

/// The address with dots for a password that is written out; a reference to the environment tells nothing.
fn hidden(url: &str) -> String {
    const DOTS: &str = "…";
    let is_reference = |text: &str| text.starts_with("${") && text.find('}') == Some(text.len() - 1);
    if let Some((scheme, rest)) = url.split_once("://") {
        // The last `@` ends the password, whatever is in it.
        let (who, place) = rest.rsplit_once('@').map_or(("", rest), |(who, place)| (who, place));
        let who = match who.split_once(':') {
            Some((user, password)) if !is_reference(password) => format!("{user}:{DOTS}@"),
            _ if who.is_empty() => String::new(),
            _ => format!("{who}@"),
        };
        let place = match place.split_once('?') {
            Some((place, query)) if query.contains("password") => format!("{place}?{DOTS}"),
            _ => place.to_owned(),
        };
        return format!("{scheme}://{who}{place}");
    }
    if is_reference(url) || !url.contains("password") { url.to_owned() } else { DOTS.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn passwords_are_hidden() {
        for (url, shown) in [
            ("postgres://ann:hunter2@db/shop", "postgres://ann:…@db/shop"),
            ("postgres://ann:p@ss?hunter2@db/shop", "postgres://ann:…@db/shop"),
            ("postgres://ann:${PASSWORD}@db/shop", "postgres://ann:${PASSWORD}@db/shop"),
            ("postgres://db/shop?password=hunter2", "postgres://db/shop?…"),
            ("host=db password=hunter2", "…"),
            ("${DATABASE_URL}", "${DATABASE_URL}"),
        ] {
            assert_eq!(hidden(url), shown);
        }
    }
}
