//! Which object a statement speaks of: names become paths, by what the schema holds.

use model::name::PG_CATALOG;
use model::object::signature;
use model::{Kind, Name, Path, QName, Type};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::super::Context;
use super::super::name::{name, name_of, path, words};
use super::super::ty::{func_type, ty};
use super::options::{plain, role};

impl Context<'_> {
    /// A table, view, sequence, index or composite type; of the given kind when the schema does not know it.
    pub(crate) fn relation_path(self, kind: Kind, node: &impl AstNode) -> Path {
        self.known_relation(kind, &self.relation(node))
    }

    pub(in super::super) fn relation_of(self, kind: Kind, name: &QName) -> Path {
        match self.schema().relation(name) {
            // The sequence of an identity column is spoken of like any other.
            Some(known) if known.kind == Kind::Column => Path::object(Kind::Sequence, name),
            Some(known) => known.clone(),
            None if kind == Kind::Index => unknown_index(name),
            None => Path::object(kind, name),
        }
    }

    /// An index as an index, also when it is the one behind a constraint.
    pub(crate) fn index_path(self, node: &impl AstNode) -> Path {
        let name = self.relation(node);
        match self.schema().relation(&name) {
            Some(known) if known.kind == Kind::Index => known.clone(),
            Some(known) if known.kind == Kind::Constraint => Path { kind: Kind::Index, ..known.clone() },
            _ => unknown_index(&name),
        }
    }

    /// A user's type; of the given kind when the schema does not know it.
    pub(crate) fn user_type_path(self, kind: Kind, node: &impl AstNode) -> Path {
        let name = self.type_name(node);
        self.type_path(&name).unwrap_or_else(|| Path::object(kind, &name))
    }

    /// Anything else that lives in a schema.
    pub(crate) fn object_path(self, kind: Kind, node: &impl AstNode) -> Path {
        self.object_part_path(kind, node, Name::default())
    }

    /// The same for what shares its name with others and is told apart by `part`.
    pub(crate) fn object_part_path(self, kind: Kind, node: &impl AstNode, part: Name) -> Path {
        let (schema, name) = path(node);
        let of = |name: &QName| Path::part(kind, name, part.clone());
        of(&self.find(schema, name, |cx, name| cx.schema().object(&of(name)).is_some()))
    }

    /// A routine or aggregate by its name and, if they are written, its argument types. Without them the only one of
    /// that name is meant.
    pub(crate) fn routine_path(self, kinds: &[Kind], node: &impl AstNode, params: Option<ast::ParamList>) -> Path {
        let name = self.function(node);
        let mut known = self.schema().overloads(&name).filter(|path| kinds.contains(&path.kind));
        let part = match params {
            Some(params) => {
                let written = argument_types(self, &params);
                let aggregate = aggregate_arguments(self, &params);
                let same = |path: &&Path| match path.kind {
                    Kind::Aggregate => path.part == aggregate || path.part == written,
                    _ => path.part == written,
                };
                if let Some(found) = known.find(same) {
                    return found.clone();
                }
                if kinds.first() == Some(&Kind::Aggregate) { aggregate } else { written }
            }
            None => match (known.next(), known.next()) {
                (Some(only), None) => return only.clone(),
                _ => Name::default(),
            },
        };
        Path::part(kinds.first().copied().unwrap_or(Kind::Function), &name, part)
    }

    pub(crate) fn function_sig(self, sig: &ast::FunctionSig) -> Option<Path> {
        Some(self.routine_path(&[Kind::Function, Kind::Aggregate], &sig.function_name_ref()?, sig.param_list()))
    }

    pub(crate) fn procedure_sig(self, sig: &ast::ProcedureSig) -> Option<Path> {
        Some(self.routine_path(&[Kind::Procedure], &sig.procedure_name_ref()?, sig.param_list()))
    }

    pub(crate) fn routine_sig(self, sig: &ast::RoutineSig) -> Option<Path> {
        Some(self.routine_path(ROUTINES, &sig.routine_name_ref()?, sig.param_list()))
    }

    pub(crate) fn aggregate_sig(self, sig: &ast::Aggregate) -> Option<Path> {
        Some(self.routine_path(&[Kind::Aggregate], &sig.path_ref()?, sig.param_list()))
    }

    /// A column, by `table.column` with or without the schema.
    pub(crate) fn column_path(self, node: &impl AstNode) -> Option<Path> {
        let mut words = words(node);
        let column = words.pop()?;
        let table = words.pop()?;
        Some(Path::column(&self.relation_name(words.pop(), table), column))
    }

    /// `+ (integer, integer)`; a prefix operator has `NONE` on its left.
    pub(crate) fn operator_path(self, op: &ast::Op, left: Option<ast::Type>, right: Option<ast::Type>) -> Path {
        let (schema, symbol) = operator_name(op);
        let side = |side: Option<ast::Type>| match side {
            Some(side) if plain(side.syntax()) != "none" => ty(self, &side).without_modifiers().to_string(),
            _ => "NONE".to_string(),
        };
        let part = Name::from(format!("{}, {}", side(left), side(right)));
        let of = |name: &QName| Path::part(Kind::Operator, name, part.clone());
        of(&self.find(schema, symbol, |cx, name| cx.schema().object(&of(name)).is_some()))
    }

    pub(crate) fn cast_path(self, sig: &ast::CastSig) -> Option<Path> {
        let (from, to) = (ty(self, &sig.lhs()?), ty(self, &sig.rhs()?));
        Some(Path::global(Kind::Cast, format!("{} AS {}", from.without_modifiers(), to.without_modifiers())))
    }

    pub(crate) fn transform_path(self, of: &ast::Type, language: &ast::LanguageRef) -> Path {
        let of = ty(self, of).without_modifiers();
        Path { part: name(language), ..Path::global(Kind::Transform, of.to_string()) }
    }

    /// An operator class, by its name where the schema knows it: that of the catalog has no schema.
    pub(crate) fn opclass(self, node: &ast::OpClassRef) -> QName {
        let (schema, name) = path(node);
        if let Some(schema) = schema {
            return QName { schema: if schema == PG_CATALOG { Name::default() } else { schema }, name };
        }
        let is_known = |class: &QName| {
            let paths = METHODS.iter().map(|method| Path::part(Kind::OperatorClass, class, *method));
            paths.into_iter().any(|path| self.schema().object(&path).is_some())
        };
        let mut candidates = self.search_path().iter().map(|schema| QName::new(schema.clone(), name.clone()));
        candidates.find(is_known).unwrap_or_else(|| QName::new("", name.clone()))
    }
}

