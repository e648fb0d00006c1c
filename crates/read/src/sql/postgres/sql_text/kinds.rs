//! Which nodes of the grammar are names, and which hold their parenthesis close.

use squawk_syntax::SyntaxKind;

/// A node that is an identifier and nothing else, also when the word is a key word elsewhere.
pub(super) fn is_name(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(
        kind,
        PATH_SEGMENT
            | PATH_SEGMENT_REF
            | PARAM_NAME
            | PARAM_NAME_REF
            | XML_NAMESPACE_PREFIX
            | JSON_PATH_NAME
            | JSON_PATH_NAME_REF
            | JSON_VARIABLE_NAME
            | ELEMENT_TAG
            | EXTRACT_FIELD_NAME
            | XML_ATTR
            | XML_PI_TARGET
            | EVENT_TRIGGER_REF
            | EXTENSION_REF
            | FOREIGN_DATA_WRAPPER_REF
            | LANGUAGE_REF
            | PUBLICATION_REF
            | ROLE_NAME_REF
            | SCHEMA_REF
            | SERVER_REF
            | SUBSCRIPTION_REF
            | TABLESPACE_REF
            | CONSTRAINT_NAME
            | COLUMN_NAME
            | COLUMN_NAME_REF
            | COMPOSITE_FIELD
            | COMPOSITE_FIELD_REF
            | TABLE_ALIAS
            | ACCESS_METHOD_REF
            | POLICY_REF
            | RULE_REF
            | TRIGGER_REF
            | CHANNEL
            | CHANNEL_REF
            | CURSOR_REF
            | PREPARED_STATEMENT_REF
            | SAVEPOINT_REF
            | WINDOW
            | WINDOW_REF
            | CTE_NAME
            | LABEL
            | LABEL_REF
            | PROPERTY_NAME
            | PROPERTY_NAME_REF
            | TRANSITION_RELATION_NAME
    )
}

/// A node around a path that names a thing which may exist already.
pub(super) fn is_relation(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    is_routine(kind) || matches!(kind, RELATION_NAME_REF | TABLE_NAME_REF | VIEW_REF | SEQUENCE_REF | TYPE_NAME_REF)
}

pub(super) fn is_routine(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(kind, FUNCTION_NAME_REF | PROCEDURE_NAME_REF | ROUTINE_NAME_REF)
}

/// A node that may hold another of its sort, and that one the next, as often as somebody repeats an operator.
pub(super) fn leans(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(kind, BIN_EXPR | BETWEEN_EXPR | POSTFIX_EXPR | INDEX_EXPR | JOIN_EXPR)
}

pub(super) fn is_join(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(kind, JOIN_INNER | JOIN_LEFT | JOIN_RIGHT | JOIN_FULL)
}

/// A node whose opening parenthesis follows its first word without a space, like the arguments of a call.
pub(super) fn is_tight(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(
        kind,
        ARG_LIST
            | PARAM_LIST
            | ARRAY_EXPR
            | CAST_EXPR
            | EXPR_AS_ELEMENT_TAG_LIST
            | EXPR_AS_XML_ATTR_LIST
            | EXTRACT_FN
            | JSON_ARRAY_AGG_FN
            | JSON_ARRAY_FN
            | JSON_EXISTS_FN
            | JSON_FN
            | JSON_OBJECT_AGG_FN
            | JSON_OBJECT_FN
            | JSON_QUERY_FN
            | JSON_SCALAR_FN
            | JSON_SERIALIZE_FN
            | JSON_TABLE
            | JSON_VALUE_FN
            | OVERLAY_FN
            | POSITION_FN
            | SUBSTRING_FN
            | TRIM_FN
            | XML_ELEMENT_FN
            | XML_EXISTS_FN
            | XML_FOREST_FN
            | XML_PARSE_FN
            | XML_PI_FN
            | XML_ROOT_FN
            | XML_SERIALIZE_FN
            | XML_TABLE
    )
}
