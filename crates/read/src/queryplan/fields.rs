//! Fields become a plan. Each is looked at once, by its name: what is left over is what was not understood.

use model::plan::{
    Actual, Aggregation, Blocks, Buffers, Conditions, Groups, Hashing, Jit, Keys, Memoization, PlanNode, QueryPlan,
    Relationship, Removed, Serialization, Sorting, Storage, Trigger, UnknownField, Wal, Worker,
};
use model::{Name, Place};

use super::condition::condition;
use super::text;
use super::tree::{Draft, Entry, Map, Value};

/// The plan of a map that has a `Plan`, or that is a node itself.
pub(super) fn nested(mut whole: Map) -> Draft {
    let root = match whole.take("Plan") {
        Some(Entry { value: Value::Map(root), .. }) => root,
        _ => std::mem::take(&mut whole),
    };
    let mut nodes = Vec::new();
    let mut open = vec![(None, root)];
    while let Some((parent, mut map)) = open.pop() {
        if nodes.len() >= text::MOST_NODES {
            break;
        }
        let children = map.take("Plans").map(|entry| entry.value);
        let index = nodes.len();
        nodes.push((parent, map));
        let children = match children {
            Some(Value::List(items)) => items,
            Some(one @ Value::Map(_)) => vec![one],
            _ => Vec::new(),
        };
        let maps = children.into_iter().filter_map(|child| if let Value::Map(map) = child { Some(map) } else { None });
        let maps: Vec<Map> = maps.collect();
        open.extend(maps.into_iter().rev().map(|map| (Some(index), map)));
    }
    Draft { nodes, whole }
}

pub(super) fn plan(draft: Draft, place: Place) -> QueryPlan {
    let mut plan = QueryPlan {
        nodes: Vec::with_capacity(draft.nodes.len()),
        query: None,
        query_id: None,
        duration_ms: None,
        planning_ms: None,
        execution_ms: None,
        planning: Buffers::default(),
        planning_memory: None,
        settings: Vec::new(),
        jit: None,
        triggers: Vec::new(),
        serialization: None,
        unknown: Vec::new(),
        place,
    };
    let mut modifies = Vec::with_capacity(draft.nodes.len());
    for (index, (parent, map)) in draft.nodes.into_iter().enumerate() {
        let mut node = node(map, parent, index, place, &mut plan.unknown);
        let under_write = parent.is_some_and(|parent: usize| modifies.get(parent) == Some(&true));
        if under_write && node.relationship == Relationship::Member {
            // Up to version 13 the plans of a statement that writes were its members.
            node.relationship = Relationship::Outer;
        }
        modifies.push(node.kind == "ModifyTable");
        plan.nodes.push(node);
    }
    for entry in draft.whole.entries {
        whole(&mut plan, entry);
    }
    plan
}

fn whole(plan: &mut QueryPlan, entry: Entry) {
    let Entry { key, value, place } = entry;
    match key.as_str() {
        "Query-Text" => plan.query = value.as_text().map(|text| text.trim().to_owned()),
        "Query-Identifier" => plan.query_id = Some(value.shown()),
        "Planning-Time" => plan.planning_ms = value.number(),
        "Execution-Time" | "Total-Runtime" => plan.execution_ms = value.number(),
        "Query-Parameters" => {}
        "Planning" => {
            let Value::Map(map) = value else { return };
            let mut memory = (None, None);
            for Entry { key, value, place } in map.entries {
                match key.as_str() {
                    "Memory-Used" => memory.0 = value.number(),
                    "Memory-Allocated" => memory.1 = value.number(),
                    _ if buffers(&mut plan.planning, &key, &value) => {}
                    _ => unknown(&mut plan.unknown, &key, None, place),
                }
            }
            if let (Some(used), Some(allocated)) = memory {
                plan.planning_memory = Some((used as u64, allocated as u64));
            }
        }
        "Settings" => {
            let Value::Map(map) = value else { return };
            plan.settings = map.entries.iter().map(|entry| (entry.key.as_str().into(), entry.value.shown())).collect();
            plan.settings.sort();
        }
        "JIT" => {
            let Value::Map(map) = value else { return };
            plan.jit = Some(jit(&map));
        }
        "Triggers" => plan.triggers = value.items().into_iter().filter_map(Value::as_map).map(trigger).collect(),
        "Serialization" => {
            let Value::Map(map) = value else { return };
            let mut found =
                Serialization { ms: None, kilobytes: 0, format: Name::default(), buffers: Buffers::default() };
            for Entry { key, value, place } in map.entries {
                match key.as_str() {
                    "Time" => found.ms = value.number(),
                    "Output-Volume" => found.kilobytes = whole_number(&value),
                    "Format" => found.format = name(&value),
                    _ if buffers(&mut found.buffers, &key, &value) => {}
                    _ => unknown(&mut plan.unknown, &key, None, place),
                }
            }
            plan.serialization = Some(found);
        }
        _ => unknown(&mut plan.unknown, &key, None, place),
    }
}

