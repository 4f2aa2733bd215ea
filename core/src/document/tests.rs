use super::*;
use crate::time::Length;

fn check(text: &str, read: impl FnOnce(Table<'_>), faults: &str) {
    let document = Document::parse("a.toml", text);
    read(document.root());
    assert_eq!(document.finish().to_string(), faults);
}

#[test]
fn what_is_asked_for_is_given() {
    check(
        "name = 'x'\ncount = 0x10\nopen = true\nlasts = '1h30m'\nat = 2026-03-02T02:14:00Z\n\
         [[door]]\nkey = 'k'\n",
        |root| {
            assert_eq!(root.get("name").string().as_deref(), Some("x"));
            assert_eq!(root.get("count").integer(1..=20_u8), Some(16));
            assert_eq!(root.get("open").bool(), Some(true));
            assert_eq!(root.get("lasts").length(), Some(Length::from_mins(90)));
            assert_eq!(
                root.get("at")
                    .instant()
                    .map(crate::time::Timestamp::seconds),
                Some(1_772_417_640)
            );
            let doors = root.get("door").tables();
            assert_eq!(doors[0].get("key").string().as_deref(), Some("k"));
            assert!(root.get("absent").string().is_none());
        },
        "",
    );
}

#[test]
fn an_unknown_key_names_the_nearest_that_is_free() {
    check(
        "[[rule]]\nid = 'a'\n[[rule]]\n  id = 'b'\n  max_duraton = '1h'\n  zebra = 1\n",
        |root| {
            for rule in root.get("rule").tables() {
                rule.need("id");
                rule.get("max_duration");
            }
        },
        "a.toml:5:3: rule[1].max_duraton: unknown key; did you mean max_duration?\n\
         a.toml:6:3: rule[1].zebra: unknown key\n",
    );
}

#[test]
fn a_missing_key_is_told_where_its_table_begins() {
    check(
        "a = 1\n[[rule]]\n",
        |root| {
            root.get("a");
            root.get("rule").tables()[0].need("id");
        },
        "a.toml:2:1: rule[0].id: required key is missing\n",
    );
}

#[test]
fn wrong_values_are_told_where_they_stand() {
    check(
        "a = 1\nb = 'x'\nc = 300\nd = '30 min'\ne = ['1h', 2]\nf = 'emergncy'\ng = '25h'\nh = 1.5\n",
        |root| {
            assert!(root.get("a").string().is_none());
            assert!(root.get("b").bool().is_none());
            assert!(root.get("c").integer(1..=10_u8).is_none());
            assert!(root.get("d").length().is_none());
            assert_eq!(root.get("e").list::<Length>().unwrap().len(), 1);
            assert!(
                root.get("f")
                    .one_of(&[("emergency", 1), ("planned", 2)])
                    .is_none()
            );
            let day = Length::from_secs(86_400);
            assert!(
                root.get("g")
                    .length_in(Length::from_secs(1)..=day)
                    .is_none()
            );
            assert!(root.get("h").integer(0..=9_i64).is_none());
        },
        "a.toml:1:5: a: must be a text in quotes, not a whole number\n\
         a.toml:2:5: b: must be true or false, not a text\n\
         a.toml:3:5: c: must be 1 to 10\n\
         a.toml:4:5: d: \"30 min\": write a duration like 90s, 30m or 1h30m\n\
         a.toml:5:12: e[1]: must be a text in quotes, not a whole number\n\
         a.toml:6:5: f: \"emergncy\" is not one of emergency, planned; did you mean emergency?\n\
         a.toml:7:5: g: 25 h is not within 1 s and 24 h\n\
         a.toml:8:5: h: must be a whole number, not a number with a point\n",
    );
}

#[test]
fn faults_of_syntax_come_together_with_the_others() {
    check(
        "a = 30m\nb = 'x'\nb = 'y'\nå = 1\n'ö' = 2 3\n",
        |root| {
            root.get("a");
            root.get("b");
        },
        "a.toml:1:5: string values must be quoted, expected literal string\n\
         a.toml:3:1: duplicate key\n\
         a.toml:4:1: invalid unquoted key, expected letters, numbers, `-`, `_`\n\
         a.toml:4:1: \"å\": unknown key\n\
         a.toml:5:1: \"ö\": unknown key\n\
         a.toml:5:7: string values must be quoted, expected literal string\n",
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*", toml in "([a-c]|[ =\\[\\]'\".,{}\n]|é|1){0,40}") {
        for text in [text, toml] {
            let document = Document::parse("x", &text);
            let root = document.root();
            for key in root.keys() {
                let field = root.get(key);
                field.string();
                field.tables();
            }
            drop(root);
            document.finish();
        }
    }
}
