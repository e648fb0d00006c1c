//! The house style: how a project names things. What is not said is what most of its names do.

use model::name::quoted;
use model::{Change, Name, Path};

use crate::findings::Findings;
use crate::inflection::Number;
use crate::words::comma;

/// How names are chosen. Nothing means: as most of the project's names are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct House {
    /// Tables are called after many rows or after one.
    pub tables: Option<Plurality>,
    pub table_case: Option<Case>,
    pub column_case: Option<Case>,
    /// `id`, or a pattern with `{table}`.
    pub primary_key: Option<String>,
    /// A pattern with `{table}`, the table referred to, in the singular.
    pub foreign_key: Option<String>,
    /// Patterns with `{table}`, `{columns}` and, for constraints, `{type}`.
    pub index: Option<String>,
    pub constraint: Option<String>,
    /// The words with which booleans begin.
    pub boolean_prefixes: Option<Vec<String>>,
    /// The words with which instants end.
    pub time_suffixes: Option<Vec<String>>,
}

/// Whether tables are called `orders` or `order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plurality {
    Plural,
    Singular,
}

/// How the words of a name are written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Snake,
    Camel,
    Pascal,
    /// `ORDERS`, `USER_ID`
    Upper,
}

impl Case {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Case::Snake => "snake_case",
            Case::Camel => "camelCase",
            Case::Pascal => "PascalCase",
            Case::Upper => "UPPER_CASE",
        }
    }

    /// The cases that a name fits: one word in small letters is snake_case and camelCase alike.
    pub(crate) fn fits(self, name: &str) -> bool {
        let first = name.trim_start_matches('_').chars().next();
        let any = |test: fn(char) -> bool| name.chars().any(test);
        match self {
            Case::Snake => !any(char::is_uppercase),
            Case::Camel => first.is_none_or(|first| !first.is_uppercase()) && !name.trim_matches('_').contains('_'),
            Case::Pascal => first.is_none_or(|first| !first.is_lowercase()) && !name.trim_matches('_').contains('_'),
            Case::Upper => !any(char::is_lowercase),
        }
    }

    /// The name in this case.
    pub(crate) fn of(self, words: &[Name]) -> String {
        let capital = |word: &Name| {
            let mut chars = word.chars();
            chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
        };
        match self {
            Case::Snake => words.join("_"),
            Case::Upper => words.join("_").to_uppercase(),
            Case::Pascal => words.iter().map(capital).collect(),
            Case::Camel => {
                let rest: String = words.iter().skip(1).map(capital).collect();
                words.first().map_or("", Name::as_str).to_owned() + &rest
            }
        }
    }
}

impl From<Plurality> for Number {
    fn from(plurality: Plurality) -> Number {
        match plurality {
            Plurality::Plural => Number::Plural,
            Plurality::Singular => Number::Singular,
        }
    }
}

/// How a project does a thing, as it was told or as its names show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style<T> {
    /// The configuration says so: each name that does otherwise is a finding.
    Told(T),
    /// So many of so many names do it: those that do otherwise are one finding.
    Shown { way: T, follow: usize, of: usize },
    /// The names do not agree; this is what more of them do, and the usual way where there are as many of each.
    Mixed { way: T, follow: usize, of: usize },
}

impl<T: Copy> Style<T> {
    pub(crate) fn way(self) -> T {
        match self {
            Style::Told(way) | Style::Shown { way, .. } | Style::Mixed { way, .. } => way,
        }
    }
}

/// What stands before and behind the changing part of a name: `idx_…`, `…_fkey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Affix<'a> {
    pub(crate) before: &'a str,
    pub(crate) behind: &'a str,
}

