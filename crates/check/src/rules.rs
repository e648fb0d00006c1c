//! Every rule, by group: a word here is a file below.

use crate::define::rules;

rules! {
    general: [claim_refuted, refused_by_server, unused_ignore]
    naming: [
        boolean_name_out_of_line, column_repeats_table, constraint_name_out_of_line,
        foreign_key_column_out_of_line, identifier_too_long, index_name_out_of_line, key_name_out_of_line,
        measure_without_unit, name_case_out_of_line, name_says_its_kind, name_with_special_characters,
        names_differ_by_case, quoted_mixed_case_name, reserved_word_as_name, same_thing_two_names,
        table_name_out_of_line, time_name_out_of_line,
    ]
    types: [
        array_of_foreign_keys, birthday_as_instant, boolean_as_number, char_type, date_as_text,
        default_frozen_at_creation, enum_values_differ_by_case, epoch_as_integer, fixed_keys_in_json,
        float_for_money, float_key, format_without_check, integer_primary_key, ip_address_as_text,
        json_as_text, json_instead_of_jsonb, money_type, null_as_string, number_as_text, random_uuid_key,
        same_name_different_type, sequence_narrower_than_column, serial_column, time_with_zone,
        timestamp_rounds, timestamp_without_zone, unbounded_text_key, unused_enum, uuid_as_text,
        uuid_ossp_function, varchar_with_length, yes_no_enum,
    ]
    keys: [
        all_columns_nullable, amount_without_check, cascade_through_many_tables, check_that_never_fails,
        circular_required_keys, constraint_left_not_valid, cycling_key_sequence, duplicate_check,
        duplicate_foreign_key, foreign_key_type_mismatch, foreign_key_without_index, junction_without_key,
        missing_foreign_key, missing_primary_key, missing_unique_on_natural_key, nullable_column_in_unique,
        nullable_unique_as_key, nullable_with_default, one_to_one_without_unique, partly_null_foreign_key,
        polymorphic_reference, range_without_check, row_may_be_its_own_parent, serial_foreign_key,
        set_default_without_default, set_null_on_not_null, soft_delete_with_plain_unique, status_without_check,
        touched_without_trigger, unique_holds_a_key, validity_may_overlap,
    ]
    design: [
        address_in_columns, column_per_period, copied_column, delimited_list, derivable_column,
        entity_attribute_value, enum_of_many_values, file_in_row, isolated_table, leftover_table,
        missing_comment, missing_usual_column, one_column_table, one_table_for_many_things, partial_dependency,
        repeating_group, rewrite_rule_on_table, stored_age, stored_count, table_inheritance, table_per_period,
        wide_table,
    ]
    partitions: [
        ascending_index_gathers_inserts, ascending_key_gathers_inserts, beyond_the_target,
        foreign_key_between_shards, foreign_key_to_partition, gap_between_partitions, hash_partition_missing,
        key_widened_by_partition, key_without_distribution_column, large_table_in_one_piece,
        missing_default_partition, nullable_partition_key, partitioned_too_early,
        partitioned_without_partitions, primary_key_added_later, too_many_partitions,
        unique_in_each_partition_only,
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
    plans: [aggregate_spills_to_disk, bitmap_is_lossy, columns_depend_on_each_other, cte_is_a_fence, estimate_far_off, expression_without_statistics, foreign_scan_fetches_all, full_pages_in_log, function_estimate_guessed, hash_spills_to_disk, heap_fetches_in_index_only_scan, index_scan_discards_rows, index_searched_many_times, jit_costs_more_than_it_gives, join_without_condition, join_without_index, limit_reads_far_more, memoize_misses, nested_loop_over_many_rows, offset_reads_skipped_rows, sort_by_random_number, pages_not_in_memory, partitions_not_pruned, planner_setting_off, planning_takes_long, recheck_discards_rows, rows_kept_on_disk, seq_scan_discards_rows, sort_for_first_rows, sort_spills_to_disk, statistics_out_of_date, subplan_per_row, table_is_bloated, triggers_take_long, union_removes_nothing, wide_result, workers_not_launched]
    usage: [bloated_index, rarely_used_index, table_without_vacuum, unused_index]
}
