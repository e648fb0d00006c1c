//! The database is already where the plan leads: the books learn of it, and nothing is run.

use super::book::Book;
use super::event::Watch;
use super::session::Session;
use super::{Job, Options, shape};
use crate::{Error, Target};

pub fn baseline(target: &Target, job: Job<'_>, options: &Options, watch: &mut dyn Watch) -> Result<(), Error> {
    let mut session = Session::open(target, job.namespace, watch)?;
    let mut book = Book::open(&mut session.worker, job)?;
    let is = shape::of(&mut session)?;
    if is != job.plan.to && !options.force {
        return Err(Error::refused(
            format!("the database is not where the plan leads: its shape is {is}, not {}", job.plan.to),
            "See what is missing: palladio diff URL TARGET; or say that it is as it should be: --force",
        ));
    }
    let mut transaction = session.worker.transaction()?;
    book.register(&mut transaction, job.plan)?;
    for (index, step) in job.plan.steps.iter().enumerate() {
        if !book.is_done(index + 1) {
            book.finish(&mut transaction, index + 1, step)?;
        }
    }
    book.close(&mut transaction)?;
    transaction.commit()?;
    Ok(())
}
