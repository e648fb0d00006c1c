//! Types as PostgreSQL names them: aliases, modifiers, arrays, and the user's own by the search path.

use model::name::{PG_CATALOG, QName};
use model::ty::NamedType;
use model::{Name, Type};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::Context;
use super::name::{is_quoted, path, words};

/// The type; `setof` before it is told by [`is_setof`].
pub(crate) fn ty(cx: Context<'_>, ty: &ast::Type) -> Type {
    match ty {
        ast::Type::ArrayType(array) => {
            let element = array.ty().map_or_else(unknown, |element| self::ty(cx, &element));
            array_of(element, array.array_bounds().count().max(1))
        }
        ast::Type::PathType(named) => path_type(cx, named),
        ast::Type::VarcharType(ty) => Type::Varchar(number(ty.arg_list().as_ref())),
        ast::Type::CharacterType(ty) => Type::Char(Some(number(ty.arg_list().as_ref()).unwrap_or(1))),
        ast::Type::BitType(ty) => Type::Bit(Some(number(ty.arg_list().as_ref()).unwrap_or(1))),
        ast::Type::BitVaryingType(ty) => Type::VarBit(number(ty.arg_list().as_ref())),
        ast::Type::DoubleType(_) => Type::Double,
        ast::Type::TimeType(ty) => Type::Time { zone: zone(ty.timezone()), precision: precision(ty.literal()) },
        ast::Type::TimestampType(ty) => {
            Type::Timestamp { zone: zone(ty.timezone()), precision: precision(ty.literal()) }
        }
        ast::Type::IntervalType(ty) => {
            let (fields, inner) = ty.interval_qualifier().map_or((None, None), |fields| interval_fields(&fields));
            Type::Interval { fields, precision: precision(ty.literal()).or(inner) }
        }
    }
}

/// The type of a constant that is written behind it: without a length, `char 'x'` and `bit '101'` have none.
pub(super) fn type_of_constant(cx: Context<'_>, written: &ast::Type) -> Type {
    match written {
        ast::Type::CharacterType(character) => Type::Char(number(character.arg_list().as_ref())),
        ast::Type::BitType(bit) => Type::Bit(number(bit.arg_list().as_ref())),
        other => ty(cx, other),
    }
}

/// The type of an argument or result: also `table.column%TYPE`.
pub(crate) fn func_type(cx: Context<'_>, written: &ast::FuncType) -> Type {
    match written {
        ast::FuncType::Type(written) => ty(cx, written),
        ast::FuncType::PercentType(percent) => {
            let column = percent.path_ref().map_or_else(unknown, |path| column_type(cx, &path));
            let brackets = percent.array_bounds().count();
            array_of(column, if percent.array_token().is_some() { brackets.max(1) } else { brackets })
        }
    }
}

/// Whether `SETOF` stands before the type.
pub(crate) fn is_setof(written: &ast::FuncType) -> bool {
    let mut tokens = written.syntax().descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.find(|token| !token.kind().is_trivia()).is_some_and(|token| token.kind() == SyntaxKind::SETOF_KW)
}

/// The integer type behind `serial` and its family, which is a type only in a column definition.
pub(crate) fn serial(written: &ast::Type) -> Option<Type> {
    let ast::Type::PathType(named) = written else { return None };
    // Most types are none of these, and need not be read twice.
    named.syntax().text().as_bytes().windows(6).find(|word| word.eq_ignore_ascii_case(b"serial"))?;
    match path(&named.path_ref()?) {
        (None, name) => serial_by_name(&name),
        _ => None,
    }
}

fn serial_by_name(name: &str) -> Option<Type> {
    Some(match name {
        "smallserial" | "serial2" => Type::SmallInt,
        "serial" | "serial4" => Type::Integer,
        "bigserial" | "serial8" => Type::BigInt,
        _ => return None,
    })
}

fn path_type(cx: Context<'_>, named: &ast::PathType) -> Type {
    let Some(path_ref) = named.path_ref() else { return unknown() };
    let (schema, name) = path(&path_ref);
    let modifiers = modifiers(named.arg_list().as_ref());
    if schema.as_ref().is_none_or(|schema| *schema == PG_CATALOG) {
        // Only a bare word is one of SQL's own names for a type; a quoted or qualified one is looked up in pg_type.
        let bare = schema.is_none() && path_ref.segment().is_some_and(|segment| !is_quoted(segment.syntax()));
        let builtin = if bare { sql_type(&name, &modifiers) } else { catalog_type(&name) };
        if let Some(builtin) = builtin.or_else(|| schema.is_none().then(|| serial_by_name(&name)).flatten()) {
            return with_modifiers(builtin, modifiers);
        }
    }
    named_type(cx, schema, name, modifiers)
}