/// No more of them are told: a text that is no plan is full of what is not understood.
const MOST_UNKNOWN: usize = 100;

fn unknown(list: &mut Vec<UnknownField>, key: &str, node: Option<usize>, place: Place) {
    if list.len() < MOST_UNKNOWN {
        list.push(UnknownField { name: key.replace('-', " ").into(), node, place });
    }
}

fn name(value: &Value) -> Name {
    value.shown().into()
}

fn whole_number(value: &Value) -> u64 {
    value.number().map_or(0, |number| number.max(0.0) as u64)
}

fn texts(value: &Value) -> Vec<String> {
    value.items().into_iter().map(Value::shown).filter(|text| !text.is_empty()).collect()
}

fn empty(parent: Option<usize>, place: Place) -> PlanNode {
    PlanNode {
        parent,
        relationship: Relationship::Outer,
        subplan: None,
        kind: Name::new_static("?"),
        strategy: None,
        partial: None,
        join: None,
        operation: None,
        parallel: false,
        asynchronous: false,
        backward: false,
        single_copy: false,
        disabled: false,
        schema: None,
        relation: None,
        alias: None,
        index: None,
        function: None,
        cte: None,
        provider: None,
        startup_cost: 0.0,
        cost: 0.0,
        estimated_rows: 0.0,
        width: 0.0,
        actual: None,
        removed: Removed::default(),
        conditions: Conditions::default(),
        keys: Keys::default(),
        output: Vec::new(),
        sort: None,
        full_groups: None,
        presorted_groups: None,
        hash: None,
        aggregation: None,
        memoize: None,
        storage: None,
        heap_fetches: None,
        index_searches: None,
        blocks: None,
        workers_planned: None,
        workers_launched: None,
        workers: Vec::new(),
        subplans_removed: None,
        inner_unique: false,
        buffers: Buffers::default(),
        wal: Wal::default(),
        remote_sql: None,
        tuples: Vec::new(),
        other: Vec::new(),
        place,
    }
}

/// What several fields say together, until all of them were seen.
#[derive(Default)]
struct Gathered {
    actual: [Option<f64>; 4],
    space: Space,
    command: Option<Name>,
}

/// Memory and disk; the fields have the same names in different nodes.
#[derive(Default)]
struct Space {
    sort_method: Option<Name>,
    sort_used: u64,
    sort_type: Option<Name>,
    hashing: Hashing,
    aggregation: Aggregation,
    memoize: Memoization,
    peak: u64,
    disk: u64,
    blocks: Blocks,
}

