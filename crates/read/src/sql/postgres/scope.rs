//! What the names in a query can mean: its common table expressions, the tables of its FROM list, what is around it.

use model::object::{Object, Returns};
use model::{Name, QName};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::columns::Columns;
use super::context::ScopeTable;
use super::name::{name, path};
use super::output::output_columns;
use super::{Context, Scope};

/// The two scopes of a query: its clauses see `full`, the subqueries of its FROM list only `frame`.
#[derive(Clone, Debug)]
pub(super) struct Level {
    /// What is around the query, and its common table expressions.
    pub(super) frame: Scope,
    /// The same with the tables of the FROM list and the table that is written to.
    pub(super) full: Scope,
}

impl Level {
    /// Outside of any query both are the same.
    pub(super) fn of(scope: &Scope) -> Level {
        Level { frame: scope.clone(), full: scope.clone() }
    }
}

/// How deep subqueries are looked into for the names of their columns.
const DEEPEST: usize = 16;

/// The scopes of a SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE or MERGE inside `outer`.
pub(super) fn level(cx: Context<'_>, outer: &Scope, node: &SyntaxNode) -> Level {
    level_at(cx, outer, node, 0)
}

pub(super) fn level_at(cx: Context<'_>, outer: &Scope, node: &SyntaxNode, depth: usize) -> Level {
    let mut frame = outer.inner();
    if depth > DEEPEST {
        return Level { full: frame.clone(), frame };
    }
    if let Some(with) = with_clause(node) {
        add_ctes(cx, &mut frame, &with, depth);
    }
    let mut full = frame.clone();
    let mut tables = Tables { cx, frame: &frame, full: &mut full, depth };
    match node.kind() {
        SyntaxKind::INSERT => {
            let insert = ast::Insert::cast(node.clone());
            if let Some(insert) = insert
                && let Some(table) = insert.relation_name_ref().and_then(|table| table.path_ref())
            {
                let alias = insert.alias().and_then(|alias| alias.name()).map(|alias| name(&alias));
                tables.target(&table, alias);
                tables.excluded();
            }
        }
        SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::MERGE => {
            let alias = node.children().find_map(ast::OptionalAsAlias::cast).and_then(|alias| alias.name());
            if let Some(table) = written_table(node) {
                tables.target(&table, alias.map(|alias| name(&alias)));
            }
        }
        _ => {}
    }
    for item in from_items(node) {
        tables.item(&item);
    }
    Level { frame, full }
}

/// The table that an UPDATE, DELETE or MERGE writes to.
pub(super) fn written_table(node: &SyntaxNode) -> Option<ast::PathRef> {
    let is_name =
        |child: &SyntaxNode| matches!(child.kind(), SyntaxKind::RELATION_NAME | SyntaxKind::TABLE_RELATION_NAME);
    node.children().find(is_name)?.descendants().find_map(ast::PathRef::cast)
}

/// The items of the FROM list, or of USING in DELETE and MERGE.
pub(super) fn from_items(node: &SyntaxNode) -> Vec<ast::FromListItem> {
    let is_list = |child: &SyntaxNode| {
        matches!(child.kind(), SyntaxKind::FROM_CLAUSE | SyntaxKind::USING_CLAUSE | SyntaxKind::USING_ON_CLAUSE)
    };
    node.children().filter(is_list).flat_map(|list| list.children()).filter_map(ast::FromListItem::cast).collect()
}

/// The WITH clause of a query; that of `a UNION b` stands inside `a`.
pub(super) fn with_clause(node: &SyntaxNode) -> Option<ast::WithClause> {
    let mut node = node.clone();
    loop {
        if let Some(with) = node.children().find_map(ast::WithClause::cast) {
            return Some(with);
        }
        if node.kind() != SyntaxKind::COMPOUND_SELECT {
            return None;
        }
        node = node.children().find(|child| ast::SelectVariant::can_cast(child.kind()))?;
        if node.kind() == SyntaxKind::PAREN_SELECT {
            return None;
        }
    }
}

