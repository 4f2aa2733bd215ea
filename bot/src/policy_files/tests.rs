use std::fs;

use super::*;

fn names(files: &[SourceFile]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn included_files_are_read_once_and_named_from_the_main_file() {
    let folder = folder(&[
        (
            "policy.toml",
            "version = 1\ninclude = ['people/*.toml', 'people/b.toml', '*.toml']",
        ),
        ("people/b.toml", ""),
        ("people/a.toml", ""),
        ("people/notes.txt", ""),
    ]);
    let files = read(&folder.path().join("policy.toml")).unwrap();
    assert_eq!(
        names(&files),
        ["policy.toml", "people/a.toml", "people/b.toml"]
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = folder(&[("policy.toml", "version = 1\ninclude = ['people.toml']")]);
    let error = read(&folder.path().join("policy.toml")).unwrap_err();
    assert!(error.to_string().ends_with("people.toml"), "{error}");
    assert!(error.lines()[0].starts_with("No such file"), "{error:?}");
}

#[test]
fn a_change_is_told_once_when_it_has_settled() {
    let folder = folder(&[("policy.toml", "version = 1\n")]);
    let main = folder.path().join("policy.toml");
    let mut watch = PolicyWatch::new(main.clone());
    assert!(watch.look().is_none());

    fs::write(&main, "versio").unwrap();
    assert!(watch.look().is_none(), "it may be half written");
    fs::write(&main, "version = 1\ntimezone = 'Europe/Stockholm'\n").unwrap();
    assert!(watch.look().is_none());
    let policy = watch.look().unwrap().unwrap();
    assert_eq!(policy.timezone().name(), "Europe/Stockholm");
    assert!(watch.look().is_none());
}

#[test]
fn a_bad_version_is_told_once_and_a_good_one_after_it() {
    let folder = folder(&[("policy.toml", "version = 1\n")]);
    let main = folder.path().join("policy.toml");
    let mut watch = PolicyWatch::new(main.clone());
    fs::remove_file(&main).unwrap();
    assert!(watch.look().is_none());
    assert!(matches!(
        watch.look(),
        Some(Err(PolicyError::Unreadable { .. }))
    ));
    assert!(watch.look().is_none());
    fs::write(&main, "version = 1\nincident_patern = 'x'").unwrap();
    assert!(watch.look().is_none());
    let Some(Err(error)) = watch.look() else {
        panic!("accepted")
    };
    let text = Trouble::from(error).to_string();
    assert!(
        text.contains(
            "policy.toml:2:1: incident_patern: unknown key; did you mean incident_pattern?"
        ),
        "{text}"
    );
    fs::write(&main, "version = 1\n").unwrap();
    assert!(watch.look().is_none());
    assert!(watch.look().unwrap().is_ok());
}
