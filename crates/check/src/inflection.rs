//! English words in names: one and many of them. Where the language does not say, the answer is that it does not.

/// Whether a noun speaks of one thing or of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    Singular,
    Plural,
}

/// Words without a number of their own, and short forms that could be either.
const UNCOUNTED: &[&str] = &[
    "access",
    "advice",
    "audit",
    "auth",
    "aws",
    "billing",
    "cache",
    "cash",
    "cms",
    "content",
    "cors",
    "css",
    "data",
    "dns",
    "email",
    "equipment",
    "feedback",
    "gps",
    "history",
    "hours",
    "info",
    "information",
    "inventory",
    "jobs",
    "js",
    "kms",
    "log",
    "mail",
    "mapping",
    "media",
    "meta",
    "metadata",
    "money",
    "news",
    "ops",
    "os",
    "rbac",
    "rls",
    "sales",
    "saml",
    "series",
    "sms",
    "species",
    "sso",
    "staff",
    "state",
    "stock",
    "storage",
    "support",
    "tls",
    "traffic",
    "usage",
    "weather",
];

/// Plural and singular where no ending tells.
const IRREGULAR: &[(&str, &str)] = &[
    ("aliases", "alias"),
    ("analyses", "analysis"),
    ("atlases", "atlas"),
    ("axes", "axis"),
    ("bases", "basis"),
    ("biases", "bias"),
    ("buses", "bus"),
    ("caches", "cache"),
    ("canvases", "canvas"),
    ("children", "child"),
    ("cookies", "cookie"),
    ("criteria", "criterion"),
    ("crises", "crisis"),
    ("diagnoses", "diagnosis"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("geese", "goose"),
    ("headaches", "headache"),
    ("hypotheses", "hypothesis"),
    ("indices", "index"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lenses", "lens"),
    ("lives", "life"),
    ("matrices", "matrix"),
    ("men", "man"),
    ("mice", "mouse"),
    ("moves", "move"),
    ("movies", "movie"),
    ("people", "person"),
    ("quizzes", "quiz"),
    ("shoes", "shoe"),
    ("syntheses", "synthesis"),
    ("teeth", "tooth"),
    ("theses", "thesis"),
    ("ties", "tie"),
    ("vertices", "vertex"),
    ("women", "woman"),
    ("zombies", "zombie"),
];

/// Endings in `s` that belong to the word.
const SINGULAR_IN_S: &[&str] = &["alias", "atlas", "bias", "canvas", "gas", "lens", "christmas", "pancreas"];

/// The number of a word in lower case, if it has one.
pub(crate) fn number(word: &str) -> Option<Number> {
    let letters = word.bytes().all(|byte| byte.is_ascii_lowercase());
    let spoken = word.bytes().any(|byte| b"aeiouy".contains(&byte));
    if word.len() < 3 || !letters || !spoken || UNCOUNTED.contains(&word) {
        return None;
    }
    if IRREGULAR.iter().any(|(many, _)| *many == word) {
        return Some(Number::Plural);
    }
    if SINGULAR_IN_S.contains(&word) || IRREGULAR.iter().any(|(_, one)| *one == word) {
        return Some(Number::Singular);
    }
    let own_s = ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    Some(if word.ends_with('s') && !own_s { Number::Plural } else { Number::Singular })
}

/// The word for one of them: `addresses` is many times `address`. Other words come back as they are.
pub(crate) fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    if number(word) != Some(Number::Plural) {
        return word.to_owned();
    }
    let without = |count: usize| &word[..word.len() - count];
    if word.len() > 4 && word.ends_with("ies") {
        return without(3).to_owned() + "y";
    }
    let hissing = ["sses", "shes", "ches", "xes", "zzes", "tuses", "ruses", "nuses", "cuses", "puses"];
    if hissing.iter().any(|ending| word.ends_with(ending)) {
        return without(2).to_owned();
    }
    without(1).to_owned()
}

/// The word for many of them: `category` becomes `categories`. Other words come back as they are.
pub(crate) fn plural(word: &str) -> String {
    if let Some((many, _)) = IRREGULAR.iter().find(|(_, one)| *one == word) {
        return (*many).to_owned();
    }
    if number(word) != Some(Number::Singular) {
        return word.to_owned();
    }
    let before_y = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "z", "ch", "sh"].iter().any(|ending| word.ends_with(ending)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_number_or_not() {
        for (word, expected) in [
            ("orders", Some(Number::Plural)),
            ("order", Some(Number::Singular)),
            ("status", Some(Number::Singular)),
            ("address", Some(Number::Singular)),
            ("analysis", Some(Number::Singular)),
            ("people", Some(Number::Plural)),
            ("data", None),
            ("sms", None),
            ("x2", None),
        ] {
            assert_eq!(number(word), expected, "{word}");
        }
    }

    #[test]
    fn one_and_many_are_each_other() {
        for (one, many) in [
            ("order", "orders"),
            ("category", "categories"),
            ("address", "addresses"),
            ("box", "boxes"),
            ("batch", "batches"),
            ("status", "statuses"),
            ("database", "databases"),
            ("license", "licenses"),
            ("day", "days"),
            ("person", "people"),
            ("alias", "aliases"),
            ("movie", "movies"),
        ] {
            assert_eq!(plural(one), many);
            assert_eq!(singular(many), one);
            assert_eq!(singular(one), one);
            assert_eq!(plural(many), many);
        }
    }
}