pub(super) fn is_recursive(with: &ast::WithClause) -> bool {
    with.recursive_token().is_some()
}

/// What the query of one common table expression sees: those before it, and itself when the clause is RECURSIVE.
pub(super) fn cte_scope(frame: &Scope, table: &SyntaxNode) -> Scope {
    let mut scope = frame.clone();
    let with = table.parent().and_then(ast::WithClause::cast);
    if with.is_some_and(|with| !is_recursive(&with)) {
        let itself = std::iter::successors(Some(table.clone()), SyntaxNode::next_sibling);
        let hidden: Vec<Name> =
            itself.filter_map(ast::WithTable::cast).filter_map(|table| table.name()).map(|cte| name(&cte)).collect();
        scope.ctes.retain(|cte| !hidden.contains(&cte.alias));
    }
    scope
}

fn add_ctes(cx: Context<'_>, frame: &mut Scope, with: &ast::WithClause, depth: usize) {
    for table in with.with_tables() {
        let Some(alias) = table.name().map(|cte| name(&cte)) else { continue };
        let listed = table.column_list().map(|list| list.column_names().map(|column| name(&column)).collect());
        let columns = listed.unwrap_or_else(|| {
            let query = table.query().and_then(|query| output_columns(cx, frame, query.syntax(), depth + 1));
            query.unwrap_or_default()
        });
        frame.ctes.push(ScopeTable { alias, table: None, columns: columns.into() });
    }
}

/// The tables of one query, as they are found.
struct Tables<'a> {
    cx: Context<'a>,
    frame: &'a Scope,
    full: &'a mut Scope,
    depth: usize,
}

