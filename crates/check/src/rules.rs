//! Every rule, by group: a word here is a file below.

use crate::define::rules;

rules! {
    general: [claim_refuted, refused_by_server, unused_ignore]
    naming: [identifier_too_long, quoted_mixed_case_name, reserved_word_as_name]
    types: [
        char_type, float_for_money, integer_primary_key, json_instead_of_jsonb, money_type, serial_column,
        time_with_zone, timestamp_without_zone, varchar_with_length,
    ]
    keys: [
        constraint_left_not_valid, duplicate_foreign_key, foreign_key_type_mismatch, foreign_key_without_index,
        missing_primary_key, nullable_column_in_unique, serial_foreign_key, set_null_on_not_null,
    ]
    indexes: [
        boolean_index, brin_over_scattered_values, btree_on_jsonb, constant_index_key, duplicate_index,
        expression_index_unmatched, full_text_over_null, hash_index, included_key_column, index_beside_key,
        index_prefix_of_another, invalid_index, jsonb_gin_with_all_operators, policy_column_without_index,
        predicate_always_true, too_many_indexes, wide_index,
    ]
    security: [
        all_privileges_granted, default_privileges_to_public, definer_executable_by_public,
        extension_in_public, foreign_key_crosses_tenants, grant_that_can_be_passed_on, grant_to_public,
        materialized_view_of_secured_rows, password_in_sql, policy_always_true, policy_asks_its_own_table,
        policy_check_looser, policy_computes_per_row, policy_trusts_the_user, policy_without_row_security,
        role_may_make_roles, row_security_disabled, row_security_not_forced, row_security_without_policy,
        secret_in_the_clear, secrets_granted_widely, security_definer_without_search_path,
        several_permissive_policies, superuser_role, table_without_row_security, tenant_table_left_open,
        unique_across_tenants, untrusted_language, usual_grant_missing, view_bypasses_row_security,
    ]
    migrations: [
        attach_partition_without_check, backfill_in_one_statement, backfill_with_ddl, begin_without_commit,
        breaks_query, cascade_drops_more, check_validated_at_once, concurrently_in_transaction,
        default_partition_scanned, detach_partition_blocks, domain_check_scans, down_drops_too_much,
        down_leaves_something_behind, drop_column, drop_constraint, drop_database, drop_extension,
        drop_index_blocks, drop_not_null, drop_partition_blocks, drop_routine, drop_table, drop_type,
        drop_view, duplicate_version, edited_migration, enum_value_used_in_same_transaction,
        exclusion_constraint_blocks, foreign_key_validated_at_once, grants_lost,
        if_not_exists_keeps_invalid_index, index_blocks_writes, integrity_checks_off, lock_table,
        lock_timeout_too_long, missing_lock_timeout, missing_statement_timeout, narrowing_type_change,
        nested_transaction, new_column_rewrites, no_down_migration, not_null_without_check, not_repeatable,
        out_of_order_migration, partition_made_in_place, primary_key_over_nullable, refresh_blocks_reads,
        reindex_blocks_writes, rename_column, rename_enum_value, rename_object, rename_table,
        replaced_function_is_overload, required_column_loses_default, required_column_without_default,
        row_security_enabled_without_policy, several_tables_locked, table_rewritten, trigger_left_disabled,
        trigger_on_table_in_use, truncate_table, type_change_rewrites, unique_constraint_blocks,
        validated_in_same_transaction, version_gap, work_under_heavy_lock,
    ]
    operations: [
        extension_needs_superuser, published_table_without_identity, replica_identity_full,
        type_blocks_upgrade, unlogged_table,
    ]
    queries: [
        arithmetic_on_indexed_column, cast_on_indexed_column, compare_with_null, concatenation_with_null,
        correlated_subquery, count_for_existence, day_ends_at_midnight, delete_without_where,
        distinct_hides_join, distinct_on_without_order, duplicate_assignment, filter_in_having,
        function_on_indexed_column, implicit_cross_join, insert_leaves_out_required, insert_without_columns,
        leading_wildcard_like, left_join_made_inner, like_without_wildcard, limit_without_order,
        more_joins_than_planned, natural_join, not_in_with_nullable, null_in_list, offset_pagination,
        optional_filter, or_across_tables, order_by_random, prefix_without_pattern_index,
        queue_without_skip_locked, select_star, union_without_all, unknown_column, unknown_enum_value,
        update_not_tied, update_without_where,
    ]
    plans: [estimate_far_off, seq_scan_discards_rows, sort_spills_to_disk]
    usage: [table_without_vacuum, unused_index]
}
