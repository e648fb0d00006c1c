//! SQL as text: one spelling for everything, and a reference wherever a name can be resolved.
//!
//! Comments go, words are in capitals, one space stands where one is needed, types and literals read as everywhere
//! else in the model. Names of tables, columns, functions, types and sequences that the schema knows are kept as
//! references, so that a rename reaches them.

use model::expr::Piece;
use model::name::quoted;
use model::object::Object;
use model::{Kind, Name, Path, QName, Sql, Type};
use squawk_syntax::ast::{self, AstNode, CastKind, LitKind};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

use super::context::ScopeTable;
use super::expr::{constant, dotted, expr, symbols};
use super::name::{is_quoted, name_of, path};
use super::output::star;
use super::scope::{Level, cte_scope, level};
use super::ty::{func_type, is_setof, ty, type_of_constant};
use super::{Context, Scope};

mod kinds;

/// The node as text.
pub(crate) fn sql(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Sql {
    write(cx, scope, node, Stars::Kept)
}

/// The node as text in which `*` became the columns that it stands for today, as a view keeps them.
pub(super) fn frozen(cx: Context<'_>, scope: &Scope, node: &SyntaxNode) -> Sql {
    write(cx, scope, node, Stars::Expanded)
}

fn write(cx: Context<'_>, scope: &Scope, node: &SyntaxNode, stars: Stars) -> Sql {
    let mut out = Writer { cx, stars, pieces: Vec::new(), text: String::new(), glue: true };
    out.node(&Level::of(scope), node);
    out.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stars {
    Kept,
    Expanded,
}

struct Writer<'a> {
    cx: Context<'a>,
    stars: Stars,
    pieces: Vec<Piece>,
    /// What was written since the last reference.
    text: String,
    /// No space goes before the next word.
    glue: bool,
}

impl Writer<'_> {
    fn finish(mut self) -> Sql {
        self.flush();
        Sql { pieces: self.pieces }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text).into()));
        }
    }

    /// A word or sign, with a space before it unless one of its neighbours holds it close.
    fn put(&mut self, word: &str) {
        if !std::mem::take(&mut self.glue) && !matches!(word, "," | ")" | "]" | "." | "::") {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.glue = matches!(word, "(" | "[" | "." | "::");
    }

    fn put_tight(&mut self, word: &str) {
        self.glue = true;
        self.put(word);
    }

    fn reference(&mut self, path: Path) {
        if !std::mem::take(&mut self.glue) {
            self.text.push(' ');
        }
        self.flush();
        self.pieces.push(Piece::Ref(path));
    }

    fn children(&mut self, level: &Level, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            self.element(level, node, child);
        }
    }

    fn element(&mut self, level: &Level, parent: &SyntaxNode, element: SyntaxElement) {
        match element {
            SyntaxElement::Node(node) => self.node(level, &node),
            SyntaxElement::Token(token) => self.token(parent, &token),
        }
    }

    fn node(&mut self, level: &Level, node: &SyntaxNode) {
        let kind = node.kind();
        match kind {
            SyntaxKind::SELECT
            | SyntaxKind::SELECT_INTO
            | SyntaxKind::COMPOUND_SELECT
            | SyntaxKind::PAREN_SELECT
            | SyntaxKind::VALUES
            | SyntaxKind::TABLE
            | SyntaxKind::INSERT
            | SyntaxKind::UPDATE
            | SyntaxKind::DELETE
            | SyntaxKind::MERGE => self.query(level, node),
            SyntaxKind::PAREN_FROM_ITEM => self.paren_from_item(level, node),
            SyntaxKind::NAME_REF => self.name_ref(level, node),
            SyntaxKind::FIELD_EXPR => self.field(level, node),
            kind if kinds::leans(kind) => self.chain(level, node),
            SyntaxKind::PREFIX_EXPR => self.prefix(level, node),
            SyntaxKind::CALL_EXPR => self.call(level, node),
            SyntaxKind::CAST_EXPR => self.cast(level, node),
            SyntaxKind::LITERAL => self.literal(level, node),
            SyntaxKind::TARGET => self.target(level, node),
            SyntaxKind::SORT_BY if self.is_output_name(node) => self.sort_by_output(level, node),
            SyntaxKind::COLUMN_TARGET => self.column_target(level, node),
            SyntaxKind::FROM_ALIAS
            | SyntaxKind::OPTIONAL_AS_ALIAS
            | SyntaxKind::REQUIRED_AS_ALIAS
            | SyntaxKind::AS_NAME => self.alias(level, node),
            SyntaxKind::CUSTOM_OP => self.put(&symbols(node)),
            SyntaxKind::OP if node.children().any(|child| child.kind() == SyntaxKind::PATH_REF) => {
                self.put(&qualified_operator(node));
            }
            SyntaxKind::OPERATOR_CALL => self.put(&operator_call(node)),
            SyntaxKind::COLON_COLON => self.put("::"),
            SyntaxKind::WITH_TABLE => {
                let inside = cte_scope(&level.frame, node);
                self.children(&Level { frame: inside.clone(), full: inside }, node);
            }
            SyntaxKind::COLLATION_REF => {
                if let Some(collation) = ast::CollationRef::cast(node.clone()) {
                    self.put(&self.cx.collation(&collation).to_string());
                }
            }
            SyntaxKind::PERCENT_TYPE => {
                if let Some(written) = ast::FuncType::cast(node.clone()) {
                    self.ty(is_setof(&written), &func_type(self.cx, &written));
                }
            }
            _ if kinds::is_relation(kind) => self.relation(level, node),
            _ if kinds::is_name(kind) => self.put(&quoted(&name_of(node))),
            _ => match ast::FuncType::cast(node.clone()) {
                Some(written) => {
                    let ast::FuncType::Type(inner) = &written else { return };
                    self.ty(is_setof(&written), &ty(self.cx, inner));
                }
                None => self.children(level, node),
            },
        }
    }

    fn token(&mut self, parent: &SyntaxNode, token: &SyntaxToken) {
        let kind = token.kind();
        if kind.is_trivia() || kind == SyntaxKind::SEMICOLON {
            return;
        }
        match token.text() {
            "(" if kinds::is_tight(parent.kind()) => self.put_tight("("),
            // Of a nested array only the first bracket stands behind a comma.
            "[" if !self.text.ends_with(',') => self.put_tight("["),
            ":" if matches!(parent.kind(), SyntaxKind::SLICE_EXPR | SyntaxKind::SLICE_ACCESSOR) => {
                self.put_tight(":");
                self.glue = true;
            }
            "!=" => self.put("<>"),
            // PL/pgSQL's word for a SELECT whose result nobody takes.
            _ if kind == SyntaxKind::PERFORM_KW => self.put("SELECT"),
            _ if matches!(kind, SyntaxKind::INNER_KW | SyntaxKind::OUTER_KW) && kinds::is_join(parent.kind()) => {}
            text if text.starts_with(|first: char| first.is_ascii_alphabetic()) && kind != SyntaxKind::IDENT => {
                self.put(&text.to_ascii_uppercase());
            }
            text => self.put(text),
        }
    }

    /// A query, whose names mean what its own FROM list and WITH clause say.
    fn query(&mut self, outer: &Level, node: &SyntaxNode) {
        let own = level(self.cx, &outer.full, node);
        let inside = Level { frame: own.frame.clone(), full: own.frame.clone() };
        for child in node.children_with_tokens() {
            // What an INSERT reads does not see what it writes.
            let framed = child.as_node().is_some_and(|child| {
                child.kind() == SyntaxKind::WITH_CLAUSE
                    || node.kind() == SyntaxKind::INSERT && ast::SelectVariant::can_cast(child.kind())
            });
            let level = if framed { &inside } else { &own };
            match child.as_node() {
                // The left side of a UNION, when it is one itself, has the same scope.
                Some(left) if left.kind() == SyntaxKind::COMPOUND_SELECT && left.kind() == node.kind() => {
                    self.union(level, left);
                }
                _ => self.element(level, node, child),
            }
        }
    }

    fn union(&mut self, level: &Level, node: &SyntaxNode) {
        let mut waiting = vec![(node.clone(), SyntaxElement::from(node.clone()))];
        while let Some((parent, element)) = waiting.pop() {
            match element {
                SyntaxElement::Node(node) if node.kind() == SyntaxKind::COMPOUND_SELECT => {
                    let first = waiting.len();
                    waiting.extend(node.children_with_tokens().map(|child| (node.clone(), child)));
                    waiting[first..].reverse();
                }
                element => self.element(level, &parent, element),
            }
        }
    }

    /// A subquery in FROM sees its neighbours only when it is LATERAL.
    fn paren_from_item(&mut self, level: &Level, node: &SyntaxNode) {
        let lateral = ast::ParenFromItem::cast(node.clone()).is_some_and(|item| item.lateral_token().is_some());
        let is_select = super::expr::select_in(node).is_some();
        let inside = Level { frame: level.frame.clone(), full: level.frame.clone() };
        self.children(if lateral || !is_select { level } else { &inside }, node);
    }

    fn name_ref(&mut self, level: &Level, node: &SyntaxNode) {
        let word = ast::NameRef::cast(node.clone()).and_then(|word| super::expr::keyword(&word));
        match word {
            Some(word) => self.put(&word),
            None => self.column(level, None, &name_of(node)),
        }
    }

    /// A column, as a reference when it is one of a table that the schema knows.
    fn column(&mut self, level: &Level, qualifier: Option<&str>, name: &Name) {
        match level.full.column(qualifier, name).and_then(|holder| holder.table.clone()) {
            Some(table) => self.reference(Path::column(&table, name.clone())),
            None => self.put(&quoted(name)),
        }
    }

    /// `t.c`, `schema.t.c`, `(composite).field`, `t.*`
    fn field(&mut self, level: &Level, node: &SyntaxNode) {
        let Some(field) = ast::FieldExpr::cast(node.clone()) else { return };
        let words = field.base().and_then(|base| dotted(&base));
        let Some(words) = words else {
            self.children(level, node);
            return;
        };
        let Some(qualifier) = words.last() else { return };
        self.qualifier(level, qualifier);
        self.put(".");
        match field.field() {
            Some(last) if field.star_token().is_none() => {
                self.column(level, Some(qualifier), &name_of(last.syntax()));
            }
            _ => self.put("*"),
        }
    }

    /// A table's own name is renamed with it; an alias is not.
    fn qualifier(&mut self, level: &Level, qualifier: &Name) {
        let table = level.full.table(qualifier).and_then(own_name);
        match table.and_then(|table| self.cx.schema().relation(table).cloned()) {
            Some(path) => self.reference(path),
            None => self.put(&quoted(qualifier)),
        }
    }

    /// Operators, joins and the like: a chain of them is walked without recursion, whichever way it leans.
    fn chain(&mut self, level: &Level, node: &SyntaxNode) {
        let mut waiting = vec![(node.clone(), SyntaxElement::from(node.clone()))];
        while let Some((parent, element)) = waiting.pop() {
            match element {
                SyntaxElement::Node(node) if kinds::leans(node.kind()) => {
                    let first = waiting.len();
                    waiting.extend(node.children_with_tokens().map(|child| (node.clone(), child)));
                    waiting[first..].reverse();
                }
                element => self.element(level, &parent, element),
            }
        }
    }

    /// A sign is glued to a number only, so that two of them never become a comment.
    fn prefix(&mut self, level: &Level, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            if child.as_node().is_some_and(|child| child.kind() == SyntaxKind::LITERAL) && self.text.ends_with('-') {
                self.glue = true;
            }
            self.element(level, node, child);
        }
    }

    fn call(&mut self, level: &Level, node: &SyntaxNode) {
        let Some(call) = ast::CallExpr::cast(node.clone()) else { return };
        let words = call.expr().and_then(|function| dotted(&function));
        let Some(mut words) = words else {
            self.children(level, node);
            return;
        };
        let is_plain = call.within_clause().is_none() && call.null_treatment().is_none();
        let is_sequence = is_plain && words.len() == 1 && super::expr::takes_sequence(&words[0]);
        if is_sequence && let Some(list) = call.arg_list() {
            let all = ast::Expr::CallExpr(call.clone());
            let literal = list.args().next().and_then(|arg| arg.expr());
            if literal.is_some_and(|literal| matches!(literal, ast::Expr::Literal(_) | ast::Expr::CastExpr(_))) {
                self.put(&expr(self.cx, &level.full, &all).to_string());
                return;
            }
        }
        let last = words.pop().unwrap_or_default();
        let arguments = call.arg_list().map_or(0, |list| list.args().count());
        let function = self.cx.function_name(words.pop(), last);
        let bare =
            call.expr().is_some_and(|word| matches!(&word, ast::Expr::NameRef(word) if !is_quoted(word.syntax())));
        match routine(self.cx, &function, arguments) {
            Some(path) => self.reference(path),
            // Functions with a grammar of their own (`coalesce`) are called by their bare word.
            None if bare => self.put(&function.name),
            None => self.put(&function.to_string()),
        }
        for child in node.children_with_tokens().skip_while(|child| child.kind() != SyntaxKind::ARG_LIST) {
            self.element(level, node, child);
        }
    }

    fn cast(&mut self, level: &Level, node: &SyntaxNode) {
        let Some(cast) = ast::CastExpr::cast(node.clone()) else { return };
        let (Some(kind), Some(written)) = (cast.kind(), cast.ty()) else {
            self.children(level, node);
            return;
        };
        match (kind, cast.literal()) {
            (CastKind::TypeLiteral, Some(_)) if cast.interval_qualifier().is_some() => {
                let cast = ast::Expr::CastExpr(cast);
                self.put(&expr(self.cx, &level.full, &cast).to_string());
            }
            (CastKind::TypeLiteral, Some(literal)) => {
                self.put(&constant(self.cx, &level.full, &literal).to_string());
                self.put("::");
                self.ty(false, &type_of_constant(self.cx, &written));
            }
            (CastKind::DoubleColon, _) => {
                let operand = cast.expr();
                if let Some(ast::Expr::Literal(_)) = &operand
                    && super::expr::is_regclass(&ty(self.cx, &written))
                {
                    let cast = ast::Expr::CastExpr(cast);
                    self.put(&expr(self.cx, &level.full, &cast).to_string());
                    return;
                }
                self.children(level, node);
            }
            _ => self.children(level, node),
        }
    }

    fn literal(&mut self, level: &Level, node: &SyntaxNode) {
        let Some(literal) = ast::Literal::cast(node.clone()) else { return };
        match literal.kind() {
            Some(LitKind::BitString(_) | LitKind::ByteString(_)) | None => {
                let tokens = node.children_with_tokens().filter_map(|element| element.into_token());
                for token in tokens.filter(|token| !token.kind().is_trivia()) {
                    self.put(&token.text().to_ascii_uppercase());
                }
            }
            Some(_) => self.put(&constant(self.cx, &level.full, &literal).to_string()),
        }
    }

    fn target(&mut self, level: &Level, node: &SyntaxNode) {
        let expanded = ast::Target::cast(node.clone())
            .filter(|_| self.stars == Stars::Expanded)
            .and_then(|target| star(&level.full, &enclosing_query(node)?, &target)?);
        let Some(columns) = expanded else {
            self.children(level, node);
            return;
        };
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.put(",");
            }
            if let Some(qualifier) = &column.qualifier {
                self.qualifier(level, qualifier);
                self.put(".");
            }
            self.column(level, column.qualifier.as_deref(), &column.name);
        }
    }

    /// `ORDER BY total`, where `total` is a name of the SELECT list, or the query is a UNION, which has no other.
    fn is_output_name(&self, node: &SyntaxNode) -> bool {
        let Some(ast::Expr::NameRef(word)) = ast::SortBy::cast(node.clone()).and_then(|sort| sort.expr()) else {
            return false;
        };
        let clause = node.ancestors().find(|node| node.kind() == SyntaxKind::ORDER_BY_CLAUSE);
        let Some(query) = clause.and_then(|clause| clause.parent()) else { return false };
        match query.kind() {
            SyntaxKind::COMPOUND_SELECT | SyntaxKind::PAREN_SELECT => true,
            SyntaxKind::SELECT => {
                let name = name_of(word.syntax());
                let targets = super::output::target_list(&query).into_iter().flat_map(|list| list.targets());
                let mut aliases = targets.filter_map(|target| target.as_name()?.name());
                aliases.any(|alias| name_of(alias.syntax()) == name)
            }
            _ => false,
        }
    }

    fn sort_by_output(&mut self, level: &Level, node: &SyntaxNode) {
        for child in node.children_with_tokens() {
            match child.as_node() {
                Some(word) if word.kind() == SyntaxKind::NAME_REF => self.put(&quoted(&name_of(word))),
                _ => self.element(level, node, child),
            }
        }
    }

    /// The column that an INSERT or UPDATE sets: always one of the table that it writes to.
    fn column_target(&mut self, level: &Level, node: &SyntaxNode) {
        let written = level.full.tables.first().and_then(|table| {
            let holds = |name: &Name| table.columns.contains(name);
            Some((table.table.clone()?, holds))
        });
        for child in node.children_with_tokens() {
            match (child.as_node(), &written) {
                (Some(column), Some((table, holds)))
                    if column.kind() == SyntaxKind::COLUMN_NAME_REF && holds(&name_of(column)) =>
                {
                    self.reference(Path::column(table, name_of(column)));
                }
                _ => self.element(level, node, child),
            }
        }
    }

    /// An alias always with its AS, and none that only repeats the table's name.
    fn alias(&mut self, level: &Level, node: &SyntaxNode) {
        let repeated = || {
            let names = node.children().filter(|child| child.kind() == SyntaxKind::TABLE_ALIAS);
            let only_name = node.children().count() == 1;
            let item = node.parent().filter(|_| only_name)?;
            let table = item.children().find(|child| kinds::is_relation(child.kind()))?;
            let table = table.descendants().find_map(ast::PathRef::cast)?;
            Some(names.map(|alias| name_of(&alias)).next()? == path(&table).1)
        };
        if repeated() == Some(true) {
            return;
        }
        self.put("AS");
        for child in node.children_with_tokens().filter(|child| child.kind() != SyntaxKind::AS_KW) {
            self.element(level, node, child);
        }
    }

    fn relation(&mut self, level: &Level, node: &SyntaxNode) {
        let Some(path_ref) = node.children().find_map(ast::PathRef::cast) else {
            self.children(level, node);
            return;
        };
        let kind = node.kind();
        let (schema, word) = path(&path_ref);
        if schema.is_none() && level.frame.cte(&word).is_some() {
            self.put(&quoted(&word));
            return;
        }
        let (known, name) = if kind == SyntaxKind::TYPE_NAME_REF {
            let name = self.cx.user_type(schema, word);
            (self.cx.type_path(&name), name)
        } else if kinds::is_routine(kind) {
            let name = self.cx.function_name(schema, word);
            let overloads: Vec<&Path> = self.cx.schema().overloads(&name).take(2).collect();
            let only = if let [only] = overloads[..] { Some(only.clone()) } else { None };
            (only, name)
        } else {
            let name = self.cx.relation_name(schema, word);
            // The path of an index, or of what stands for a constraint, is one of its table.
            (self.cx.schema().relation(&name).filter(|path| path.part.is_empty()).cloned(), name)
        };
        match known {
            Some(path) => self.reference(path),
            None => self.put(&name.to_string()),
        }
    }

    fn ty(&mut self, setof: bool, ty: &Type) {
        if setof {
            self.put("SETOF");
        }
        let known = ty.user_defined().and_then(|name| self.cx.type_path(name));
        match (known, ty.element()) {
            (Some(path), Type::Named(named)) => {
                self.reference(path);
                let text = ty.to_string();
                let prefix = named.name.to_string();
                self.text.push_str(text.strip_prefix(prefix.as_str()).unwrap_or(""));
            }
            _ => self.put(&ty.to_string()),
        }
    }
}

