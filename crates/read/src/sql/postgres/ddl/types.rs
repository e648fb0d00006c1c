//! CREATE TYPE, CREATE DOMAIN and their ALTER.

use model::change::Aspect;
use model::object::{Attribute, Composite, Domain, DomainCheck, Enum, NotNull, Object, Options, Range};
use model::step::How;
use model::{Change, Kind, Name, Path, QName, Type};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::expr::{expr, string};
use super::super::name::{name, path};
use super::super::statement::{Placed, Read, Statement};
use super::super::ty::ty;
use super::super::{Context, Scope};
use super::alter;
use super::constraint::not_null;
use super::named;
use super::options::{attribute_name, attributes, cascades, default_of};

/// `CREATE TYPE`
pub(crate) fn create(cx: Context<'_>, node: &ast::CreateType) -> Read {
    let own = node.type_name()?;
    let name = cx.new_object(&own);
    let (kind, object) = match node.kind() {
        Some(ast::CreateTypeKind::EnumType(it)) => {
            let values = it.variant_list().into_iter().flat_map(|list| list.variants().collect::<Vec<_>>());
            let values = values.filter_map(|value| Some(string(&value.literal()?))).collect();
            (Kind::Enum, Object::Enum(Enum { name: name.clone(), values }.into()))
        }
        Some(ast::CreateTypeKind::CompositeType(it)) => {
            let fields = it.composite_field_list().into_iter();
            let fields = fields.flat_map(|list| list.composite_field_defs().collect::<Vec<_>>());
            let attributes = fields.filter_map(|field| {
                Some(attribute(cx, super::super::name::name(&field.name()?), field.ty()?, field.collate()))
            });
            let composite = Composite { name: name.clone(), attributes: attributes.collect() };
            (Kind::Composite, Object::Composite(composite.into()))
        }
        Some(ast::CreateTypeKind::RangeType(it)) => {
            (Kind::Range, Object::Range(range(cx, &name, it.attribute_list()?)?))
        }
        Some(ast::CreateTypeKind::BaseType(_)) | None => return base(cx, node, &name, &own),
    };
    let change = Change::Create { path: Path::object(kind, &name), object };
    Some(Statement::define([Placed::new(cx, node.syntax(), change).named(cx, Some(&own))]))
}

/// A base type, or the shell that stands in for it until its functions are there.
fn base(cx: Context<'_>, node: &ast::CreateType, name: &QName, own: &ast::TypeName) -> Read {
    let path = Path::object(Kind::BaseType, name);
    let fills_shell = cx.schema().object(&path).is_some() && node.kind().is_some();
    let mut statement = named::create(cx, node.syntax(), Some(path), Some(own.syntax().clone()))?;
    if fills_shell {
        for placed in &mut statement.changes {
            if let Change::Create { path, object } = &placed.change {
                placed.change = Change::Replace { path: path.clone(), object: object.clone() };
            }
        }
    }
    Some(statement)
}

fn attribute(cx: Context<'_>, name: Name, written: ast::Type, collate: Option<ast::Collate>) -> Attribute {
    let collation = collate.and_then(|collate| collate.collation_ref()).map(|collation| cx.collation(&collation));
    Attribute { name, ty: ty(cx, &written), collation }
}

fn range(cx: Context<'_>, name: &QName, list: ast::AttributeList) -> Option<Range> {
    let written = list.attribute_options().find(|option| attribute_name(option).is_some_and(|name| name == "subtype"));
    let subtype = match written?.attribute_value()?.ty() {
        Some(written) => ty(cx, &written),
        None => Type::builtin("unknown"),
    };
    let others = attributes(Some(list)).into_iter().filter(|(name, _)| name != "subtype");
    let options: Options = others.map(|(name, value)| (name, value.unwrap_or_default())).collect();
    Some(Range { name: name.clone(), subtype, options })
}

/// `ALTER TYPE`
pub(crate) fn alter(cx: Context<'_>, node: &ast::AlterType) -> Read {
    let path = cx.user_type_path(Kind::BaseType, &node.type_name_ref()?);
    let action = node.action()?;
    let mut how = How::default();
    let define = |node: &SyntaxNode, aspect: Aspect| Placed::new(cx, node, Change::alter(path.clone(), aspect));
    let changes = match &action {
        ast::AlterTypeAction::AddValue(it) => {
            how.if_not_exists = it.if_not_exists().is_some();
            let (before, after) = match it.value_position() {
                Some(ast::ValuePosition::BeforeValue(it)) => (it.literal().map(|it| string(&it)), None),
                Some(ast::ValuePosition::AfterValue(it)) => (None, it.literal().map(|it| string(&it))),
                None => (None, None),
            };
            vec![define(it.syntax(), Aspect::AddValue { value: string(&it.literal()?), before, after })]
        }
        ast::AlterTypeAction::RenameValue(it) => {
            vec![define(it.syntax(), Aspect::RenameValue { from: string(&it.from()?), to: string(&it.to()?) })]
        }
        ast::AlterTypeAction::RenameAttribute(it) => {
            how.cascade = cascades(it.drop_behavior().as_ref());
            let (from, to) = (name(&it.composite_field_ref()?), name(&it.composite_field()?));
            vec![define(it.syntax(), Aspect::RenameAttribute { from, to })]
        }
        ast::AlterTypeAction::AlterTypeAttributeActionList(list) => {
            let actions =
                list.actions().filter_map(|action| attribute_change(cx, &action, &mut how).map(|it| (action, it)));
            actions.map(|(action, aspect)| define(action.syntax(), aspect)).collect()
        }
        other => return alter::object(cx, node.syntax(), Some(path.clone()), Some(other.syntax().clone())),
    };
    Some(Statement::define(changes).how(how))
}