/// The index methods of PostgreSQL, and those of pgvector.
const METHODS: [&str; 8] = ["btree", "gin", "gist", "hash", "brin", "spgist", "hnsw", "ivfflat"];

pub(super) const ROUTINES: &[Kind] = &[Kind::Function, Kind::Procedure, Kind::Aggregate];

fn unknown_index(name: &QName) -> Path {
    Path { kind: Kind::Index, schema: name.schema.clone(), name: Name::default(), part: name.name.clone() }
}

/// An object outside every schema.
pub(crate) fn global(kind: Kind, node: Option<&impl AstNode>) -> Option<Path> {
    Some(Path::global(kind, name(node?)))
}

pub(crate) fn user_mapping(role: Option<ast::UserMappingRole>, server: Option<ast::ServerClause>) -> Option<Path> {
    let role = role?;
    let of = role.role_ref().map_or_else(|| Name::new_static("CURRENT_USER"), |named| self::role(&named));
    user_mapping_of(of, server)
}

pub(crate) fn user_mapping_of(role: Name, server: Option<ast::ServerClause>) -> Option<Path> {
    Some(Path { part: name(&server?.server_ref()?), ..Path::global(Kind::UserMapping, role) })
}

/// The schema, if it is written, and the symbol of an operator.
pub(crate) fn operator_name(op: &ast::Op) -> (Option<Name>, Name) {
    let qualified = op.syntax().descendants().find_map(ast::PathRef::cast);
    // Where the symbol would stand in the name, the grammar leaves an empty word.
    let words = qualified.map(|qualifier| words(&qualifier)).unwrap_or_default();
    let schema = words.into_iter().rfind(|word| !word.is_empty());
    let symbols = super::options::tokens(op.syntax()).into_iter().filter(|token| !token.kind().is_keyword());
    let is_symbol = |text: &str| text.chars().all(|letter| "+-*/<>=~!@#%^&|`?".contains(letter));
    let symbol: String = symbols.map(|token| token.text().to_string()).filter(|text| is_symbol(text)).collect();
    (schema.filter(|_| !symbol.is_empty()), if symbol.is_empty() { plain(op.syntax()) } else { symbol.into() })
}

