//! What is printed means the same to PostgreSQL: each expression goes into a view twice, as written and as printed,
//! and the server's own text of both must be one.

use super::super::super::testing::psql::{compare, lines};
use super::canonical;

const SETUP: &str = "
    CREATE TYPE pg_temp.pair AS (l int, r int);
    CREATE TEMP SEQUENCE s;
    CREATE TEMP TABLE t (
        a int, b int, c int, n numeric, f double precision, x text, y text, z varchar(10), bp char(5), p bool, q bool,
        ts timestamp, tz timestamptz, d date, tm time, iv interval, arr int[], arr2 int[], words text[], j jsonb,
        js json, u uuid, bits bit varying, raw bytea, co pg_temp.pair, r int4range, pt point, xm xml
    );
";

const EXPRESSIONS: &str = r#"
a + b * c - 1
(a + b) * -c
- a
- (- a)
-a ^ 2
-2 ^ 2
- 2::int
2 - -1
@ a + b
@ (a - b) * c
a - (b - c) - a
a / b / c
a % 2 = 0
2 ^ 3 ^ 2
a & b | c # 1
~ a
a << 2 >> 1
a < b
a != b
NOT a = b
NOT p AND q OR NOT (p OR q)
p AND (q AND p)
(p OR q) OR p
(p AND q) = (p OR q)
p = q IS NULL
(a = b) IS NOT TRUE
a IS DISTINCT FROM b + 1
a IS NOT DISTINCT FROM b
x IS NULL AND y NOTNULL
p IS UNKNOWN
a BETWEEN 1 AND 2 + 3
a NOT BETWEEN SYMMETRIC b AND c AND p
a + 1 BETWEEN b AND c
-a BETWEEN 1 AND 2
a * b BETWEEN -1 AND 2 * 3
x || y BETWEEN 'a' AND 'b' || 'c'
-a IN (1, 2)
- a IS NULL
@ a = 1
a BETWEEN 1 AND 2 = p
NOT a BETWEEN 1 AND 2 AND p
- a - b * - c
- a ^ 2 + @ a * 2
a - - a || x
p = (a BETWEEN 1 AND 2)
a IN (1, 2, b)
a IN (1)
a NOT IN (1, 2)
x IN ('a', 'b')
x || y LIKE '%' || z
x NOT LIKE 'a!%' ESCAPE '!'
x ILIKE ANY (ARRAY['a', 'b'])
x NOT ILIKE ALL (words)
x SIMILAR TO 'a|b'
x NOT SIMILAR TO 'a' ESCAPE '!'
x ~ '^a' AND x !~* 'b'
x ~~ 'a' OR x !~~* 'b'
x < y COLLATE "C"
(x || y) COLLATE "C" < z
a = ANY (arr)
a <> ALL (arr || arr2)
a < SOME (ARRAY[1, 2])
arr @> ARRAY[1] AND arr && arr2
arr[1]
arr[a + 1] + 1
(arr || arr2)[1]
arr[1:2]
arr[:2]
(co).l + (co).r
ARRAY[1, a, b]
ARRAY[[1, 2], [3, 4]]
ARRAY[]::int[]
ARRAY(SELECT 1)
ROW(a, b) = ROW(1, 2)
(a, b) < (b, c)
(ts, iv) OVERLAPS (ts, iv)
(a, b) IN ((1, 2), (3, 4))
CASE WHEN p THEN 1 WHEN q THEN 2 ELSE 3 END
CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'two' END
CASE WHEN p THEN a END + 1
x::int
CAST(x AS numeric(10, 2))
x::varchar
x::varchar(3)
x::char(3)
x::char
x::bpchar
x::"char"
a::float
a::float(24)
a::double precision
n::decimal(5)
ts::timestamptz(3)
ts::timestamp(0) without time zone
tz::time with time zone
iv::interval day to second(2)
iv::interval(3)
interval '1 day 2 hours'
interval '1' year
interval '1-2' year to month
interval(2) '1.234 s'
date '2020-01-01' + 1
timestamp '2020-01-01 10:00'
timestamp with time zone '2020-01-01 10:00+00'
time '10:00'
char 'abc'
bit '101'
B'101'
X'1F'
bits || B'1'
N'x'
E'a\tb\\c\'d'
U&'d\0061t\+000061'
$$it's$$
'a' 
'\xDEADBEEF'::bytea
1e10
.5
123456789012345678901234567890
ts AT TIME ZONE 'UTC'
tz AT TIME ZONE 'Europe/' || 'Berlin'
(tz AT TIME ZONE 'UTC')::date
ts + iv * 2
x || y || z
x || (y || z)
a || x
j -> 'a' ->> 'b'
j #>> '{a,b}' = 'c'
j -> 'a' -> 0 ->> 'b' LIKE 'c%'
j @> '{"a": 1}' AND j ? 'k' AND j ?| words
j - 'a' - 'b'
(j ->> 'a')::int + 1
j['a']
j @? '$.a'
length(x) > 3
lower(x) = upper(y)
coalesce(a, b, 0)
nullif(x, '')
greatest(a, b) + least(a, b)
left(x, 2) || right(x, 2)
now() - tz > interval '1 hour'
pg_catalog.now()
current_timestamp
current_timestamp(3)
current_date - d
localtimestamp
localtime(0)
current_user
session_user
user
current_schema
current_schema()
current_catalog
extract(year FROM ts)
extract('epoch' FROM iv)
date_part('year', ts)
substring(x FROM 2 FOR 3)
substring(x FROM 2)
substring(x FOR 2)
substring(x, 2, 3)
substring(x SIMILAR 'a' ESCAPE '!')
position('a' IN x) > 0
trim(x)
trim(both 'a' from x)
trim(leading from x)
trim(x, 'a')
overlay(x placing 'b' from 2 for 1)
overlay(x placing 'b' from 2)
normalize(x, NFC)
x IS NFC NORMALIZED
x IS NOT NORMALIZED
collation for (x)
xmlelement(name foo, xmlattributes(x as bar), y)
xmlforest(x, y as z)
xmlconcat(xm, xm)
xm IS DOCUMENT
xmlparse(document x)
xmlserialize(content xm as text)
xmlexists('//a' passing by value xm)
make_interval(days => a)
make_interval(1, months := 2)
format('%s', VARIADIC words)
concat_ws(',', x, y)
sum(a) OVER (PARTITION BY b ORDER BY c DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
row_number() OVER ()
lag(a, 1) OVER (ORDER BY b)
EXISTS (SELECT 1 FROM t AS o WHERE o.a = t.b)
(SELECT max(o.a) FROM t AS o)
a IN (SELECT o.b FROM t o)
a NOT IN (SELECT b FROM t)
a = ANY (SELECT b FROM t)
(a, b) IN (SELECT b, c FROM t)
a < ALL (SELECT b FROM t)
a > (SELECT count(*) FROM t o WHERE o.x LIKE 'a%' AND o.y = t.y)
ARRAY(SELECT o.a FROM t o ORDER BY o.a DESC)
t.a
t.*::text
nextval('s')
nextval('s'::regclass)
's'::regclass::oid
a OPERATOR(pg_catalog.+) b * c
r @> 3 AND r && int4range(1, 5)
pt <-> point '(1,2)'
|/ f
a IS NOT NULL = p
NOT p IS NULL
NOT (x = 'a') IS TRUE
- a * b
- (a * b)
a - - b
p::int::text
(a > b)::int
(-1)::int
-1::int
(NOT p)::text
(a + b)::text || 'x'
(CASE WHEN p THEN a END)::text
u = gen_random_uuid()
jsonb_build_object('a', a, 'b', ARRAY[a])
string_to_array(x, ',') @> ARRAY[y]
x ^@ y
x COLLATE "C" LIKE 'a%'
x LIKE y COLLATE "C"
a = b AND b = c OR c = a AND NOT a = c
a < b AND b BETWEEN 1 AND 3 AND c IN (1, 2) OR x LIKE 'a' AND y IS NULL
"#;

/// These stand where rows are grouped.
const AGGREGATES: &str = r#"
count(*)
count(DISTINCT a)
sum(a) FILTER (WHERE p AND b > 1)
array_agg(a ORDER BY b DESC, c)
string_agg(DISTINCT x, ',' ORDER BY x)
string_agg(x, ',') FILTER (WHERE x <> '')
percentile_cont(0.5) WITHIN GROUP (ORDER BY f)
count(t.*)
max(a) + 1
"#;

#[test]
fn postgres_reads_what_is_printed_as_the_same() {
    let view = |sql: &str| format!("SELECT {sql} AS value FROM t");
    let texts = lines(EXPRESSIONS).chain(lines(AGGREGATES)).map(|text| (view(text), view(&canonical(text))));
    compare(SETUP, &texts.collect::<Vec<_>>(), |_| None);
}
