//! Every page on every server.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use live::lab::Options;
use live::testing;

use crate::page::pages;
use crate::{proof, runner};

#[test]
fn every_page_is_proven_and_run() {
    let pages = pages();
    let mut wrong = Vec::new();
    for major in testing::majors() {
        let Some(lab) = testing::own(&Options::version(major)) else { return };
        let started = Instant::now();
        let own: Vec<_> = pages.iter().filter(|page| page.since() <= major).collect();
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(page) = own.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut said = proof::check(page, &lab);
                        if said.is_empty() {
                            said = runner::check(page, &lab);
                        }
                        if !said.is_empty() {
                            let said = format!("{} on {major}:\n{}", page.name(), said.join("\n"));
                            found.lock().expect("no worker panics with it").push(said);
                        }
                    }
                });
            }
        });
        let mut found = found.into_inner().expect("no worker panics with it");
        found.sort();
        wrong.extend(found);
        println!("PostgreSQL {major}: {} pages in {:.1} s", own.len(), started.elapsed().as_secs_f64());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
