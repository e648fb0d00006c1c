//! Names in SQL: folded and unescaped as PostgreSQL stores them, and resolved against the schema and search path.

use model::name::{PG_CATALOG, PUBLIC, truncated};
use model::{Kind, Name, Path, QName};
use rowan::NodeOrToken;
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::Context;
use super::context::Sought;

/// The identifier that a name-like node holds: `Orders` is `orders`, `"Orders"` stays, `U&"\0041"` is `A`.
pub(crate) fn name(node: &impl AstNode) -> Name {
    name_of(node.syntax())
}

/// The same for an untyped node.
pub(crate) fn name_of(node: &SyntaxNode) -> Name {
    plain_name(node).unwrap_or_else(|| truncated(&ast::normalize_name_node(node)))
}

/// The identifier when it is the first token alone: not when `U&"…"` may have a UESCAPE clause behind it, nor when a
/// role is written with GROUP.
fn plain_name(node: &SyntaxNode) -> Option<Name> {
    let mut tokens = node.children_with_tokens().filter_map(NodeOrToken::into_token);
    let Some(token) = tokens.find(|token| !token.kind().is_trivia()) else {
        return Some(Name::default());
    };
    let text = token.text();
    let is_escaped = text.starts_with(['u', 'U']) && text.contains('"');
    let is_group = node.kind() == SyntaxKind::ROLE_REF && token.kind() == SyntaxKind::GROUP_KW;
    (!is_escaped && !is_group).then(|| folded(text))
}

/// The identifier in one token.
pub(crate) fn name_of_token(token: &SyntaxToken) -> Name {
    folded(token.text())
}

/// The identifier that a piece of SQL spells.
pub(crate) fn folded(text: &str) -> Name {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if inner.contains('"') => truncated(&inner.replace("\"\"", "\"")),
        Some(inner) => truncated(inner),
        None if text.bytes().any(|byte| byte.is_ascii_uppercase()) => truncated(&text.to_ascii_lowercase()),
        None => truncated(text),
    }
}

/// Whether the name was written in double quotes.
pub(crate) fn is_quoted(node: &SyntaxNode) -> bool {
    ast::is_quoted_name_node(node)
}

/// The schema, if it was written, and the name of a [`ast::Path`] or [`ast::PathRef`]. A database before the schema
/// is left out.
pub(crate) fn path(path: &impl AstNode) -> (Option<Name>, Name) {
    let mut words = backwards(path.syntax());
    let last = words.next().unwrap_or_default();
    (words.next(), last)
}

/// All words of a dotted name.
pub(crate) fn words(path: &impl AstNode) -> Vec<Name> {
    let mut words: Vec<Name> = backwards(path.syntax()).collect();
    words.reverse();
    words
}

/// The words from last to first: the qualifiers nest to the left.
fn backwards(path: &SyntaxNode) -> impl Iterator<Item = Name> + use<> {
    let mut level = Some(path.clone());
    std::iter::from_fn(move || {
        loop {
            let (qualifier, last) = parts(&level.take()?);
            level = qualifier;
            if last.is_some() {
                return last;
            }
        }
    })
}

/// What stands before the last dot, and the word behind it.
fn parts(path: &SyntaxNode) -> (Option<SyntaxNode>, Option<Name>) {
    let (mut qualifier, mut last) = (None, None);
    for child in path.children() {
        if is_segment(child.kind()) {
            last = Some(child);
        } else if is_qualifier(child.kind()) && qualifier.is_none() {
            qualifier = Some(child);
        }
    }
    (qualifier, last.map(|segment| name_of(&segment)))
}

fn is_segment(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF)
}

fn is_qualifier(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::PATH | SyntaxKind::PATH_REF)
}