/// A type by a name that is not built in: the user's, an array of it by its `_` name, or an extension's.
fn named_type(cx: Context<'_>, schema: Option<Name>, name: Name, modifiers: Vec<Name>) -> Type {
    if let Some(element) = name.strip_prefix('_') {
        let known = match &schema {
            Some(schema) => cx.schema().type_source(&QName::new(schema.clone(), name.clone())).is_some(),
            None => cx.known_type(&name).is_some(),
        };
        if !known {
            if schema.as_ref().is_none_or(|schema| *schema == PG_CATALOG)
                && let Some(element) = catalog_type(element)
            {
                return with_modifiers(element, modifiers).array();
            }
            let element = Name::new(element);
            let found = match &schema {
                Some(schema) => Some(QName::new(schema.clone(), element))
                    .filter(|candidate| cx.schema().type_source(candidate).is_some()),
                None => cx.known_type(&element),
            };
            if let Some(name) = found {
                return Type::named(name).array();
            }
        }
    }
    Type::Named(Box::new(NamedType { name: cx.user_type(schema, name), modifiers }))
}

/// A bare word that SQL or the catalog knows as a type.
fn sql_type(name: &str, modifiers: &[Name]) -> Option<Type> {
    match name {
        // Up to 24 bits of mantissa fit into four bytes.
        "float" => Some(match modifiers.first().and_then(|bits| bits.parse::<u32>().ok()) {
            Some(..=24) => Type::Real,
            _ => Type::Double,
        }),
        // As a word it is `character`, and the parser says so; this is a quoted name.
        "char" => None,
        _ => catalog_type(name).or_else(|| Type::from_builtin_name(name)),
    }
}

/// A name of `pg_type`: these have no implied length, and SQL's own words (`integer`) are not among them.
fn catalog_type(name: &str) -> Option<Type> {
    match name {
        "char" => Some(Type::builtin("\"char\"")),
        "bit" => Some(Type::Bit(None)),
        "\"char\"" | "smallint" | "integer" | "int" | "bigint" | "real" | "float" | "decimal" | "dec" | "boolean"
        | "character" | "nchar" => None,
        _ if name.contains(' ') => None,
        _ => Type::from_builtin_name(name),
    }
}

fn with_modifiers(base: Type, modifiers: Vec<Name>) -> Type {
    let mut numbers = modifiers.iter().map(|modifier| modifier.parse::<i32>().ok());
    let Some(first) = numbers.next() else { return base };
    let size = first.and_then(|size| u32::try_from(size).ok());
    let fraction = size.map(|size| size.min(6) as u8);
    match base {
        Type::Numeric(_) => Type::Numeric(first.map(|precision| (precision, numbers.next().flatten().unwrap_or(0)))),
        Type::Varchar(_) => Type::Varchar(size),
        Type::Char(_) => Type::Char(size),
        Type::Bit(_) => Type::Bit(size),
        Type::VarBit(_) => Type::VarBit(size),
        Type::Time { zone, .. } => Type::Time { zone, precision: fraction },
        Type::Timestamp { zone, .. } => Type::Timestamp { zone, precision: fraction },
        Type::Interval { fields, .. } => Type::Interval { fields, precision: fraction },
        Type::Named(named) => Type::Named(Box::new(NamedType { name: named.name, modifiers })),
        other => other,
    }
}

/// The type of the column that `table.column%TYPE` names, as the schema has it.
fn column_type(cx: Context<'_>, column: &ast::PathRef) -> Type {
    let mut words = words(column);
    let name = words.pop().unwrap_or_default();
    let table = words.pop().unwrap_or_default();
    let table = cx.relation_name(words.pop(), table);
    match cx.schema().column(&table, &name) {
        Some(column) => column.ty.clone(),
        None => Type::Named(Box::new(NamedType {
            name: QName::new("", format!("{}.{name}%TYPE", table.name)),
            modifiers: Vec::new(),
        })),
    }
}

/// All dimensions of an array are one type.
fn array_of(element: Type, brackets: usize) -> Type {
    match element {
        element if brackets == 0 => element,
        Type::Array(inner) => Type::Array(inner),
        element => element.array(),
    }
}

fn zone(zone: Option<ast::Timezone>) -> bool {
    matches!(zone, Some(ast::Timezone::WithTimezone(_)))
}

/// Six digits are all that is kept of a second; PostgreSQL cuts a larger number down to it.
fn precision(literal: Option<ast::Literal>) -> Option<u8> {
    literal?.syntax().text().to_string().parse::<u32>().ok().map(|digits| digits.min(6) as u8)
}

/// `DAY TO SECOND(3)` as `day to second` and 3.
pub(super) fn interval_fields(fields: &ast::IntervalQualifier) -> (Option<Name>, Option<u8>) {
    let digits = match fields {
        ast::IntervalQualifier::IntervalSecond(second) => precision(second.literal()),
        _ => None,
    };
    let words = fields.syntax().children_with_tokens().filter_map(|element| element.into_token());
    let words = words.filter(|token| !token.kind().is_trivia() && token.text().starts_with(char::is_alphabetic));
    let words: Vec<String> = words.map(|token| token.text().to_ascii_lowercase()).collect();
    (Some(words.join(" ").into()), digits)
}