impl Tables<'_> {
    /// The table that the statement writes to. It is never a common table expression.
    fn target(&mut self, table: &ast::PathRef, alias: Option<Name>) {
        let table = self.cx.relation(table);
        let columns = self.cx.columns_of(&table).unwrap_or_default();
        self.full.tables.push(ScopeTable { alias: alias.unwrap_or(table.name.clone()), table: Some(table), columns });
    }

    fn excluded(&mut self) {
        let excluded = self.full.tables.last().map(|table| ScopeTable { alias: "excluded".into(), ..table.clone() });
        // Its columns are only ever named with their qualifier; behind the table they cannot be taken for its own.
        self.full.tables.extend(excluded);
    }

    fn item(&mut self, item: &ast::FromListItem) {
        let mut joined = Vec::new();
        let mut first = item.clone();
        // A chain of joins leans to the left.
        while let ast::FromListItem::JoinExpr(join) = &first {
            joined.extend(join.join().and_then(|join| join.from_list_item()));
            let Some(left) = join.from_list_item() else { break };
            first = left;
        }
        if let ast::FromListItem::FromItem(item) = &first {
            self.plain_item(item);
        }
        for item in joined.iter().rev() {
            self.item(item);
        }
    }

    fn plain_item(&mut self, item: &ast::FromItem) {
        let alias = item.alias().and_then(|alias| alias.name()).map(|alias| name(&alias));
        let (own, table, columns) = match item {
            ast::FromItem::RelationFromItem(relation) => self.relation(relation),
            ast::FromItem::FunctionFromItem(function) => self.function(function, alias.as_ref()),
            ast::FromItem::ParenFromItem(paren) => match select_of(paren) {
                Some(select) => {
                    let lateral = paren.lateral_token().is_some();
                    let scope = if lateral { &*self.full } else { self.frame };
                    let columns = output_columns(self.cx, scope, select.syntax(), self.depth + 1);
                    (None, None, columns.unwrap_or_default().into())
                }
                None => {
                    let before = self.full.tables.len();
                    if let Some(item) = join_of(paren) {
                        self.item(&item);
                    }
                    if alias.is_none() {
                        return;
                    }
                    // `(a JOIN b) AS j` hides the names a and b.
                    let hidden: Vec<ScopeTable> = self.full.tables.drain(before..).collect();
                    (None, None, hidden.iter().flat_map(|table| table.columns.iter()).cloned().collect())
                }
            },
            _ => (None, None, Columns::default()),
        };
        let Some(alias) = alias.or(own) else {
            self.full.tables.push(ScopeTable { alias: Name::default(), table, columns });
            return;
        };
        let renamed = item.alias().and_then(|alias| alias.columns()).map(column_names).unwrap_or_default();
        let table = table.filter(|_| renamed.is_empty());
        let columns = match renamed.is_empty() {
            true => columns,
            false => renamed.iter().chain(columns.iter().skip(renamed.len())).cloned().collect(),
        };
        self.full.tables.push(ScopeTable { alias, table, columns });
    }

    fn relation(&self, item: &ast::RelationFromItem) -> (Option<Name>, Option<QName>, Columns) {
        let Some(path_ref) = item.path_ref() else { return (None, None, Columns::default()) };
        let (schema, name) = path(&path_ref);
        if let (None, Some(cte)) = (&schema, self.frame.cte(&name)) {
            return (Some(name), None, cte.columns.clone());
        }
        let table = self.cx.relation_name(schema, name);
        let columns = self.cx.columns_of(&table).unwrap_or_default();
        (Some(table.name.clone()), Some(table), columns)
    }

    /// A function in FROM: a table of the columns it returns, or of one column by its alias.
    fn function(&self, item: &ast::FunctionFromItem, alias: Option<&Name>) -> (Option<Name>, Option<QName>, Columns) {
        let words = item.call_expr().and_then(|call| call.expr()).and_then(|function| super::expr::dotted(&function));
        let Some(mut words) = words else { return (None, None, Columns::default()) };
        let own = words.pop().unwrap_or_default();
        let function = self.cx.function_name(words.pop(), own.clone());
        let mut routines =
            self.cx.schema().overloads(&function).filter_map(|path| match self.cx.schema().object(path)? {
                Object::Routine(routine) => Some(routine),
                _ => None,
            });
        let mut columns: Vec<Name> = match routines.next().map(|routine| &routine.returns) {
            Some(Returns::Table(columns)) => columns.iter().map(|(name, _)| name.clone()).collect(),
            Some(Returns::SetOf(row) | Returns::Type(row)) => {
                let row = row.user_defined().and_then(|row| self.cx.columns_of(row));
                row.map_or_else(|| vec![alias.unwrap_or(&own).clone()], |row| row.to_vec())
            }
            Some(Returns::Nothing) => Vec::new(),
            None => vec![alias.unwrap_or(&own).clone()],
        };
        if item.with_ordinality().is_some() && !columns.is_empty() {
            columns.push("ordinality".into());
        }
        (Some(own), None, columns.into())
    }
}

/// The query in the parentheses of a FROM item.
pub(super) fn select_of(paren: &ast::ParenFromItem) -> Option<ast::SelectVariant> {
    super::expr::select_in(paren.syntax())
}

/// The join in the parentheses of a FROM item.
pub(super) fn join_of(paren: &ast::ParenFromItem) -> Option<ast::FromListItem> {
    let mut inner = paren.paren_expr()?;
    loop {
        if let Some(item) = inner.from_list_item() {
            return Some(item);
        }
        inner = inner.syntax().children().find_map(ast::ParenExpr::cast)?;
    }
}

/// The column names behind an alias: `AS t (a, b)`, `AS t (a int, b text)`.
pub(super) fn column_names(columns: ast::FromAliasColumns) -> Vec<Name> {
    match columns {
        ast::FromAliasColumns::ColumnList(list) => list.column_names().map(|column| name(&column)).collect(),
        ast::FromAliasColumns::ColumnDefList(list) => {
            list.column_defs().filter_map(|column| column.name()).map(|column| name(&column)).collect()
        }
    }
}
