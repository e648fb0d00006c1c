//! The statements inside function bodies and DO blocks, as far as they can be seen.

use std::rc::Rc;

use model::Query;
use squawk_lexer::{TokenKind, tokens};
use squawk_syntax::SyntaxKind;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::condition::Condition;
use super::expr::string;
use super::name::name;
use super::parse::{Tree, grow_plpgsql, parse, plpgsql_root};
use super::prepare::prepare;
use super::query::query;
use super::split::{PieceKind, split};
use super::{Context, Scope};

/// What a body holds.
#[derive(Debug, Default)]
pub(crate) struct Embedded {
    /// SELECT, INSERT, UPDATE, DELETE and MERGE, in order.
    pub(crate) queries: Vec<Query>,
    /// Every other statement of SQL, in order.
    pub(crate) statements: Vec<EmbeddedStatement>,
    /// There is more in it that cannot be seen: SQL that is put together when it runs, or another language.
    pub(crate) opaque: bool,
}

/// A statement in a body.
#[derive(Debug)]
pub(crate) struct EmbeddedStatement {
    pub(crate) stmt: ast::Stmt,
    /// Where the text that it was parsed from starts in the file: to be used as [`Context::offset`].
    pub(crate) offset: u32,
    /// It stands behind a condition, in a loop or in an exception handler: it may not run.
    pub(crate) conditional: bool,
    /// The conditions of IF around it, and what each must be.
    pub(super) conditions: Vec<(Rc<Condition>, bool)>,
}

/// The statements of a body in `language`, whose text starts at `offset` in the file.
pub(crate) fn body(cx: Context<'_>, language: &str, source: &str, offset: u32) -> Embedded {
    let mut found = Embedded::default();
    match language.to_ascii_lowercase().as_str() {
        "sql" => sql_statements(cx, source, offset, false, &mut found),
        "plpgsql" => {
            let parsed = cx.body.filter(|body| body.offset == offset).map(|body| body.tree.clone());
            match parsed.or_else(|| plpgsql(source)).and_then(plpgsql_root) {
                Some(root) => Walk { cx: cx.at(offset), found: &mut found }.children(root.syntax(), false),
                None => found.opaque = true,
            }
        }
        _ => found.opaque = true,
    }
    found
}

/// The body of a routine or block, parsed before its turn.
#[derive(Clone, Debug)]
pub(crate) struct ParsedBody {
    /// Where its text starts in the file.
    offset: u32,
    tree: Tree,
}

/// Parses the body that a statement holds, if it is one in PL/pgSQL; `start` is where the statement starts.
pub(super) fn parse_body(start: u32, stmt: &ast::Stmt) -> Option<ParsedBody> {
    let literal = match stmt {
        ast::Stmt::CreateFunction(function) => definition(function.option_list())?,
        ast::Stmt::CreateProcedure(procedure) => definition(procedure.option_list())?,
        ast::Stmt::Do(block) => block.body()?,
        _ => return None,
    };
    let (text, offset) = source(&literal);
    // No other language has blocks that begin like this.
    let has_block = text.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("begin"));
    let tree = Some(text).filter(|_| has_block).and_then(|text| plpgsql(&text))?;
    Some(ParsedBody { offset: start + offset, tree })
}

/// The literal that the options of a routine give as its body.
pub(super) fn definition(options: Option<ast::FuncOptionList>) -> Option<ast::Literal> {
    let options = options.into_iter().flat_map(|list| list.options().collect::<Vec<_>>());
    let written = options.filter_map(|option| match option {
        ast::FuncOption::AsFuncOption(it) => match it.as_func_target()? {
            ast::AsFuncTarget::AsDefinition(it) => it.literal(),
            ast::AsFuncTarget::AsObjFile(_) => None,
        },
        _ => None,
    });
    written.last()
}

/// The tree of a body in PL/pgSQL, unless it is nested too deeply to be read.
fn plpgsql(source: &str) -> Option<Tree> {
    is_shallow(source).then(|| grow_plpgsql(source))
}