/// The input types, as they tell overloads apart.
pub(crate) fn argument_types(cx: Context<'_>, params: &ast::ParamList) -> Name {
    let inputs = params.all_params().filter(|param| !matches!(param.mode(), Some(ast::ParamMode::ParamOut(_))));
    let types: Vec<Type> = inputs.filter_map(|param| Some(func_type(cx, &param.func_type()?))).collect();
    signature(types.iter())
}

/// The arguments of an aggregate: `*`, types, and those behind ORDER BY.
pub(crate) fn aggregate_arguments(cx: Context<'_>, params: &ast::ParamList) -> Name {
    if params.star_token().is_some() {
        return Name::new_static("*");
    }
    let types = |params: ast::AstChildren<ast::Param>| {
        let types: Vec<String> = params
            .filter_map(|param| {
                let ty = func_type(cx, &param.func_type()?).without_modifiers();
                let variadic = matches!(param.mode(), Some(ast::ParamMode::ParamVariadic(_)));
                Some(if variadic { format!("VARIADIC {ty}") } else { ty.to_string() })
            })
            .collect();
        types.join(", ")
    };
    let direct = types(params.params());
    match params.aggregate_order_by() {
        Some(ordered) if direct.is_empty() => format!("ORDER BY {}", types(ordered.params())).into(),
        Some(ordered) => format!("{direct} ORDER BY {}", types(ordered.params())).into(),
        None => direct.into(),
    }
}

