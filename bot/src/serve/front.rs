//! Threads of their own for what nobody may wait for: taking in what people do, and writing down.
//!
//! Whatever is being carried out takes its turns among the other threads. Where all of those are busy, these are still
//! quick, as the operating system gives them their share.

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};

/// While one of them decides what is to be written, which takes long by a policy with thousands of rules, the other takes in.
const THREADS: usize = 2;

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
