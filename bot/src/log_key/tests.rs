use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn log(folder: &Path) -> LogConfig {
    LogConfig {
        origin: "breakglass.example.com/log".to_owned(),
        key_file: folder.join("log.key"),
        checkpoint_file: folder.join("checkpoint"),
    }
}

#[test]
fn a_key_is_made_once_for_an_empty_log_and_read_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path());
    let made = read_or_make(&log, LogIs::Empty).unwrap();
    assert_eq!(fs::metadata(&log.key_file).unwrap().mode() & 0o777, 0o600);
    for is in [LogIs::Empty, LogIs::Written] {
        assert_eq!(
            read_or_make(&log, is).unwrap().verifying_key(),
            made.verifying_key()
        );
    }
}

#[test]
fn a_log_with_records_never_gets_a_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let error = read_or_make(&log(folder.path()), LogIs::Written).unwrap_err();
    assert!(matches!(error, LogKeyError::Missing(_)));
    assert!(!folder.path().join("log.key").exists());
    assert!(
        Trouble::from(error)
            .to_string()
            .contains("Put the key back from its backup")
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path());
    read_or_make(&log, LogIs::Empty).unwrap();
    fs::set_permissions(&log.key_file, fs::Permissions::from_mode(0o640)).unwrap();
    let error = read(&log).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("can be read by others (mode 640)"),
        "{error}"
    );
}

#[test]
fn the_key_of_another_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path());
    read_or_make(&log, LogIs::Empty).unwrap();
    let other = LogConfig {
        origin: "other.example.com/log".to_owned(),
        ..log
    };
    assert!(matches!(read(&other), Err(LogKeyError::Origin { .. })));
}

#[test]
fn what_is_no_key_is_refused_and_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path());
    read_or_make(&log, LogIs::Empty).unwrap();
    fs::write(&log.key_file, "PRIVATE+KEY+canary").unwrap();
    let error = read(&log).unwrap_err();
    assert!(matches!(error, LogKeyError::Malformed(_)));
    assert!(!Trouble::from(error).to_string().contains("canary"));
}