impl<'a> Affix<'a> {
    pub(crate) const fn prefix(before: &'a str) -> Affix<'a> {
        Affix { before, behind: "" }
    }

    pub(crate) const fn suffix(behind: &'a str) -> Affix<'a> {
        Affix { before: "", behind }
    }

    /// The fixed ends of a pattern such as `idx_{table}_{columns}`.
    pub(crate) fn of_pattern(pattern: &'a str) -> Affix<'a> {
        let before = pattern.split('{').next().unwrap_or("");
        let behind = pattern.rsplit('}').next().unwrap_or("");
        Affix { before, behind }
    }

    pub(crate) fn fits(self, name: &str) -> bool {
        name.len() > self.before.len() + self.behind.len()
            && name.starts_with(self.before)
            && name.ends_with(self.behind)
    }

    pub(crate) fn strip(self, name: &str) -> &str {
        let name = name.strip_prefix(self.before).unwrap_or(name);
        name.strip_suffix(self.behind).unwrap_or(name)
    }

    /// `begin with idx_`
    pub(crate) fn words(self) -> String {
        match (self.before, self.behind) {
            (before, "") => format!("begin with {before}"),
            ("", behind) => format!("end in {behind}"),
            (before, behind) => format!("begin with {before} and end in {behind}"),
        }
    }
}

/// Fewer names show no style.
const FEWEST: usize = 5;
/// At least this share of the names does it, in percent; else the project has no style of its own.
const MOST: usize = 75;

/// What is asked for, else what most of the names do; `None` where there are too few names to tell.
pub(crate) fn style<T: Copy + Ord>(told: Option<T>, shown: impl IntoIterator<Item = T>, usual: T) -> Option<Style<T>> {
    if let Some(told) = told {
        return Some(Style::Told(told));
    }
    // There are few ways, and many names.
    let mut counts: Vec<(T, usize)> = Vec::new();
    for way in shown {
        match counts.iter_mut().find(|(known, _)| *known == way) {
            Some((_, count)) => *count += 1,
            None => counts.push((way, 1)),
        }
    }
    counts.sort_unstable_by_key(|(way, _)| *way);
    let of: usize = counts.iter().map(|(_, count)| count).sum();
    let (way, follow) = counts.into_iter().max_by_key(|(way, count)| (*count, *way == usual))?;
    match (of >= FEWEST, follow * 100 >= of * MOST) {
        (false, _) => None,
        (true, true) => Some(Style::Shown { way, follow, of }),
        (true, false) => Some(Style::Mixed { way, follow, of }),
    }
}

/// A name that is not as the others are.
pub(crate) struct Outlier {
    pub(crate) path: Path,
    /// The name that it would have.
    pub(crate) better: String,
    /// What gives it that name; empty when it cannot have it.
    pub(crate) changes: Vec<Change>,
}

/// What the names of a rule are and how they should be, in words.
pub(crate) struct Wording<'a> {
    /// `tables`
    pub(crate) things: &'a str,
    /// What the others do: `are called after many rows`
    pub(crate) way: String,
    pub(crate) why: &'a str,
}

/// Says it of each outlier where the style was told, else once, with the count.
pub(crate) fn report<T>(findings: &mut Findings<'_>, style: Style<T>, outliers: Vec<Outlier>, wording: &Wording<'_>) {
    const SAMPLE: usize = 5;
    let (follow, of, mixed) = match style {
        Style::Told(_) => {
            for outlier in outliers {
                let name = quoted(outlier.path.last()).into_owned();
                let message = format!("{name} would be {} in this house", outlier.better);
                let draft = findings.at(&outlier.path, message);
                let draft = draft.why(format!("{} {}", wording.things, wording.way)).why(wording.why);
                if !outlier.changes.is_empty() {
                    draft.unsafe_fix(format!("rename it to {}", outlier.better), outlier.changes);
                }
            }
            return;
        }
        Style::Shown { follow, of, .. } => (follow, of, false),
        Style::Mixed { follow, of, .. } => (follow, of, true),
    };
    let Some(first) = outliers.first() else { return };
    let name = quoted(first.path.last()).into_owned();
    let things = wording.things;
    let message = match outliers.len() {
        1 => format!("{name} is alone among {of} {things}: {follow} {}", wording.way),
        count => format!("{name} and {} more of {of} {things} differ: {follow} {}", count - 1, wording.way),
    };
    let sample = outliers.iter().take(SAMPLE).map(|outlier| format!("{} would be {}", outlier.path, outlier.better));
    let sample = comma(sample);
    let path = first.path.clone();
    let changes: Vec<Change> = outliers.into_iter().flat_map(|outlier| outlier.changes).collect();
    let draft = findings.at(&path, message).why(sample).why(wording.why);
    // Where there is no style yet, which half is renamed is for the project to choose.
    if !changes.is_empty() && !mixed {
        draft.unsafe_fix("rename them as the others are", changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_the_names_show_the_style() {
        assert_eq!(style(None, [1, 1, 1, 1, 2], 2), Some(Style::Shown { way: 1, follow: 4, of: 5 }));
        assert_eq!(style(None, [1, 1, 1, 2, 2], 2), Some(Style::Mixed { way: 1, follow: 3, of: 5 }));
        assert_eq!(style(None, [1, 1, 1, 2, 2, 2], 1), Some(Style::Mixed { way: 1, follow: 3, of: 6 }));
        assert_eq!(style(None, [1, 1], 1), None);
        assert_eq!(style(Some(3), [1, 1], 1), Some(Style::Told(3)));
    }

    #[test]
    fn names_fit_cases() {
        let fits = |name: &str| [Case::Snake, Case::Camel, Case::Pascal, Case::Upper].map(|case| case.fits(name));
        assert_eq!(fits("order_items"), [true, false, false, false]);
        assert_eq!(fits("orders"), [true, true, false, false]);
        assert_eq!(fits("orderItems"), [false, true, false, false]);
        assert_eq!(fits("OrderItems"), [false, false, true, false]);
        assert_eq!(fits("_ItemToTag"), [false, false, true, false]);
    }
}