fn number(args: Option<&ast::ArgList>) -> Option<u32> {
    modifiers(args).first()?.parse().ok()
}

/// The modifiers of a type as text: `Point`, `4326`.
fn modifiers(args: Option<&ast::ArgList>) -> Vec<Name> {
    let args = args.into_iter().flat_map(|args| args.args());
    args.map(|arg| without_trivia(arg.syntax())).collect()
}

fn without_trivia(node: &SyntaxNode) -> Name {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let tokens = tokens.filter(|token| !token.kind().is_trivia());
    tokens.map(|token| token.text().to_string()).collect::<String>().into()
}

/// What stands where the parser found no type; it has reported that already.
fn unknown() -> Type {
    Type::builtin("unknown")
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::super::testing::{search_path, tables, with_enum};
    use super::*;

    /// The type of an argument, with its schema when it is the user's; `setof` of a result.
    fn read(text: &str) -> String {
        let schema = with_enum(with_enum(tables("users(id)"), "app.mood"), "public.citizen");
        let search_path = search_path(&["public", "app"]);
        let cx = Context::new(&schema, &search_path, 0);
        let parsed = parse(&format!("CREATE FUNCTION f() RETURNS {text} LANGUAGE sql AS ''"));
        assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
        let stmt = parsed.stmt.expect("a statement");
        let written = stmt.syntax().descendants().find_map(ast::FuncType::cast).expect("a type");
        let ty = func_type(cx, &written);
        format!("{}{ty}", if is_setof(&written) { "setof " } else { "" })
    }

    fn check(table: &str) {
        for line in table.trim().lines() {
            let (text, expected) = line.split_once(" ⇒ ").expect("an arrow");
            assert_eq!(read(text.trim()), expected.trim(), "{text}");
        }
    }

    #[test]
    fn built_in_types_have_one_name() {
        check(
            r#"
            int                             ⇒ integer
            INT8                            ⇒ bigint
            pg_catalog.int4                 ⇒ integer
            float(24)                       ⇒ real
            float(25)                       ⇒ double precision
            dec(10)                         ⇒ numeric(10,0)
            numeric(10, 2)                  ⇒ numeric(10,2)
            bool                            ⇒ boolean
            national character varying(5)   ⇒ varchar(5)
            nchar varying                   ⇒ varchar
            varchar                         ⇒ varchar
            "varchar"(3)                    ⇒ varchar(3)
            char                            ⇒ char(1)
            character(3)                    ⇒ char(3)
            bpchar                          ⇒ bpchar
            "char"                          ⇒ "char"
            bit                             ⇒ bit(1)
            "bit"                           ⇒ "bit"
            bit varying(3)                  ⇒ varbit(3)
            timestamp                       ⇒ timestamp
            timestamp(9) with time zone     ⇒ timestamptz(6)
            timestamptz(3)                  ⇒ timestamptz(3)
            time without time zone          ⇒ time
            timetz                          ⇒ timetz
            interval(3)                     ⇒ interval(3)
            interval day to second(2)       ⇒ interval day to second(2)
            oid                             ⇒ oid
            "#,
        );
    }

    #[test]
    fn arrays_and_sets() {
        check(
            r#"
            int[]                           ⇒ integer[]
            int[3][]                        ⇒ integer[]
            int ARRAY[3]                    ⇒ integer[]
            int ARRAY                       ⇒ integer[]
            _int4                           ⇒ integer[]
            pg_catalog._text                ⇒ text[]
            _mood                           ⇒ app.mood[]
            SETOF text                      ⇒ setof text
            SETOF users                     ⇒ setof users
            "#,
        );
    }

    #[test]
    fn types_of_users_and_extensions() {
        check(
            r#"
            mood                            ⇒ app.mood
            app.mood[]                      ⇒ app.mood[]
            citizen                         ⇒ citizen
            citext                          ⇒ citext
            ext.citext                      ⇒ ext.citext
            vector(1536)                    ⇒ vector(1536)
            geometry(Point, 4326)           ⇒ geometry(Point,4326)
            users.id%TYPE                   ⇒ integer
            public.users.id%TYPE            ⇒ integer
            "#,
        );
    }

    #[test]
    fn serial_is_an_integer_with_a_sequence() {
        for (text, expected) in [("serial", Some(Type::Integer)), ("bigserial", Some(Type::BigInt)), ("int", None)] {
            let stmt = parse(&format!("CREATE TABLE t (a {text})")).stmt.expect("a statement");
            let written = stmt.syntax().descendants().find_map(ast::Type::cast).expect("a type");
            assert_eq!(serial(&written), expected);
        }
    }
}
