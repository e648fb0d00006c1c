//! Every page on a server.

use std::env;

use advise::rewrite::{self, Offer, RULES};
use live::rewriting::{Outcome, same};
use live::testing;
use model::{Placed, Query, Schema};
use read::sql::postgres::placed;

use crate::page::{self, Page};

/// What the rule of the page offers for a query.
fn offers(rule: &str, schema: &Schema, statements: &[Placed]) -> Vec<Offer> {
    if rule == rewrite::ONE_INSERT {
        return rewrite::one_insert(schema, statements).into_iter().collect();
    }
    let found = statements.iter().flat_map(|statement| rewrite::offers(schema, statement));
    found.filter(|offer| offer.rule == rule).collect()
}

fn statements(schema: &Schema, sql: &str) -> Vec<Placed> {
    let each = sql.split(";\n").map(|statement| placed(schema, statement));
    each.collect::<Option<_>>().unwrap_or_else(|| panic!("{sql}"))
}

#[test]
fn every_rule_has_its_page() {
    let pages: Vec<String> = page::all().iter().map(Page::name).collect();
    let mut rules: Vec<&str> = RULES.iter().map(|rule| rule.name).chain([rewrite::ONE_INSERT]).collect();
    rules.sort_unstable();
    assert_eq!(pages, rules);
    for page in page::all() {
        let (from, kept) = (page.blocks("from").len(), page.blocks("kept").len());
        assert!(from >= 5 && kept >= 3, "{}: {from} examples and {kept} that are kept", page.name());
    }
}

#[test]
fn pages_say_what_is_offered() {
    let mut wrong = Vec::new();
    for mut page in page::all() {
        let schema = page::schema(&page.blocks("schema").join("\n"));
        let queries: Vec<String> = page.blocks("from").into_iter().map(str::to_owned).collect();
        for from in queries {
            let found = offers(&page.name(), &schema, &statements(&schema, &from));
            let Some(offer) = found.first() else {
                wrong.push(format!("{}: nothing is offered for {from}", page.name()));
                continue;
            };
            match page.to(&from) {
                Some(to) if to == offer.sql => {}
                _ if env::var_os("UPDATE").is_some() => page.write(&from, &offer.sql),
                to => wrong.push(format!("{}: {from}\n{}\nand not {to:?}", page.name(), offer.sql)),
            }
        }
        for kept in page.blocks("kept") {
            for offer in offers(&page.name(), &schema, &statements(&schema, kept)) {
                wrong.push(format!("{}: {kept}\nis not kept: {}", page.name(), offer.sql));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_offer_does_the_same() {
    let mut wrong = Vec::new();
    for major in testing::majors() {
        let Some(lab) = testing::own(&live::lab::Options::version(major)) else { return };
        let (mut shown, mut compared) = (0, 0);
        for page in page::all() {
            let script = page.blocks("schema").join("\n");
            let schema = page::schema(&script);
            let mut client = lab.connect(&testing::database(&lab)).expect("it answers");
            client.batch_execute(&script).expect("the schema is sound");
            for from in page.blocks("from") {
                let statements = statements(&schema, from);
                let queries: Vec<&Query> = statements.iter().map(|statement| &statement.query).collect();
                for offer in offers(&page.name(), &schema, &statements) {
                    if offer.proof == rewrite::Proof::None {
                        client.simple_query(&offer.sql).expect("the server takes it");
                        continue;
                    }
                    let outcome = same(&mut client, &schema, from, &queries, &offer).expect("the server answers");
                    match outcome {
                        Outcome::Same { compared: sets, rows } if sets > 3 && rows > 0 => {
                            shown += 1;
                            compared += sets;
                        }
                        other => wrong.push(format!("{} on {major}: {from}\n{}\n{other:?}", page.name(), offer.sql)),
                    }
                }
            }
            for kept in page.blocks("kept") {
                for statement in kept.split(";\n") {
                    if let Err(error) = client.prepare(statement) {
                        wrong.push(format!("{}: {statement}: {error:?}", page.name()));
                    }
                }
            }
        }
        println!("PostgreSQL {major}: {shown} offers, compared on {compared} sets of rows");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