/// The body that a string literal holds, and where its first character stands in the parsed text.
pub(crate) fn source(literal: &ast::Literal) -> (String, u32) {
    let start = u32::from(literal.syntax().text_range().start());
    let quote = literal.syntax().first_token().map_or(0, |token| opening(token.text()));
    (string(literal).to_string(), start + quote)
}

/// The length of the quote that opens a literal: `'`, `E'`, `$$`, `$body$`.
fn opening(token: &str) -> u32 {
    let length = match token.find(['\'', '$']) {
        Some(0) if token.starts_with('$') => token[1..].find('$').map_or(1, |tag| tag + 2),
        Some(quote) => quote + 1,
        None => 0,
    };
    u32::try_from(length).unwrap_or(0)
}

fn sql_statements(cx: Context<'_>, text: &str, offset: u32, conditional: bool, found: &mut Embedded) {
    for piece in split(text) {
        let start = offset.saturating_add(u32::try_from(piece.start).unwrap_or(u32::MAX));
        let stmt = match piece.kind {
            PieceKind::Statement => parse(&text[piece.start..piece.end]).stmt,
            PieceKind::TooDeep { .. } | PieceKind::TooLong { .. } | PieceKind::Unterminated { .. } => None,
        };
        match stmt {
            Some(stmt) => add(cx.at(start), stmt, conditional, found),
            None => found.opaque = true,
        }
    }
}

fn add(cx: Context<'_>, stmt: ast::Stmt, conditional: bool, found: &mut Embedded) {
    match stmt {
        ast::Stmt::Select(_)
        | ast::Stmt::SelectInto(_)
        | ast::Stmt::CompoundSelect(_)
        | ast::Stmt::ParenSelect(_)
        | ast::Stmt::Values(_)
        | ast::Stmt::Table(_)
        | ast::Stmt::Insert(_)
        | ast::Stmt::Update(_)
        | ast::Stmt::Delete(_)
        | ast::Stmt::Merge(_) => found.queries.push(query(cx, &Scope::default(), stmt.syntax())),
        ast::Stmt::EmptyStmt(_) => {}
        stmt => {
            let conditions = Vec::new();
            found.statements.push(EmbeddedStatement { stmt, offset: cx.offset, conditional, conditions });
        }
    }
}

/// The walk over a PL/pgSQL block.
struct Walk<'a, 'f> {
    cx: Context<'a>,
    found: &'f mut Embedded,
}

impl Walk<'_, '_> {
    fn children(&mut self, node: &SyntaxNode, conditional: bool) {
        for child in node.children() {
            self.node(&child, conditional);
        }
    }

    fn node(&mut self, node: &SyntaxNode, conditional: bool) {
        if let Some(stmt) = ast::Stmt::cast(node.clone()) {
            add(self.cx, stmt, conditional, self.found);
            return;
        }
        match node.kind() {
            SyntaxKind::PLPGSQL_IF_STMT => self.branches(node),
            SyntaxKind::PLPGSQL_CASE_STMT
            | SyntaxKind::PLPGSQL_LOOP_STMT
            | SyntaxKind::PLPGSQL_WHILE_STMT
            | SyntaxKind::PLPGSQL_FOR_CURSOR_STMT
            | SyntaxKind::PLPGSQL_FOR_EACH_STMT
            | SyntaxKind::PLPGSQL_FOR_I_STMT
            | SyntaxKind::PLPGSQL_FOR_QUERY_STMT
            | SyntaxKind::PLPGSQL_EXCEPTION_SECTION => self.children(node, true),
            // What fails in a block that catches errors is as if it had not run.
            SyntaxKind::PLPGSQL_BLOCK => {
                let catches = node.children().any(|child| child.kind() == SyntaxKind::PLPGSQL_EXCEPTION_SECTION);
                self.children(node, conditional || catches);
            }
            SyntaxKind::PLPGSQL_FOR_DYN_STMT => {
                self.dynamic(node, conditional);
                let bodies = node.children().filter(|child| child.kind() == SyntaxKind::PLPGSQL_BODY);
                for body in bodies {
                    self.children(&body, true);
                }
            }
            SyntaxKind::PLPGSQL_DYN_EXECUTE_STMT
            | SyntaxKind::PLPGSQL_RETURN_QUERY_EXECUTE_STMT
            | SyntaxKind::PLPGSQL_OPEN_EXECUTE => self.dynamic(node, conditional),
            SyntaxKind::PLPGSQL_EXPR => self.expression(node),
            SyntaxKind::ERROR => self.unparsed(node, conditional),
            _ => self.children(node, conditional),
        }
    }

