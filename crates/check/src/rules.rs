//! Every rule, by group: a word here is a file below.

use crate::define::rules;

rules! {
    general: [
        claim_refuted,
        refused_by_server,
        unused_ignore,
    ]
    naming: [identifier_too_long, quoted_mixed_case_name, reserved_word_as_name]
    types: [
        char_type, float_for_money, integer_primary_key, json_instead_of_jsonb, money_type, serial_column, time_with_zone,
        timestamp_without_zone, varchar_with_length,
    ]
    keys: [
        constraint_left_not_valid, duplicate_foreign_key, foreign_key_type_mismatch, foreign_key_without_index,
        missing_primary_key, nullable_column_in_unique, serial_foreign_key, set_null_on_not_null,
    ]
    indexes: [
        btree_on_jsonb, constant_index_key, duplicate_index, hash_index, index_beside_key, index_prefix_of_another,
        boolean_index, brin_over_scattered_values, expression_index_unmatched, full_text_over_null, included_key_column,
        invalid_index, jsonb_gin_with_all_operators, policy_column_without_index, predicate_always_true,
        too_many_indexes, wide_index,
    ]
    security: [
        grant_to_public, policy_always_true, policy_without_row_security, row_security_without_policy,
        security_definer_without_search_path, superuser_role, view_bypasses_row_security,
        all_privileges_granted, default_privileges_to_public, definer_executable_by_public, extension_in_public,
        grant_that_can_be_passed_on, materialized_view_of_secured_rows, password_in_sql, policy_asks_its_own_table,
        policy_check_looser, policy_computes_per_row, policy_trusts_the_user, role_may_make_roles,
        row_security_disabled, row_security_not_forced, secret_in_the_clear, secrets_granted_widely,
        several_permissive_policies, table_without_row_security, tenant_table_left_open, untrusted_language,
        usual_grant_missing, foreign_key_crosses_tenants, unique_across_tenants,
    ]
    migrations: [
        attach_partition_without_check, backfill_in_one_statement, backfill_with_ddl, check_validated_at_once, concurrently_in_transaction, detach_partition_blocks,
        drop_column, drop_index_blocks, drop_table, enum_value_used_in_same_transaction, exclusion_constraint_blocks,
        foreign_key_validated_at_once, index_blocks_writes, missing_lock_timeout, new_column_rewrites,
        not_null_without_check, refresh_blocks_reads, reindex_blocks_writes, rename_column, rename_table,
        required_column_without_default, table_rewritten, truncate_table, type_change_rewrites,
        unique_constraint_blocks, validated_in_same_transaction,
        drop_view, drop_routine, drop_type, drop_extension, drop_constraint, cascade_drops_more, drop_not_null,
        required_column_loses_default, narrowing_type_change, rename_enum_value, rename_object,
        trigger_left_disabled, trigger_on_table_in_use, several_tables_locked, work_under_heavy_lock, lock_table,
        missing_statement_timeout, lock_timeout_too_long, integrity_checks_off, extension_needs_superuser,
        row_security_enabled_without_policy, replaced_function_is_overload,
        no_down_migration, down_drops_too_much, down_leaves_something_behind, duplicate_version, version_gap,
        edited_migration, out_of_order_migration, nested_transaction, begin_without_commit,
        partition_made_in_place, drop_partition_blocks, default_partition_scanned, primary_key_over_nullable,
        domain_check_scans, published_table_without_identity, replica_identity_full, unlogged_table,
        type_blocks_upgrade, drop_database, grants_lost, if_not_exists_keeps_invalid_index, not_repeatable, breaks_query,
    ]
    queries: [
        compare_with_null, count_for_existence, delete_without_where, implicit_cross_join, insert_without_columns,
        leading_wildcard_like, limit_without_order, not_in_with_nullable, offset_pagination, order_by_random,
        select_star, update_without_where,
        function_on_indexed_column, cast_on_indexed_column, arithmetic_on_indexed_column, union_without_all,
        distinct_hides_join, day_ends_at_midnight, or_across_tables, optional_filter, queue_without_skip_locked,
        filter_in_having, left_join_made_inner, natural_join, distinct_on_without_order, more_joins_than_planned,
        unknown_column, null_in_list, like_without_wildcard, concatenation_with_null, update_not_tied,
        insert_leaves_out_required, unknown_enum_value, correlated_subquery, prefix_without_pattern_index, duplicate_assignment,
    ]
    plans: [estimate_far_off, seq_scan_discards_rows, sort_spills_to_disk]
    usage: [table_without_vacuum, unused_index]
}
