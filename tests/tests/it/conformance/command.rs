//! The program of our documentation as a target: doors, which are files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use breakglass_core::document::Document;
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::Provisioner;
use breakglass_provisioners::Kind;
use tempfile::TempDir;

use super::Stage;

/// Runs the program, then waits as long as there is a file that says so.
const PROGRAM: &str = "\"$0\" \"$@\"; code=$?; [ ! -e \"$DOORS.muted\" ] || sleep 600; exit $code";

pub(crate) struct Doors {
    directory: TempDir,
    provisioner: Arc<dyn Provisioner>,
}

impl Doors {
    fn doors(&self) -> PathBuf {
        self.directory.path().join("doors")
    }

    fn door(&self, holding: &HoldingId) -> PathBuf {
        self.doors()
            .join(format!("{}:{}", holding.account, holding.entitlement))
    }

    fn standing(&self) -> PathBuf {
        self.doors().join("maya:server-room:standing")
    }
}

fn build(doors: &Path) -> Arc<dyn Provisioner> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/example/provisioner.sh");
    let keys = format!(
        "kind = 'command'\nprogram = ['/bin/sh', '-c', '{PROGRAM}', '{}']\ntimeout = '2s'\nlists = true\n\
         env = {{ DOORS = '{}' }}\n",
        script.display(),
        doors.display()
    );
    let document = Document::parse("breakglass.toml", &keys);
    let kind = Kind::read(&document.root(), doors.parent().unwrap());
    assert_eq!(document.finish().to_string(), "");
    kind.unwrap().build()
}

impl Stage for Doors {
    async fn create() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let doors = directory.path().join("doors");
        std::fs::create_dir(&doors).unwrap();
        Self {
            provisioner: build(&doors),
            directory,
        }
    }

    fn provisioner(&self) -> &dyn Provisioner {
        &*self.provisioner
    }

    fn holding(&self) -> HoldingId {
        HoldingId {
            provisioner: "doors".parse().unwrap(),
            account: "maya".into(),
            entitlement: "server-room".into(),
        }
    }

    fn other(&self) -> HoldingId {
        HoldingId {
            entitlement: "roof".into(),
            ..self.holding()
        }
    }

    async fn has(&mut self, holding: &HoldingId) -> bool {
        self.door(holding).exists() || (*holding == self.holding() && self.standing().exists())
    }

    async fn give_standing(&mut self) {
        std::fs::write(self.standing(), "").unwrap();
    }

    async fn fall_silent(&mut self) {
        std::fs::write(self.directory.path().join("doors.muted"), "").unwrap();
    }

    async fn speak_again(&mut self) {
        std::fs::remove_file(self.directory.path().join("doors.muted")).unwrap();
    }

    async fn away(&self) -> Arc<dyn Provisioner> {
        build(&self.directory.path().join("nowhere"))
    }
}