    /// Each branch of an IF runs when its own condition holds and none before it does.
    fn branches(&mut self, node: &SyntaxNode) {
        let mut failed: Vec<(Rc<Condition>, bool)> = Vec::new();
        let mut condition = ast::PlpgsqlIfStmt::cast(node.clone()).map(|it| Condition::new(it.cond()));
        for child in node.children() {
            let first = self.found.statements.len();
            if let Some(elsif) = ast::PlpgsqlElsifClause::cast(child.clone()) {
                condition = Some(Condition::new(elsif.cond()));
            }
            match child.kind() {
                SyntaxKind::PLPGSQL_EXPR => self.node(&child, true),
                _ => self.children(&child, true),
            }
            let is_branch = matches!(child.kind(), SyntaxKind::PLPGSQL_BODY | SyntaxKind::PLPGSQL_ELSIF_CLAUSE);
            let own = condition.take_if(|_| is_branch).map(|condition| (condition, true));
            for statement in &mut self.found.statements[first..] {
                statement.conditions.splice(0..0, failed.iter().chain(&own).cloned());
            }
            failed.extend(own.map(|(condition, _)| (condition, false)));
        }
    }

    /// `x := count(*) FROM t` is a query; any other expression may hold some.
    fn expression(&mut self, node: &SyntaxNode) {
        if node.children().any(|child| child.kind() == SyntaxKind::FROM_CLAUSE) {
            self.found.queries.push(query(self.cx, &Scope::default(), node));
            return;
        }
        let mut walk = node.preorder();
        while let Some(event) = walk.next() {
            if let rowan::WalkEvent::Enter(node) = event
                && ast::SelectVariant::can_cast(node.kind())
            {
                self.found.queries.push(query(self.cx, &Scope::default(), &node));
                walk.skip_subtree();
            }
        }
    }

    /// The parser gives up on a statement that puts its result INTO variables; without them it is plain SQL.
    fn unparsed(&mut self, node: &SyntaxNode, conditional: bool) {
        let start = self.cx.offset + u32::from(node.text_range().start());
        let text = without_into(&node.text().to_string());
        let parsed = parse(&text);
        match parsed.stmt {
            Some(stmt) if parsed.errors.is_empty() => add(self.cx.at(start), stmt, conditional, self.found),
            _ => self.found.opaque = true,
        }
    }

    /// EXECUTE: a constant is read like any statement, the rest stays unknown.
    fn dynamic(&mut self, node: &SyntaxNode, conditional: bool) {
        let text = node.children().find_map(ast::PlpgsqlExpr::cast).and_then(|expr| {
            let mut targets = expr.target_list()?.targets();
            let only = targets.next().filter(|_| targets.next().is_none())?.expr()?;
            Some((constant(&only)?, only))
        });
        let Some((text, written)) = text else {
            self.found.opaque = true;
            return;
        };
        let start = u32::from(written.syntax().text_range().start());
        let quote = written.syntax().first_token().map_or(0, |token| opening(token.text()));
        // The templates of the file stand inside the string, where they could not be told from its text.
        let text = prepare(&text).text;
        sql_statements(self.cx, &text, self.cx.offset + start + quote, conditional, self.found);
    }
}

