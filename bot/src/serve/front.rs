//! A thread of its own for what nobody may wait for: taking in what people do, and writing down.
//!
//! Whatever is being carried out takes its turns among the other threads. Where all of those are busy, this one is still
//! quick, as the operating system gives it its share.

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};

/// That thread, with a runtime. What runs there ends with it.
#[derive(Debug)]
pub(super) struct Front {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Front {
    pub(super) fn open() -> anyhow::Result<Self> {
        let mut thread = Builder::new_multi_thread();
        let runtime = thread
            .worker_threads(1)
            .thread_name("front")
            .enable_all()
            .build()
            .context("can't start a thread")?;
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
