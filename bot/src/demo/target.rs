//! The demo's targets: a program that the `command` provisioner runs like any other. What is held is a file
//! in a folder, so that it can be looked at while it is there.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;

/// What the program answers with, as `docs/command.md` says.
const REFUSED: u8 = 20;

/// One call of the program.
#[derive(Debug)]
pub struct DemoTarget {
    /// Where the holdings are.
    pub folder: PathBuf,
    /// `provision`, `deprovision`, `inspect` or `list`.
    pub action: String,
}

#[derive(Deserialize)]
struct Input {
    provisioner: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    entitlement: String,
    #[serde(default)]
    request: Option<String>,
}

impl DemoTarget {
    /// Does it; gives what goes to stdout and the exit code.
    pub fn run(&self, stdin: &mut impl std::io::Read) -> (String, u8) {
        let mut text = String::new();
        let read = stdin.take(64 * 1024).read_to_string(&mut text);
        let input: Input = match read.map_err(|e| e.to_string()).and_then(|_| parse(&text)) {
            Ok(input) => input,
            Err(why) => return (why, REFUSED),
        };
        let file = self.file(&input);
        match self.act(&file, &input) {
            Ok(answer) => (answer, 0),
            Err(error) => (error.to_string(), REFUSED),
        }
    }

    fn act(&self, file: &Path, input: &Input) -> std::io::Result<String> {
        match self.action.as_str() {
            "provision" => {
                let request = input.request.as_deref().unwrap_or("");
                std::fs::write(file, format!("{request}\n"))?;
                Ok(String::new())
            }
            "deprovision" => match std::fs::remove_file(file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
                done => done.map(|()| String::new()),
            },
            "inspect" => {
                let ours = if file.exists() { "present" } else { "absent" };
                Ok(format!("{{\"ours\":\"{ours}\",\"foreign\":[]}}\n"))
            }
            "list" => self.list(&input.provisioner),
            other => Err(std::io::Error::other(format!("no action {other}"))),
        }
    }

    /// All that is held there.
    fn list(&self, provisioner: &str) -> std::io::Result<String> {
        let mut ours = Vec::new();
        for file in std::fs::read_dir(&self.folder)? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if let [of, account, entitlement] = name.split('.').collect::<Vec<_>>()[..]
                && of == provisioner
            {
                ours.push(json!({ "account": account, "entitlement": entitlement }));
            }
        }
        Ok(format!("{}\n", json!({ "ours": ours, "foreign": [] })))
    }

    /// Names are ids of the demo's own policy; anything else in them is made harmless.
    fn file(&self, input: &Input) -> PathBuf {
        let plain =
            |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-");
        let name = [&input.provisioner, &input.account, &input.entitlement].map(|part| plain(part));
        self.folder.join(name.join("."))
    }
}

fn parse(text: &str) -> Result<Input, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
