//! A disk of a few megabytes that can be filled, as real as a full disk gets: a file system in memory, mounted for one test.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for a store and a mirror of a few requests.
const SIZE: &str = "size=16m";

/// What fills it.
const BALLAST: &str = "ballast";

/// A folder that is a disk of its own, until this is dropped.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Makes the folder.
    pub fn mount(folder: PathBuf) -> Self {
        std::fs::create_dir(&folder).expect("a new folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "breakglass-tests"]);
        let mounted = mount.arg(&folder).output().expect("mount is installed");
        assert!(
            mounted.status.success(),
            "a test of a full disk mounts a small one, which takes root and CAP_SYS_ADMIN: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Self(folder)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Not a byte more fits.
    pub fn fill(&self) {
        let mut ballast = File::create(self.0.join(BALLAST)).expect("room for a name");
        for size in [64 * 1024, 4096, 1] {
            let error = loop {
                if let Err(error) = ballast.write_all(&vec![1; size]) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
    }

    /// There is room again.
    pub fn free(&self) {
        std::fs::remove_file(self.0.join(BALLAST)).expect("it was full");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Also while somebody still has a file open there.
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        unmounted.expect("umount is installed");
    }
}