fn node(map: Map, parent: Option<usize>, index: usize, place: Place, left: &mut Vec<UnknownField>) -> PlanNode {
    let mut node = empty(parent, place);
    let mut seen = Gathered::default();
    let mut storage = (None, 0);
    for entry in map.entries {
        let Entry { key, value, place } = entry;
        let number = || value.number();
        let count = || value.number().map(|number| number.clamp(0.0, f64::from(u32::MAX)) as u32);
        match key.as_str() {
            "Node-Type" => {
                node.kind = name(&value);
                node.place = place;
                if !text::is_known(&node.kind) {
                    unknown(left, &format!("Node Type {}", node.kind), Some(index), place);
                }
            }
            "Strategy" => node.strategy = Some(name(&value)).filter(|strategy| strategy != "Plain"),
            "Partial-Mode" => node.partial = Some(name(&value)).filter(|mode| mode != "Simple"),
            "Join-Type" => node.join = Some(name(&value)).filter(|join| join != "Inner"),
            "Operation" => node.operation = Some(name(&value)).filter(|operation| operation != "Select"),
            "Command" => seen.command = Some(name(&value)),
            "Parallel-Aware" => node.parallel = value.is_true(),
            "Async-Capable" => node.asynchronous = value.is_true(),
            "Scan-Direction" => node.backward = value.as_text() == Some("Backward"),
            "Single-Copy" => node.single_copy = value.is_true(),
            "Disabled" => node.disabled = value.is_true(),
            "Parent-Relationship" => node.relationship = relationship(value.as_text().unwrap_or("")),
            "Subplan-Name" => node.subplan = Some(name(&value)),
            "Relation-Name" => node.relation = Some(name(&value)),
            "Schema" => node.schema = Some(name(&value)),
            "Alias" => node.alias = Some(name(&value)),
            "Index-Name" => node.index = Some(name(&value)),
            "Function-Name" | "Table-Function-Name" => node.function = Some(name(&value)),
            "CTE-Name" | "Tuplestore-Name" => node.cte = Some(name(&value)),
            "Custom-Plan-Provider" => node.provider = Some(name(&value)),
            "Startup-Cost" => node.startup_cost = number().unwrap_or(0.0),
            "Total-Cost" => node.cost = number().unwrap_or(0.0),
            "Plan-Rows" => node.estimated_rows = number().unwrap_or(0.0),
            "Plan-Width" => node.width = number().unwrap_or(0.0),
            "Actual-Startup-Time" => seen.actual[0] = number(),
            "Actual-Total-Time" => seen.actual[1] = number(),
            "Actual-Rows" => seen.actual[2] = number(),
            "Actual-Loops" => seen.actual[3] = number(),
            "Rows-Removed-by-Filter" => node.removed.filter = number().unwrap_or(0.0),
            "Rows-Removed-by-Join-Filter" => node.removed.join_filter = number().unwrap_or(0.0),
            "Rows-Removed-by-Index-Recheck" => node.removed.recheck = number().unwrap_or(0.0),
            "Filter" => node.conditions.filter = Some(condition(&value.shown())),
            "Join-Filter" => node.conditions.join_filter = Some(condition(&value.shown())),
            "Index-Cond" => node.conditions.index = Some(condition(&value.shown())),
            "Recheck-Cond" => node.conditions.recheck = Some(condition(&value.shown())),
            "Hash-Cond" => node.conditions.hash = Some(condition(&value.shown())),
            "Merge-Cond" => node.conditions.merge = Some(condition(&value.shown())),
            "TID-Cond" => node.conditions.tid = Some(condition(&value.shown())),
            "Order-By" => node.conditions.order_by = Some(condition(&value.shown())),
            "One-Time-Filter" => node.conditions.one_time = Some(condition(&value.shown())),
            "Run-Condition" => node.conditions.run = Some(condition(&value.shown())),
            "Sort-Key" => node.keys.sort = texts(&value),
            "Presorted-Key" => node.keys.presorted = texts(&value),
            // One list in JSON; text has a line for each, and so a list of lists.
            "Group-Key" => node.keys.group = vec![texts(&value)],
            "Group-Keys" => node.keys.group.extend(group_keys(&value)),
            "Grouping-Sets" => grouping_sets(&mut node, &value),
            "Cache-Key" => node.keys.cache = Some(value.shown()),
            "Output" => node.output = texts(&value),
            "Full-sort-Groups" => node.full_groups = value.as_map().map(groups),
            "Pre-sorted-Groups" => node.presorted_groups = value.as_map().map(groups),
            // XML calls both by one name; the full sorts come first.
            "Incremental-Sort-Groups" if node.full_groups.is_none() => node.full_groups = value.as_map().map(groups),
            "Incremental-Sort-Groups" => node.presorted_groups = value.as_map().map(groups),
            "Storage" => storage.0 = Some(name(&value)),
            "Maximum-Storage" => storage.1 = whole_number(&value),
            "Heap-Fetches" => node.heap_fetches = number(),
            "Index-Searches" => node.index_searches = number(),
            "Workers-Planned" => node.workers_planned = count(),
            "Workers-Launched" => node.workers_launched = count(),
            "Workers" => {
                for map in value.items().into_iter().filter_map(Value::as_map) {
                    node.workers.push(worker(map, &node.kind, index, left));
                }
            }
            "Subplans-Removed" => node.subplans_removed = count().filter(|count| *count > 0),
            "Inner-Unique" => node.inner_unique = value.is_true(),
            "Remote-SQL" => node.remote_sql = Some(value.shown()),
            "Tuples-Inserted"
            | "Tuples-Updated"
            | "Tuples-Deleted"
            | "Tuples-Skipped"
            | "Conflicting-Tuples"
            | "Rows-Removed-by-Conflict-Filter" => {
                let other = if key == "Conflicting-Tuples" { "conflicting" } else { "left out" };
                let what = key.strip_prefix("Tuples-").unwrap_or(other).to_ascii_lowercase();
                // Text leaves out what is zero.
                let rows = number().filter(|rows| *rows > 0.0);
                node.tuples.extend(rows.map(|rows| (Name::from(what), rows)));
            }
            "Sampling-Method"
            | "Sampling-Parameters"
            | "Repeatable-Seed"
            | "Conflict-Resolution"
            | "Conflict-Arbiter-Indexes"
            | "Conflict-Filter"
            | "Function-Call"
            | "Table-Function-Call"
            | "Relations"
            | "Params-Evaluated"
            | "Cache-Mode"
            | "Target-Tables"
            | "Window"
            | "Foreign-File"
            | "Foreign-File-Size"
            | "Foreign-Program"
            | "Batch-Size"
            | "Replaces" => {
                node.other.push((key.replace('-', " ").into(), value.shown()));
            }
            _ if space(&mut seen.space, &key, &value) => {}
            _ if buffers(&mut node.buffers, &key, &value) || wal(&mut node.wal, &key, &value) => {}
            _ => unknown(left, &key, Some(index), place),
        }
    }
    node.storage = storage.0.map(|kind| Storage { kind, kilobytes: storage.1 });
    if node.kind == "SetOp" {
        node.operation = seen.command;
    }
    let [startup, total, rows, loops] = seen.actual;
    node.actual = rows.map(|rows| {
        let loops = loops.unwrap_or(1.0).max(0.0);
        let ran = |time: Option<f64>| time.filter(|_| loops > 0.0);
        Actual { rows: rows.max(0.0), loops, startup_ms: ran(startup), total_ms: ran(total) }
    });
    let details = settle(seen.space, &node.kind);
    node.sort = details.sort;
    node.hash = details.hash;
    node.aggregation = details.aggregation;
    node.memoize = details.memoize;
    node.blocks = details.blocks;
    let object = node.relation.as_ref().or(node.function.as_ref()).or(node.cte.as_ref());
    if node.alias.as_ref() == object {
        node.alias = None;
    }
    node.other.sort();
    node
}

