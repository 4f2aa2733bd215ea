//! Threads of their own for what nobody may wait for: taking in what people do, and writing down.
//!
//! Whatever is being carried out takes its turns among the other threads. Where all of those are busy, these are still
//! quick: the operating system gives them their share, and lets them go first.

use anyhow::Context as _;
use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Handle, Runtime};

/// While one of them decides what is to be written, which takes long by a policy with thousands of rules, the other takes in.
const THREADS: usize = 2;

/// How much nicer the other threads are (`nice`, of 19 at most): beside a front thread, one of them gets a third of its time. What
/// takes access away is carried out there too, so it isn't more.
///
/// <https://man7.org/linux/man-pages/man7/sched.7.html>, on how the nice value weighs
const NICER: i32 = 5;

/// The threads that carry out, for everything that isn't in front. On Linux each thread has a nice value of its own.
pub(crate) fn threads() -> anyhow::Result<Runtime> {
    let nice = getpriority_process(None).context("can't read how nice this process is")?;
    Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(move || {
            if let Err(error) = setpriority_process(None, nice + NICER) {
                tracing::warn!(%error, "a thread couldn't be made to let others go first");
            }
        })
        .build()
        .context("can't start threads")
}

/// Those threads, with a runtime. What runs there ends with it.
#[derive(Debug)]
pub(super) struct Front {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Front {
    pub(super) fn open() -> anyhow::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        let runtime = threads
            .worker_threads(THREADS)
            .thread_name("front")
            .enable_all()
            .build()
            .context("can't start threads")?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // Waiting for it isn't allowed where other tasks run.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::{Front, NICER, threads};

    #[test]
    fn what_is_in_front_and_what_it_starts_goes_before_what_carries_out() {
        let nice = || getpriority_process(None).unwrap();
        let (behind, front, ours) = (threads().unwrap(), Front::open().unwrap(), nice());
        let started = async move { std::thread::spawn(nice).join().unwrap() };
        let of_front = behind.block_on(front.handle().spawn(started)).unwrap();
        assert_eq!(of_front, ours);
        let of_others = behind.block_on(behind.spawn(async move { nice() }));
        assert_eq!(of_others.unwrap(), (ours + NICER).min(19));
    }
}