/// What COMMENT ON, SECURITY LABEL and ALTER EXTENSION ADD speak of. `None` for what no path can name.
pub(crate) fn object(cx: Context<'_>, node: &SyntaxNode) -> Option<Path> {
    use SyntaxKind as S;
    let at = |kind: Kind| Some(Path::global(kind, name_of(&last_child(node)?)));
    match node.kind() {
        S::OBJECT_TABLE => {
            Some(cx.relation_path(Kind::Table, &ast::ObjectTable::cast(node.clone())?.table_name_ref()?))
        }
        S::OBJECT_FOREIGN_TABLE => {
            Some(cx.relation_path(Kind::Table, &ast::ObjectForeignTable::cast(node.clone())?.table_name_ref()?))
        }
        S::OBJECT_VIEW => Some(cx.relation_path(Kind::View, &ast::ObjectView::cast(node.clone())?.view_ref()?)),
        S::OBJECT_MATERIALIZED_VIEW => {
            let view = ast::ObjectMaterializedView::cast(node.clone())?.view_ref()?;
            Some(cx.relation_path(Kind::MaterializedView, &view))
        }
        S::OBJECT_SEQUENCE => {
            Some(cx.relation_path(Kind::Sequence, &ast::ObjectSequence::cast(node.clone())?.sequence_ref()?))
        }
        S::OBJECT_INDEX => Some(cx.index_path(&ast::ObjectIndex::cast(node.clone())?.index_ref()?)),
        S::OBJECT_COLUMN => cx.column_path(&ast::ObjectColumn::cast(node.clone())?.name()?),
        S::OBJECT_CONSTRAINT => constraint(cx, &ast::ObjectConstraint::cast(node.clone())?),
        S::OBJECT_TRIGGER => {
            let trigger = ast::ObjectTrigger::cast(node.clone())?;
            let owner = cx.relation(&trigger.relation_name_ref()?);
            Some(Path::part(Kind::Trigger, &owner, name(&trigger.trigger_ref()?)))
        }
        S::OBJECT_RULE => {
            let rule = ast::ObjectRule::cast(node.clone())?;
            Some(Path::part(Kind::Rule, &cx.relation(&rule.relation_name_ref()?), name(&rule.rule_ref()?)))
        }
        S::OBJECT_POLICY => {
            let policy = ast::ObjectPolicy::cast(node.clone())?;
            Some(Path::part(Kind::Policy, &cx.relation(&policy.table_name_ref()?), name(&policy.policy_ref()?)))
        }
        S::OBJECT_TYPE => {
            Some(cx.user_type_path(Kind::BaseType, &ast::ObjectType::cast(node.clone())?.type_name_ref()?))
        }
        S::OBJECT_DOMAIN => {
            Some(cx.user_type_path(Kind::Domain, &ast::ObjectDomain::cast(node.clone())?.domain_ref()?))
        }
        S::OBJECT_FUNCTION => cx.function_sig(&ast::ObjectFunction::cast(node.clone())?.function_sig()?),
        S::OBJECT_PROCEDURE => cx.procedure_sig(&ast::ObjectProcedure::cast(node.clone())?.procedure_sig()?),
        S::OBJECT_ROUTINE => cx.routine_sig(&ast::ObjectRoutine::cast(node.clone())?.routine_sig()?),
        S::OBJECT_AGGREGATE => cx.aggregate_sig(&ast::ObjectAggregate::cast(node.clone())?.aggregate()?),
        S::OBJECT_OPERATOR => {
            let operator = ast::ObjectOperator::cast(node.clone())?;
            Some(cx.operator_path(&operator.op()?, operator.lhs(), operator.rhs()))
        }
        S::OBJECT_OPERATOR_CLASS => {
            let class = ast::ObjectOperatorClass::cast(node.clone())?;
            Some(cx.object_part_path(Kind::OperatorClass, &class.op_class_ref()?, method(class.using_method())))
        }
        S::OBJECT_OPERATOR_FAMILY => {
            let family = ast::ObjectOperatorFamily::cast(node.clone())?;
            Some(cx.object_part_path(Kind::OperatorFamily, &family.op_family_ref()?, method(family.using_method())))
        }
        S::OBJECT_CAST => cx.cast_path(&ast::ObjectCast::cast(node.clone())?.cast_sig()?),
        S::OBJECT_TRANSFORM => {
            let transform = ast::ObjectTransform::cast(node.clone())?;
            Some(cx.transform_path(&transform.ty()?, &transform.language_ref()?))
        }
        S::OBJECT_COLLATION => {
            Some(cx.object_path(Kind::Collation, &ast::ObjectCollation::cast(node.clone())?.collation_ref()?))
        }
        S::OBJECT_CONVERSION => {
            Some(cx.object_path(Kind::Conversion, &ast::ObjectConversion::cast(node.clone())?.conversion_ref()?))
        }
        S::OBJECT_STATISTICS => {
            Some(cx.object_path(Kind::Statistics, &ast::ObjectStatistics::cast(node.clone())?.statistics_ref()?))
        }
        S::OBJECT_TEXT_SEARCH_CONFIG => {
            let object = ast::ObjectTextSearchConfig::cast(node.clone())?.text_search_configuration_ref()?;
            Some(cx.object_path(Kind::TextSearchConfiguration, &object))
        }
        S::OBJECT_TEXT_SEARCH_DICT => {
            let object = ast::ObjectTextSearchDict::cast(node.clone())?.text_search_dictionary_ref()?;
            Some(cx.object_path(Kind::TextSearchDictionary, &object))
        }
        S::OBJECT_TEXT_SEARCH_PARSER => {
            let object = ast::ObjectTextSearchParser::cast(node.clone())?.text_search_parser_ref()?;
            Some(cx.object_path(Kind::TextSearchParser, &object))
        }
        S::OBJECT_TEXT_SEARCH_TEMPLATE => {
            let object = ast::ObjectTextSearchTemplate::cast(node.clone())?.text_search_template_ref()?;
            Some(cx.object_path(Kind::TextSearchTemplate, &object))
        }
        S::OBJECT_ROLE => Some(Path::global(Kind::Role, role(&ast::ObjectRole::cast(node.clone())?.role_ref()?))),
        S::OBJECT_SCHEMA => at(Kind::Namespace),
        S::OBJECT_EXTENSION => at(Kind::Extension),
        S::OBJECT_LANGUAGE => at(Kind::Language),
        S::OBJECT_ACCESS_METHOD => at(Kind::AccessMethod),
        S::OBJECT_FOREIGN_DATA_WRAPPER => at(Kind::ForeignDataWrapper),
        S::OBJECT_SERVER => at(Kind::Server),
        S::OBJECT_EVENT_TRIGGER => at(Kind::EventTrigger),
        S::OBJECT_PUBLICATION => at(Kind::Publication),
        S::OBJECT_SUBSCRIPTION => at(Kind::Subscription),
        S::OBJECT_DATABASE => at(Kind::Database),
        S::OBJECT_TABLESPACE => at(Kind::Tablespace),
        _ => None,
    }
}

/// The index method of an operator class or family.
pub(crate) fn method(using: Option<ast::UsingMethod>) -> Name {
    using.and_then(|using| using.access_method_ref()).map_or(Name::new_static("btree"), |method| name(&method))
}

fn constraint(cx: Context<'_>, object: &ast::ObjectConstraint) -> Option<Path> {
    let constraint = path(&object.constraint_name_ref()?).1;
    let owner = match object.domain_ref() {
        Some(domain) => cx.type_name(&domain),
        None => cx.relation(&object.table_name_ref()?),
    };
    Some(Path::constraint(&owner, constraint))
}

pub(crate) fn last_child(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.children().last()
}