fn relationship(word: &str) -> Relationship {
    match word {
        "Inner" => Relationship::Inner,
        "Member" => Relationship::Member,
        "Subquery" => Relationship::Subquery,
        "InitPlan" => Relationship::InitPlan,
        "SubPlan" => Relationship::SubPlan,
        _ => Relationship::Outer,
    }
}

fn group_keys(value: &Value) -> Vec<Vec<String>> {
    match value {
        Value::List(items) if items.iter().all(|item| matches!(item, Value::List(_))) => {
            items.iter().map(texts).collect()
        }
        other => vec![texts(other)],
    }
}

fn grouping_sets(node: &mut PlanNode, value: &Value) {
    for set in value.items().into_iter().filter_map(Value::as_map) {
        for entry in &set.entries {
            match entry.key.as_str() {
                "Sort-Key" => node.keys.sort.extend(texts(&entry.value)),
                "Group-Keys" | "Hash-Keys" => node.keys.group.extend(group_keys(&entry.value)),
                _ => {}
            }
        }
    }
}

fn space(space: &mut Space, key: &str, value: &Value) -> bool {
    let number = value.number().unwrap_or(0.0);
    match key {
        "Sort-Method" => space.sort_method = Some(name(value)),
        "Sort-Space-Used" => space.sort_used = whole_number(value),
        "Sort-Space-Type" => space.sort_type = Some(name(value)),
        "Hash-Buckets" => space.hashing.buckets = number,
        "Original-Hash-Buckets" => space.hashing.original_buckets = number,
        "Hash-Batches" => space.hashing.batches = number,
        "Original-Hash-Batches" => space.hashing.original_batches = number,
        "HashAgg-Batches" => space.aggregation.batches = number,
        "Planned-Partitions" => space.aggregation.planned_partitions = number,
        "Peak-Memory-Usage" => space.peak = whole_number(value),
        "Disk-Usage" => space.disk = whole_number(value),
        "Cache-Hits" => space.memoize.hits = number,
        "Cache-Misses" => space.memoize.misses = number,
        "Cache-Evictions" => space.memoize.evictions = number,
        "Cache-Overflows" => space.memoize.overflows = number,
        "Exact-Heap-Blocks" => space.blocks.exact = number,
        "Lossy-Heap-Blocks" => space.blocks.lossy = number,
        _ => return false,
    }
    true
}

