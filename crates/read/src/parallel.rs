//! The same work for each of many things, on all processors.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

/// So many small things are done in the time that a thread takes to start.
const FEW: usize = 16;

/// How many threads can work at once. The system reads several files to tell, so it is asked once.
pub fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// What `work` makes of each item, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let share = items.len().div_ceil(threads()).max(FEW);
    if items.len() <= share {
        return items.iter().map(work).collect();
    }
    thread::scope(|scope| {
        let do_part = |part: &[T]| part.iter().map(&work).collect::<Vec<R>>();
        let (mine, others) = items.split_at(share);
        let running: Vec<_> = others.chunks(share).map(|part| scope.spawn(move || do_part(part))).collect();
        let mut done = do_part(mine);
        for part in running {
            done.extend(part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    })
}