/// The statement with `INTO [STRICT] variable, …` blanked, and of the same length.
fn without_into(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut depth) = (0, 0_usize);
    let mut state = Into::Before { behind_verb: false };
    for token in tokens(text) {
        let word = &text[at..at + token.len as usize];
        at += token.len as usize;
        let is_trivia =
            matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. });
        if !is_trivia {
            let is = |name: &str| token.kind == TokenKind::Ident && word.eq_ignore_ascii_case(name);
            state = match (state, token.kind) {
                (Into::Before { behind_verb: false }, _) if depth == 0 && is("into") => Into::Target,
                (Into::Before { .. }, _) => Into::Before { behind_verb: is("insert") || is("merge") },
                (Into::Target, _) if is("strict") => Into::Target,
                (Into::Target, _) => Into::BehindTarget,
                (Into::BehindTarget, TokenKind::Comma | TokenKind::Dot) => Into::Target,
                (Into::BehindTarget, _) => Into::After,
                (Into::After, _) => Into::After,
            };
            match token.kind {
                TokenKind::OpenParen => depth += 1,
                TokenKind::CloseParen => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        match state {
            Into::Target | Into::BehindTarget if !is_trivia => out.extend(std::iter::repeat_n(' ', word.len())),
            _ => out.push_str(word),
        }
    }
    out
}

/// Where a scan for `INTO` stands. Behind INSERT or MERGE the word names the table.
#[derive(Clone, Copy)]
enum Into {
    Before { behind_verb: bool },
    Target,
    BehindTarget,
    After,
}

/// The text of an expression that is the same at every run: literals, put together or formatted.
fn constant(written: &ast::Expr) -> Option<String> {
    match written {
        ast::Expr::Literal(literal) => literal.string_value(),
        ast::Expr::ParenExpr(paren) => constant(&paren.expr()?),
        ast::Expr::BinExpr(binary) => {
            let ast::BinOp::CustomOp(op) = binary.op()? else { return None };
            let joins = super::expr::symbols(op.syntax()) == "||";
            let (left, right) = (constant(&binary.lhs()?)?, constant(&binary.rhs()?)?);
            joins.then(|| left + &right)
        }
        ast::Expr::CallExpr(call) => {
            let ast::Expr::NameRef(function) = call.expr()? else { return None };
            let arguments: Option<Vec<String>> =
                call.arg_list()?.args().map(|argument| constant(&argument.expr()?)).collect();
            let mut arguments = arguments?.into_iter();
            if name(&function) != "format" {
                return None;
            }
            let pattern = arguments.next()?;
            format(&pattern, arguments)
        }
        _ => None,
    }
}

/// `format` of PostgreSQL with `%s`, `%I`, `%L` and `%%`; positions and widths are not followed.
fn format(pattern: &str, mut arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(next) = chars.next() {
        match next {
            '%' => match chars.next()? {
                '%' => out.push('%'),
                's' => out.push_str(&arguments.next()?),
                'I' => out.push_str(&model::name::quoted(&arguments.next()?)),
                'L' => out.push_str(&model::name::literal(&arguments.next()?)),
                _ => return None,
            },
            other => out.push(other),
        }
    }
    Some(out)
}

/// Whether the parser can read it without going too deep: its statements, and the blocks around them.
fn is_shallow(source: &str) -> bool {
    const DEEPEST: usize = 200;
    if split(source).iter().any(|piece| matches!(piece.kind, PieceKind::TooDeep { .. } | PieceKind::TooLong { .. })) {
        return false;
    }
    let (mut at, mut depth) = (0, 0_usize);
    // A block word opens one only where a statement can start: `DROP TABLE IF EXISTS` does not.
    let mut starts_statement = true;
    for token in tokens(source) {
        let text = &source[at..at + token.len as usize];
        at += token.len as usize;
        if matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. }) {
            continue;
        }
        let is =
            |words: &[&str]| token.kind == TokenKind::Ident && words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(&["begin", "loop"]) || starts_statement && is(&["if", "case"]) {
            depth += 1;
        } else if starts_statement && is(&["end"]) {
            depth = depth.saturating_sub(1);
            // The next word says what ends.
            starts_statement = false;
            continue;
        }
        if depth > DEEPEST {
            return false;
        }
        starts_statement =
            token.kind == TokenKind::Semi || is(&["begin", "loop", "then", "else", "exception", "declare"]);
    }
    true
}