struct Details {
    sort: Option<Sorting>,
    hash: Option<Hashing>,
    aggregation: Option<Aggregation>,
    memoize: Option<Memoization>,
    blocks: Option<Blocks>,
}

/// Whose memory it is depends on the node; what is nothing but zeros is not said in text.
fn settle(space: Space, kind: &str) -> Details {
    let Space { sort_method, sort_used, sort_type, mut hashing, mut aggregation, mut memoize, peak, disk, blocks } =
        space;
    match kind {
        "Hash" => hashing.peak_kilobytes = peak,
        "Memoize" => memoize.peak_kilobytes = peak,
        _ => {
            aggregation.peak_kilobytes = peak;
            aggregation.disk_kilobytes = disk;
        }
    }
    let on_disk = sort_type.as_deref() == Some("Disk");
    Details {
        sort: sort_method.map(|method| Sorting { method, kilobytes: sort_used, on_disk }),
        hash: Some(hashing).filter(|hashing| *hashing != Hashing::default()),
        aggregation: Some(aggregation).filter(|aggregation| *aggregation != Aggregation::default()),
        memoize: Some(memoize).filter(|memoize| *memoize != Memoization::default()),
        blocks: Some(blocks).filter(|blocks| *blocks != Blocks::default()),
    }
}

fn groups(map: &Map) -> Groups {
    let mut groups = Groups::default();
    for entry in &map.entries {
        let space = |key: &str| entry.value.as_map().and_then(|map| map.get(key)).map_or(0, whole_number);
        match entry.key.as_str() {
            "Group-Count" => groups.count = entry.value.number().unwrap_or(0.0),
            "Sort-Methods-Used" => groups.methods = entry.value.items().into_iter().map(name).collect(),
            // XML calls both spaces by one name; sorts in memory come first, when there were any.
            "Sort-Space"
                if groups.peak_memory > 0 || groups.methods.iter().all(|method| method.starts_with("external")) =>
            {
                groups.average_disk = space("Average-Sort-Space-Used");
                groups.peak_disk = space("Peak-Sort-Space-Used");
            }
            "Sort-Space-Memory" | "Sort-Space" => {
                groups.average_memory = space("Average-Sort-Space-Used");
                groups.peak_memory = space("Peak-Sort-Space-Used");
            }
            "Sort-Space-Disk" => {
                groups.average_disk = space("Average-Sort-Space-Used");
                groups.peak_disk = space("Peak-Sort-Space-Used");
            }
            _ => {}
        }
    }
    groups
}

