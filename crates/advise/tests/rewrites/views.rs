//! Materialized views: what is proposed for queries, and that it answers them.

use advise::views::views;
use live::rewriting::{Outcome, same};
use live::testing;
use model::Placed;
use model::stats::Stats;
use read::sql::postgres::placed;

use crate::page;

const SCHEMA: &str = "
CREATE TABLE shops (id int PRIMARY KEY, city text);
CREATE TABLE sales (id int PRIMARY KEY, shop_id int REFERENCES shops, day date NOT NULL, total int);
CREATE TABLE secrets (id int, word text);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
";

/// The statements of each view and the queries that read it; both answer the same on a server.
fn check(queries: &[&str], expected: &[&str]) {
    let schema = page::schema(SCHEMA);
    let placed: Vec<Option<Placed>> = queries.iter().map(|query| placed(&schema, query)).collect();
    let proposals = views(&schema, &Stats::default(), &placed);
    let mut found = Vec::new();
    for proposal in &proposals {
        found.extend([proposal.sql.as_str(), &proposal.index, &proposal.refresh]);
        found.extend(proposal.queries.iter().map(|(_, offer)| offer.sql.as_str()));
    }
    assert_eq!(found, expected);
    let Some(lab) = testing::lab() else { return };
    let mut client = lab.connect(&testing::database(lab)).expect("it answers");
    client.batch_execute(SCHEMA).expect("it is sound");
    for proposal in &proposals {
        for (number, offer) in &proposal.queries {
            let query = placed[*number].as_ref().expect("it was read");
            let outcome = same(&mut client, &schema, queries[*number], &[&query.query], offer).expect("it answers");
            assert!(matches!(outcome, Outcome::Same { rows, .. } if rows > 0), "{}: {outcome:?}", offer.sql);
        }
        client.batch_execute(&format!("{} {} {}", proposal.sql, proposal.index, proposal.refresh)).expect("it works");
    }
}

#[test]
fn queries_over_the_same_groups_share_a_view() {
    check(
        &[
            "SELECT day, sum(total) AS total FROM sales WHERE total > 0 GROUP BY day ORDER BY total DESC NULLS LAST, day LIMIT 5",
            "SELECT count(*), day FROM sales  WHERE total > 0 GROUP BY day ORDER BY day OFFSET 1",
            "SELECT s.city, avg(x.total), min(x.day) AS since FROM sales x JOIN shops s ON s.id = x.shop_id GROUP BY s.city ORDER BY s.city",
            "SELECT shop_id, day, count(DISTINCT total) FROM sales GROUP BY shop_id, day ORDER BY 1, 2",
        ],
        &[
            "CREATE MATERIALIZED VIEW sales_by_day AS SELECT sales.day AS day, sum(sales.total) AS sum_total, count(*) AS count FROM sales WHERE total > 0 GROUP BY sales.day;",
            "CREATE UNIQUE INDEX ON sales_by_day (day);",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY sales_by_day;",
            "SELECT day, sum_total AS total FROM sales_by_day ORDER BY total DESC NULLS LAST, day LIMIT 5",
            "SELECT count, day FROM sales_by_day ORDER BY day OFFSET 1",
            "CREATE MATERIALIZED VIEW sales_by_city AS SELECT s.city AS city, avg(x.total) AS avg_total, min(x.day) AS min_day FROM sales x JOIN shops s ON s.id = x.shop_id GROUP BY s.city;",
            "CREATE UNIQUE INDEX ON sales_by_city (city);",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY sales_by_city;",
            "SELECT city, avg_total AS avg, min_day AS since FROM sales_by_city ORDER BY city",
            "CREATE MATERIALIZED VIEW sales_by_shop_id_and_day AS SELECT sales.shop_id AS shop_id, sales.day AS day, count(DISTINCT sales.total) AS count_total FROM sales GROUP BY sales.shop_id, sales.day;",
            "CREATE UNIQUE INDEX ON sales_by_shop_id_and_day (shop_id, day);",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY sales_by_shop_id_and_day;",
            "SELECT shop_id, day, count_total AS count FROM sales_by_shop_id_and_day ORDER BY 1, 2",
        ],
    );
}

#[test]
fn what_changes_or_is_not_for_everybody_has_no_view() {
    check(
        &[
            "SELECT day, sum(total) FROM sales WHERE shop_id = $1 GROUP BY day",
            "SELECT day, sum(total) FROM sales WHERE day > current_date - 7 GROUP BY day",
            "SELECT day, sum(total) FROM sales WHERE total > random() GROUP BY day",
            "SELECT word, count(*) FROM secrets GROUP BY word",
            "SELECT day, sum(total) FROM sales GROUP BY day HAVING sum(total) > 1",
            "SELECT sum(total) FROM sales",
            "SELECT day, array_agg(total) FROM sales GROUP BY day",
        ],
        &[],
    );
}
