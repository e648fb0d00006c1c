//! Every rule, by group: a word here is a file below.

use crate::define::rules;

rules! {
    general: [
        claim_refuted,
        refused_by_server,
        unused_ignore,
    ]
    naming: [
        boolean_name_out_of_line, column_repeats_table, constraint_name_out_of_line, foreign_key_column_out_of_line,
        identifier_too_long, index_name_out_of_line, key_name_out_of_line, measure_without_unit, name_case_out_of_line,
        name_says_its_kind, name_with_special_characters, names_differ_by_case, quoted_mixed_case_name,
        reserved_word_as_name, same_thing_two_names, table_name_out_of_line, time_name_out_of_line,
    ]
    types: [
        array_of_foreign_keys, birthday_as_instant, boolean_as_number, catalog_type, char_type, date_as_text,
        default_frozen_at_creation, enum_values_differ_by_case, epoch_as_integer, fixed_keys_in_json, float_for_money,
        float_key, format_without_check, integer_primary_key, ip_address_as_text, json_as_text, json_instead_of_jsonb,
        money_type, null_as_string, number_as_text, random_uuid_key, same_name_different_type,
        sequence_narrower_than_column, serial_column, time_with_zone, timestamp_rounds, timestamp_without_zone,
        unbounded_text_key, unused_enum, uuid_as_text, uuid_ossp_function, varchar_with_length, yes_no_enum,
    ]
    keys: [
        constraint_left_not_valid, duplicate_foreign_key, foreign_key_type_mismatch, foreign_key_without_index,
        missing_primary_key, nullable_column_in_unique, serial_foreign_key, set_null_on_not_null,
    ]
    indexes: [
        btree_on_jsonb, constant_index_key, duplicate_index, hash_index, index_beside_key, index_prefix_of_another,
    ]
    security: [
        grant_to_public, policy_always_true, policy_without_row_security, row_security_without_policy,
        security_definer_without_search_path, superuser_role, view_bypasses_row_security,
    ]
    migrations: [
        attach_partition_without_check, backfill_in_one_statement, backfill_with_ddl, check_validated_at_once, concurrently_in_transaction, detach_partition_blocks,
        drop_column, drop_index_blocks, drop_table, enum_value_used_in_same_transaction, exclusion_constraint_blocks,
        foreign_key_validated_at_once, index_blocks_writes, missing_lock_timeout, new_column_rewrites,
        not_null_without_check, refresh_blocks_reads, reindex_blocks_writes, rename_column, rename_table,
        required_column_without_default, table_rewritten, truncate_table, type_change_rewrites,
        unique_constraint_blocks, validated_in_same_transaction,
    ]
    queries: [
        compare_with_null, count_for_existence, delete_without_where, implicit_cross_join, insert_without_columns,
        leading_wildcard_like, limit_without_order, not_in_with_nullable, offset_pagination, order_by_random,
        select_star, update_without_where,
    ]
    plans: [estimate_far_off, seq_scan_discards_rows, sort_spills_to_disk]
    usage: [table_without_vacuum, unused_index]
}