fn worker(map: &Map, kind: &str, node: usize, left: &mut Vec<UnknownField>) -> Worker {
    let mut worker = Worker::default();
    let mut seen = Space::default();
    for Entry { key, value, place } in &map.entries {
        let number = value.number();
        match key.as_str() {
            "Worker-Number" => worker.number = number.map_or(0, |number| number.clamp(0.0, 1e9) as u32),
            "Actual-Rows" => worker.rows = number.unwrap_or(0.0),
            "Actual-Loops" => worker.loops = number.unwrap_or(0.0),
            "Actual-Total-Time" => worker.total_ms = number,
            // What a worker does in its node is in the sums of the node as well.
            "Actual-Startup-Time"
            | "JIT"
            | "Full-sort-Groups"
            | "Pre-sorted-Groups"
            | "Incremental-Sort-Groups"
            | "Index-Searches" => {}
            _ if space(&mut seen, key, value) => {}
            _ if buffers(&mut worker.buffers, key, value) || wal(&mut worker.wal, key, value) => {}
            _ => unknown(left, key, Some(node), *place),
        }
    }
    let details = settle(seen, kind);
    Worker {
        sort: details.sort,
        aggregation: details.aggregation,
        memoize: details.memoize,
        blocks: details.blocks,
        ..worker
    }
}

fn buffers(buffers: &mut Buffers, key: &str, value: &Value) -> bool {
    let field = match key {
        "Shared-Hit-Blocks" => &mut buffers.shared_hit,
        "Shared-Read-Blocks" => &mut buffers.shared_read,
        "Shared-Dirtied-Blocks" => &mut buffers.shared_dirtied,
        "Shared-Written-Blocks" => &mut buffers.shared_written,
        "Local-Hit-Blocks" => &mut buffers.local_hit,
        "Local-Read-Blocks" => &mut buffers.local_read,
        "Local-Dirtied-Blocks" => &mut buffers.local_dirtied,
        "Local-Written-Blocks" => &mut buffers.local_written,
        "Temp-Read-Blocks" => &mut buffers.temp_read,
        "Temp-Written-Blocks" => &mut buffers.temp_written,
        "I-O-Read-Time" | "Shared-I-O-Read-Time" => &mut buffers.read_ms,
        "I-O-Write-Time" | "Shared-I-O-Write-Time" => &mut buffers.write_ms,
        "Local-I-O-Read-Time" => &mut buffers.local_read_ms,
        "Local-I-O-Write-Time" => &mut buffers.local_write_ms,
        "Temp-I-O-Read-Time" => &mut buffers.temp_read_ms,
        "Temp-I-O-Write-Time" => &mut buffers.temp_write_ms,
        _ => return false,
    };
    *field = value.number().unwrap_or(0.0);
    true
}

fn wal(wal: &mut Wal, key: &str, value: &Value) -> bool {
    let field = match key {
        "WAL-Records" => &mut wal.records,
        "WAL-FPI" => &mut wal.full_pages,
        "WAL-Bytes" => &mut wal.bytes,
        "WAL-Buffers-Full" => &mut wal.buffers_full,
        _ => return false,
    };
    *field = value.number().unwrap_or(0.0);
    true
}

fn trigger(map: &Map) -> Trigger {
    let get = |key: &str| map.get(key);
    Trigger {
        name: get("Trigger-Name").map(name).unwrap_or_default(),
        constraint: get("Constraint-Name").map(name),
        relation: get("Relation").map(name),
        ms: get("Time").and_then(Value::number),
        calls: get("Calls").and_then(Value::number).unwrap_or(0.0),
    }
}

fn jit(map: &Map) -> Jit {
    let within = |group: &str, key: &str| map.get(group).and_then(Value::as_map).and_then(|map| map.get(key)).cloned();
    let is = |key: &str| within("Options", key).is_some_and(|value| value.is_true());
    // Since version 17 the time of generation is a group of its own in JSON.
    let ms = |key: &str| match within("Timing", key) {
        Some(Value::Map(inner)) => inner.get("Total").and_then(Value::number).unwrap_or(0.0),
        Some(value) => value.number().unwrap_or(0.0),
        None => 0.0,
    };
    Jit {
        functions: map.get("Functions").and_then(Value::number).unwrap_or(0.0),
        inlining: is("Inlining"),
        optimization: is("Optimization"),
        expressions: is("Expressions"),
        deforming: is("Deforming"),
        generation_ms: ms("Generation"),
        inlining_ms: ms("Inlining"),
        optimization_ms: ms("Optimization"),
        emission_ms: ms("Emission"),
        total_ms: ms("Total"),
    }
}