fn attribute_change(cx: Context<'_>, action: &ast::AlterTypeAttributeAction, how: &mut How) -> Option<Aspect> {
    Some(match action {
        ast::AlterTypeAttributeAction::AddAttribute(it) => {
            how.cascade |= cascades(it.drop_behavior().as_ref());
            Aspect::AddAttribute(attribute(cx, name(&it.composite_field()?), it.ty()?, it.collate()))
        }
        ast::AlterTypeAttributeAction::AlterAttribute(it) => {
            how.cascade |= cascades(it.drop_behavior().as_ref());
            Aspect::SetAttribute(attribute(cx, name(&it.composite_field_ref()?), it.ty()?, it.collate()))
        }
        ast::AlterTypeAttributeAction::DropAttribute(it) => {
            how.cascade |= cascades(it.drop_behavior().as_ref());
            how.if_exists |= it.if_exists().is_some();
            Aspect::DropAttribute(name(&it.composite_field_ref()?))
        }
    })
}

/// `CREATE DOMAIN`
pub(crate) fn create_domain(cx: Context<'_>, node: &ast::CreateDomain) -> Read {
    let own = node.domain()?;
    let written = node.ty()?;
    let name = cx.new_object(&own);
    let scope = value_scope(&name);
    let mut domain = Domain {
        name: name.clone(),
        base: ty(cx, &written),
        collation: None,
        default: None,
        not_null: None,
        checks: Vec::new(),
    };
    for qualifier in node.domain_qualifiers() {
        match qualifier {
            ast::DomainQualifier::Collate(it) => {
                domain.collation = it.collation_ref().map(|collation| cx.collation(&collation));
            }
            ast::DomainQualifier::Constraint(ast::Constraint::DefaultConstraint(it)) => {
                domain.default = default_of(cx, &scope, &domain.base, it.expr());
            }
            ast::DomainQualifier::Constraint(ast::Constraint::NotNullConstraint(it)) => {
                domain.not_null = Some(not_null(&it).1);
            }
            ast::DomainQualifier::Constraint(it) => domain.checks.extend(check(cx, &scope, &it)),
        }
    }
    let change = Change::Create { path: Path::object(Kind::Domain, &name), object: Object::Domain(domain.into()) };
    let placed = Placed::new(cx, node.syntax(), change).named(cx, Some(&own)).typed(cx, Some(&written));
    Some(Statement::define([placed]))
}

/// In a domain's check the value is a column of that name.
fn value_scope(domain: &QName) -> Scope {
    Scope::of(domain, vec![Name::new_static("value")])
}

fn check(cx: Context<'_>, scope: &Scope, node: &ast::Constraint) -> Option<DomainCheck> {
    let ast::Constraint::CheckConstraint(it) = node else { return None };
    let name = node.constraint_name().map(|own| name(&own)).unwrap_or_default();
    Some(DomainCheck { name, expr: expr(cx, scope, &it.expr()?), valid: !node.is_not_valid() })
}

/// `ALTER DOMAIN`
pub(crate) fn alter_domain(cx: Context<'_>, node: &ast::AlterDomain) -> Read {
    let domain = cx.user_type_path(Kind::Domain, &node.domain_ref()?);
    let scope = value_scope(&domain.qname());
    let action = node.action()?;
    let mut how = How::default();
    let base = match cx.schema().object(&domain) {
        Some(Object::Domain(domain)) => domain.base.clone(),
        _ => Type::builtin("unknown"),
    };
    let aspect = match &action {
        ast::AlterDomainAction::SetDefault(it) => Aspect::Default(default_of(cx, &scope, &base, it.expr())),
        ast::AlterDomainAction::DropDefault(_) => Aspect::Default(None),
        ast::AlterDomainAction::SetNotNull(_) => Aspect::NotNull(Some(NotNull::default())),
        ast::AlterDomainAction::DropNotNull(_) => Aspect::NotNull(None),
        ast::AlterDomainAction::AddConstraint(it) => match it.constraint()? {
            ast::Constraint::NotNullConstraint(it) => Aspect::NotNull(Some(not_null(&it).1)),
            it => Aspect::AddDomainCheck(check(cx, &scope, &it)?),
        },
        ast::AlterDomainAction::DropConstraint(it) => {
            how.if_exists = it.if_exists().is_some();
            how.cascade = cascades(it.drop_behavior().as_ref());
            Aspect::DropDomainCheck(path(&it.constraint_name_ref()?).1)
        }
        ast::AlterDomainAction::RenameConstraint(it) => {
            Aspect::RenameDomainCheck { from: path(&it.constraint_name_ref()?).1, to: name(&it.constraint_name()?) }
        }
        ast::AlterDomainAction::ValidateConstraint(it) => {
            Aspect::ValidateDomainCheck(path(&it.constraint_name_ref()?).1)
        }
        other => return alter::object(cx, node.syntax(), Some(domain), Some(other.syntax().clone())),
    };
    Some(Statement::define([Placed::new(cx, node.syntax(), Change::alter(domain, aspect))]).how(how))
}