#[cfg(test)]
mod tests {
    use model::Schema;

    use super::*;

    /// The queries, then the statements with `?` before those that may not run, then `…` when there is more.
    fn check(language: &str, text: &str, expected: &[&str]) {
        let schema = Schema::default();
        let search_path = [model::name::PUBLIC];
        let cx = Context::new(&schema, &search_path, 0);
        let found = body(cx, language, text, 100);
        let mut lines: Vec<String> = found.queries.iter().map(|query| query.sql.to_string()).collect();
        for EmbeddedStatement { stmt, offset, conditional, .. } in &found.statements {
            let range = stmt.syntax().text_range();
            let start = (*offset - 100) as usize + usize::from(range.start());
            let end = (*offset - 100) as usize + usize::from(range.end());
            lines.push(format!("{}{}", if *conditional { "? " } else { "" }, &text[start..end]));
        }
        lines.extend(found.opaque.then(|| "…".to_string()));
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn sql_bodies_are_statements() {
        check("sql", " select a from t; create index on t (a);", &["SELECT a FROM t", "create index on t (a)"]);
    }

    #[test]
    fn blocks_are_walked() {
        check(
            "plpgsql",
            "DECLARE n int; BEGIN
                SELECT count(*) INTO n FROM t;
                n := (SELECT max(a) FROM u);
                IF EXISTS (SELECT 1 FROM v) THEN ALTER TABLE t ADD b int; END IF;
                FOR n IN SELECT a FROM w LOOP DELETE FROM t WHERE a = n; END LOOP;
                CREATE TABLE x (a int);
                EXECUTE 'DROP TABLE y';
                PERFORM f(1);
                RETURN QUERY SELECT 1;
            EXCEPTION WHEN others THEN DROP TABLE z;
            END",
            &[
                "SELECT count(*) FROM t",
                "SELECT max(a) FROM u",
                "SELECT 1 FROM v",
                "SELECT a FROM w",
                "DELETE FROM t WHERE a = n",
                "SELECT f(1)",
                "SELECT 1",
                "? ALTER TABLE t ADD b int",
                "? CREATE TABLE x (a int)",
                "? DROP TABLE y",
                "? DROP TABLE z",
            ],
        );
    }

    #[test]
    fn results_go_into_variables() {
        check(
            "plpgsql",
            "BEGIN
                SELECT a, b INTO STRICT x, y.z FROM t WHERE c = 1;
                INSERT INTO t VALUES (1) RETURNING id INTO x;
                SELECT a FROM t INTO x;
            END",
            &["SELECT a, b FROM t WHERE c = 1", "INSERT INTO t VALUES (1) RETURNING id", "SELECT a FROM t"],
        );
    }

    #[test]
    fn what_is_put_together_at_run_time_is_opaque() {
        check("plpgsql", "BEGIN EXECUTE 'DROP TABLE ' || n; END", &["…"]);
        check("plpgsql", "BEGIN EXECUTE format('DROP TABLE %I', n); END", &["…"]);
        check("plpython3u", "return 1", &["…"]);
    }

    #[test]
    fn what_is_always_the_same_is_not() {
        let schema = Schema::default();
        let cx = Context::new(&schema, &[], 0);
        let found = body(cx, "plpgsql", "BEGIN EXECUTE format('DROP TABLE %I', 'a' || 'B'); END", 0);
        let texts: Vec<String> = found.statements.iter().map(|found| found.stmt.syntax().to_string()).collect();
        assert_eq!(texts, ["DROP TABLE \"aB\""]);
    }

    #[test]
    fn a_deep_body_is_opaque() {
        check("plpgsql", &"BEGIN ".repeat(10_000), &["…"]);
        check("plpgsql", &format!("BEGIN RETURN {}", "(".repeat(10_000)), &["…"]);
    }

    #[test]
    fn many_statements_with_if_exists_are_not_deep() {
        let text = format!("BEGIN {} END", "DROP TABLE IF EXISTS a;".repeat(300));
        assert!(is_shallow(&text));
    }
}