impl Context<'_> {
    /// The schema that new objects go to.
    pub(crate) fn creation_schema(self) -> Name {
        self.search_path().first().cloned().unwrap_or(PUBLIC)
    }

    /// The name under which a new object is made.
    pub(crate) fn new_object(self, node: &impl AstNode) -> QName {
        let (schema, name) = path(node);
        self.new_name(schema, name)
    }

    pub(crate) fn new_name(self, schema: Option<Name>, name: Name) -> QName {
        QName { schema: schema.unwrap_or_else(|| self.creation_schema()), name }
    }

    /// A table, view, sequence, index or composite type that a statement speaks of.
    pub(crate) fn relation(self, node: &impl AstNode) -> QName {
        let (schema, name) = path(node);
        self.relation_name(schema, name)
    }

    pub(crate) fn relation_name(self, schema: Option<Name>, name: Name) -> QName {
        match schema {
            Some(schema) => QName { schema, name },
            None => self.look_up(Sought::Relation, &name),
        }
    }

    pub(super) fn unqualified_relation(self, name: &Name) -> QName {
        // The session's own temporary schema is searched before the search path.
        let temporary = QName::new("pg_temp", name.clone());
        if self.schema().relation(&temporary).is_some() {
            return temporary;
        }
        self.find(None, name.clone(), |cx, name| cx.schema().relation(name).is_some())
    }

    /// A function, procedure or aggregate. Those that the schema does not know, and those of `pg_catalog`, have no
    /// schema unless one was written.
    pub(crate) fn function(self, node: &impl AstNode) -> QName {
        let (schema, name) = path(node);
        self.function_name(schema, name)
    }

    pub(crate) fn function_name(self, schema: Option<Name>, name: Name) -> QName {
        if let Some(schema) = schema {
            let schema = if schema == PG_CATALOG { Name::default() } else { schema };
            return QName { schema, name };
        }
        self.look_up(Sought::Function, &name)
    }

    pub(super) fn unqualified_function(self, name: &Name) -> QName {
        let mut candidates = self.search_path().iter().map(|schema| QName::new(schema.clone(), name.clone()));
        let found = candidates.find(|candidate| self.schema().overloads(candidate).next().is_some());
        found.unwrap_or_else(|| QName::new("", name.clone()))
    }

    /// A user's type that a statement speaks of: enum, domain, composite, range, base type or row type.
    pub(crate) fn type_name(self, node: &impl AstNode) -> QName {
        let (schema, name) = path(node);
        self.user_type(schema, name)
    }

    pub(crate) fn user_type(self, schema: Option<Name>, name: Name) -> QName {
        match schema {
            Some(schema) => QName { schema, name },
            None => self.known_type(&name).unwrap_or_else(|| QName::public(name)),
        }
    }

    /// The user's type that an unqualified name means, if the schema has one.
    pub(crate) fn known_type(self, name: &Name) -> Option<QName> {
        let mut candidates = self.search_path().iter().map(|schema| QName::new(schema.clone(), name.clone()));
        candidates.find(|candidate| self.schema().type_source(candidate).is_some())
    }

    /// The path of a type that the schema knows. That of a multirange is a range's, under its own name.
    pub(crate) fn type_path(self, name: &QName) -> Option<Path> {
        let multirange = || self.schema().range_of(name).map(|_| Path::object(Kind::Range, name));
        self.schema().type_path(name).or_else(multirange)
    }

    /// The first object of the search path for which `exists` holds, else the name in the first schema.
    pub(crate) fn find(self, schema: Option<Name>, name: Name, exists: impl Fn(Context<'_>, &QName) -> bool) -> QName {
        if let Some(schema) = schema {
            return QName { schema, name };
        }
        for schema in self.search_path() {
            let candidate = QName::new(schema.clone(), name.clone());
            if exists(self, &candidate) {
                return candidate;
            }
        }
        // The catalog is searched before every other schema, and no user can make a name that starts like this there.
        if name.starts_with("pg_") {
            return QName::builtin(name);
        }
        self.new_name(None, name)
    }
}

#[cfg(test)]
mod tests {
    use model::Schema;

    use super::super::parse::parse;
    use super::super::testing::{search_path, tables};
    use super::*;

    fn relation(schema: &Schema, path: &[&str], text: &str) -> String {
        let search_path = search_path(path);
        let cx = Context::new(schema, &search_path, 0);
        let stmt = parse(&format!("SELECT 1 FROM {text}")).stmt.expect("a statement");
        let name = cx.relation(&stmt.syntax().descendants().find_map(ast::PathRef::cast).expect("a name"));
        format!("{}.{}", name.schema, name.name)
    }

    #[test]
    fn names_are_folded_and_unescaped() {
        let schema = Schema::default();
        for (text, expected) in [
            ("Users", "public.users"),
            ("\"Users\"", "public.Users"),
            ("\"a\"\"b\"", "public.a\"b"),
            ("U&\"d\\0061ta\"", "public.data"),
            ("U&\"d!0061ta\" UESCAPE '!'", "public.data"),
            ("GRÖSSE", "public.grÖsse"),
            ("App.\"X y\"", "app.X y"),
            ("db.app.users", "app.users"),
            ("pg_class", "pg_catalog.pg_class"),
        ] {
            assert_eq!(relation(&schema, &["public"], text), expected, "{text}");
        }
        let long = "a".repeat(70);
        assert_eq!(relation(&schema, &["public"], &long), format!("public.{}", "a".repeat(63)));
    }

    #[test]
    fn relations_are_found_by_the_search_path() {
        let schema = tables("users(id); app.items(id); app.users(id)");
        for (path, text, expected) in [
            (&["public", "app"][..], "users", "public.users"),
            (&["app", "public"], "users", "app.users"),
            (&["public", "app"], "items", "app.items"),
            (&["app", "public"], "nothing", "app.nothing"),
            (&[], "nothing", "public.nothing"),
        ] {
            assert_eq!(relation(&schema, path, text), expected);
        }
    }
}