/// `app.===`, as CREATE OPERATOR names it. Where the symbol would stand in the name, the grammar leaves an empty word.
fn qualified_operator(node: &SyntaxNode) -> String {
    let words = node.descendants().filter(|child| child.kind() == SyntaxKind::PATH_SEGMENT_REF);
    let words = words.map(|word| name_of(&word)).filter(|word| !word.is_empty());
    let schema: String = words.map(|word| format!("{}.", quoted(&word))).collect();
    let custom = node.children().find(|child| child.kind() == SyntaxKind::CUSTOM_OP);
    format!("{schema}{}", symbols(custom.as_ref().unwrap_or(node)))
}

/// `OPERATOR(pg_catalog.+)`, whose schema says also that it binds like any other operator.
fn operator_call(node: &SyntaxNode) -> String {
    let words = node.descendants().filter(|child| child.kind() == SyntaxKind::PATH_SEGMENT_REF);
    let words = words.map(|word| name_of(&word)).filter(|word| !word.is_empty());
    let schema: String = words.map(|word| format!("{}.", quoted(&word))).collect();
    let symbols = node.children().find(|child| child.kind() == SyntaxKind::OP).map(|op| symbols(&op));
    format!("OPERATOR({schema}{})", symbols.unwrap_or_default())
}

/// The query that a target belongs to.
fn enclosing_query(target: &SyntaxNode) -> Option<SyntaxNode> {
    target.parent()?.parent()?.parent()
}

/// The table in scope under its own name.
fn own_name(table: &ScopeTable) -> Option<&QName> {
    table.table.as_ref().filter(|name| name.name == table.alias)
}

/// The routine or aggregate that is called with that many arguments.
fn routine(cx: Context<'_>, function: &QName, arguments: usize) -> Option<Path> {
    let mut overloads = cx.schema().overloads(function);
    let first = overloads.next()?;
    if overloads.next().is_none() {
        return Some(first.clone());
    }
    let takes = |path: &&Path| match cx.schema().object(path) {
        Some(Object::Routine(routine)) => {
            let inputs = routine.arguments.iter().filter(|arg| arg.mode != model::object::ArgumentMode::Out);
            let needed = inputs.clone().filter(|arg| arg.default.is_none()).count();
            (needed..=inputs.count()).contains(&arguments)
        }
        _ => path.kind == Kind::Aggregate,
    };
    cx.schema().overloads(function).find(takes).cloned()
}

#[cfg(test)]
mod tests;
