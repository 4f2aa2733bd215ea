use crate::policy::Policy;
use crate::policy::tests::file;

/// 19 lines, so that what a test adds begins on line 20.
const BASE: &str = "\
version = 1
person = [
  { id = 'ann', email = 'ann@example.com', slack = 'U1', discord = '1', accounts = { pg = 'ann' } },
  { id = 'bea', email = 'bea@example.com', slack = 'U2' },
  { id = 'cy', employment = 'contractor' },
  { id = 'guy', guest = true },
]
group = [
  { id = 'ops', members = ['ann', 'cy'] },
  { id = 'sec', members = ['bea', 'guy'] },
  { id = 'chat', slack_usergroup = 'S1' },
]
target = [
  { id = 'db', sensitivity = 'high', provisioner = 'pg', owners = ['group:sec'], roles = [
    { id = 'read', grants = 'r' }, { id = 'write', grants = 'w' } ] },
  { id = 'dev', sensitivity = 'low', provisioner = 'pg', roles = [{ id = 'write', grants = 'w' }] },
]
[defaults]
reviewers = ['group:sec']
";

fn found(more: &str) -> (String, String) {
    match Policy::parse(&[file("p", &format!("{BASE}{more}"))]) {
        Ok(policy) => {
            let warnings: Vec<_> = policy.warnings().iter().map(|w| format!("{w}\n")).collect();
            (String::new(), warnings.concat())
        }
        Err(faults) => (faults.to_string(), String::new()),
    }
}

fn check(more: &str, errors: &str) {
    let (found, _) = found(more);
    assert_eq!(found, errors, "{more}");
}

/// A rule with these keys, beside those that it must have and the keys don't give.
fn rule(keys: &str) -> String {
    let usual = [
        ("id", "'r'"),
        ("who", "['group:ops']"),
        ("roles", "['db/read']"),
        ("approvals", "[{ from = ['group:sec'], count = 1 }]"),
    ];
    let usual = usual
        .iter()
        .filter(|(key, _)| !keys.contains(&format!("{key} = ")));
    let usual: Vec<_> = usual
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    format!("[[rule]]\n{keys}\n{}", usual.concat())
}

#[test]
fn the_base_is_sound() {
    assert_eq!(found(&rule("")), (String::new(), String::new()));
}

#[test]
fn names_that_stand_for_nothing() {
    check(
        &rule("who = ['person:an', 'group:opps', 'everybody', 'employment:freelance']"),
        "p:21:8: rule[0].who[0]: there is no person an; did you mean ann?\n\
         p:21:21: rule[0].who[1]: there is no group opps; did you mean ops?\n\
         p:21:35: rule[0].who[2]: \"everybody\": a selector is person:ID, group:ID, \
         employment:employee, employment:contractor, owners-of-target or everyone\n\
         p:21:48: rule[0].who[3]: \"employment:freelance\": a selector is person:ID, group:ID, \
         employment:employee, employment:contractor, owners-of-target or everyone\n",
    );
    check(
        &rule("roles = ['db/reed', 'bd/read', '*/admin', 'devv/*', 'db']"),
        "p:21:10: rule[0].roles[0]: there is no role reed; did you mean read?\n\
         p:21:21: rule[0].roles[1]: there is no target bd; did you mean db?\n\
         p:21:32: rule[0].roles[2]: there is no role admin\n\
         p:21:43: rule[0].roles[3]: there is no target devv; did you mean dev?\n\
         p:21:53: rule[0].roles[4]: \"db\": a role is written TARGET/ROLE, where either side may be *\n",
    );
    let text = "version = 1
group = [{ id = 'ops', members = ['zed'] }]
[[target]]
id = 't'
provisioner = 'p'
owners = ['group:opz', 'everyone']
roles = [{ id = 'a', grants = 'a' }]
";
    assert_eq!(
        Policy::parse(&[file("p", text)]).unwrap_err().to_string(),
        "p:2:35: group[0].members[0]: there is no person zed\n\
         p:6:10: target[0].owners: owners are people and groups: person:ID, group:ID\n\
         p:6:11: target[0].owners[0]: there is no group opz; did you mean ops?\n"
    );
}

#[test]
fn one_account_belongs_to_one_person() {
    let text = "
version = 1
[[person]]
id = 'ann'
email = 'Ann@example.com'
slack = 'U1'
discord = '7'
accounts = { pg = 'root' }
[[person]]
id = 'bea'
email = 'ann@example.com'
slack = 'U1'
discord = '7'
accounts = { pg = 'root', other = 'root' }
[[person]]
id = 'ann'
";
    let faults = Policy::parse(&[file("p", text)]).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "p:9:1: person[1]: bea has the Discord id 7 of ann\n\
         p:9:1: person[1]: bea has the Slack id U1 of ann\n\
         p:9:1: person[1]: bea has the e-mail ann@example.com of ann\n\
         p:9:1: person[1]: bea has the login at pg root of ann\n\
         p:15:1: person[2]: there is another person ann at p:3:1\n"
    );
}

#[test]
fn ids_that_are_taken_for_each_other() {
    let check = |ids: [&str; 2], fine: bool| {
        let target = |id: &str| {
            format!(
                "[[target]]\nid = '{id}'\nprovisioner = 'p'\nroles = [{{ id = 'a', grants = 'a' }}]\n"
            )
        };
        let text = format!("version = 1\n{}{}", target(ids[0]), target(ids[1]));
        assert_eq!(Policy::parse(&[file("p", &text)]).is_ok(), fine, "{ids:?}");
    };
    check(["orders-db", "orders-dwh"], true);
    check(["orders-db", "orders_db"], false);
    check(["orders-db", "ordersdb"], false);
    check(["orders-db", "0rders-db"], false);
    check(["mail-1", "mail-l"], false);
    check(["modern", "modem"], false);
    check(["shard-1", "shard-2"], true);
}

#[test]
fn empty_lists_are_nobody() {
    check(
        &rule("who = []"),
        "p:21:7: rule[0].who: an empty list is nobody\n",
    );
    check(
        &rule("roles = []"),
        "p:21:9: rule[0].roles: an empty list is no role\n",
    );
    check(
        &rule("reviewers = []"),
        "p:21:13: rule[0].reviewers: an empty list is nobody\n",
    );
    check(
        &rule("approvals = []"),
        "p:21:13: rule[0].approvals: must be \"none\" or a list like \
         [{ from = [\"group:security\"], count = 1 }], of 1 to 10\n",
    );
    check(
        &rule("approvals = [{ from = [], count = 1 }]"),
        "p:21:23: rule[0].approvals[0].from: an empty list is nobody\n\
         p:21:35: rule[0].approvals[0].count: 1 must approve on db, but there are 0\n",
    );
}

#[test]
fn limits_of_numbers_and_durations() {
    check(
        &rule(
            "duration = '0s'\nmax_duration = '24h1s'\nwindow = '0s'\nreview_within = '100d'\n\
             justification = { min = 4, max = 2001 }\napprovals = [{ from = ['group:sec'], count = 11 }]\n\
             escalate = [{ after = '1d1s', to = ['group:ops'] }]",
        ),
        "p:21:12: rule[0].duration: 0 s is not within 1 s and 24 h\n\
         p:22:16: rule[0].max_duration: 24 h 1 s is not within 1 s and 24 h\n\
         p:23:10: rule[0].window: 0 s is not within 1 s and 24 h\n\
         p:24:17: rule[0].review_within: 2400 h is not within 1 s and 2160 h\n\
         p:25:25: rule[0].justification.min: must be 5 to 2000\n\
         p:25:34: rule[0].justification.max: must be 5 to 2000\n\
         p:26:46: rule[0].approvals[0].count: must be 1 to 10\n\
         p:27:23: rule[0].escalate[0].after: 24 h 1 s is not within 1 s and 24 h\n",
    );
    check(
        &rule("duration = '2h'"),
        "p:21:12: rule[0].duration: is longer than max_duration\n",
    );
    check(
        &rule("justification = { min = 30, max = 20 }"),
        "p:21:17: rule[0].justification: min is more than max\n",
    );
}

#[test]
fn approvals_are_required_and_come_from_groups_and_owners() {
    check(
        "[[rule]]\nid = 'r'\nwho = ['everyone']\nroles = ['db/read']\n",
        "p:20:1: rule[0].approvals: required key is missing\n",
    );
    check(
        &rule("approvals = 'nobody'"),
        "p:21:13: rule[0].approvals: must be \"none\" or a list like \
         [{ from = [\"group:security\"], count = 1 }]\n",
    );
    check(
        &rule("approvals = [{ from = ['person:ann', 'everyone'], count = 1 }]"),
        "p:21:23: rule[0].approvals[0].from: takes group:ID and owners-of-target only\n",
    );
}

#[test]
fn quorums_that_can_never_be_filled() {
    // A guest never decides, so there is one.
    check(
        &rule("approvals = [{ from = ['group:sec'], count = 2 }]"),
        "p:21:46: rule[0].approvals[0].count: 2 must approve on db, but there are 1\n",
    );
    check(
        &rule("approvals = [{ from = ['owners-of-target'], count = 2 }]"),
        "p:21:53: rule[0].approvals[0].count: 2 must approve on db, but there are 1\n",
    );
    check(
        &rule(
            "approvals = [{ from = ['group:sec'], count = 1 }, { from = ['owners-of-target'], count = 1 }]",
        ),
        "p:20:1: rule[0]: no 2 people can fill these slots\n",
    );
    check(
        &rule("approvals = [{ from = ['group:chat'], count = 10 }]"),
        "",
    );
    check(
        &rule("approvals = [{ from = ['group:ops', 'group:sec'], count = 3 }]"),
        "",
    );
}

#[test]
fn break_glass_is_short_and_planned_work_harmless() {
    check(
        &rule("approvals = 'none'\nmax_duration = '4h1s'"),
        "p:22:16: rule[0].max_duration: break-glass lasts at most 4 h, not 4 h 1 s\n",
    );
    check(&rule("approvals = 'none'\nmax_duration = '4h'"), "");
    check(
        &rule("approvals = 'none'\nkind = 'planned'\nroles = ['*/write']"),
        "p:20:1: rule[0]: planned work without approval is for targets of low and medium \
         sensitivity; db is high\n",
    );
    check(
        &rule("approvals = 'none'\nkind = 'planned'\nroles = ['dev/*']\nmax_duration = '8h'"),
        "",
    );
}

#[test]
fn doors_that_claims_open() {
    let hint = "; verify them (severity_verified, incident_verified), add another fact, or say \
                accept_claims = true";
    let claims = "approvals = 'none'\nwhen = 'context.severity <= 1'";
    check(
        &rule(claims),
        &format!("p:22:8: rule[0].when: break-glass would rest on claims alone{hint}\n"),
    );
    check(&rule(&format!("{claims}\naccept_claims = true")), "");
    check(
        &rule("approvals = 'none'\nwhen = 'context.severity <= 1 && context.on_call'"),
        "",
    );
    check(&rule("when = 'context.severity <= 1'"), "");
    let guard = |more: &str| {
        let usual = "[[guard]]\nid = 'g'\nwho = ['employment:contractor']\nroles = ['*/write']\n";
        format!("{}{usual}{more}", rule("roles = ['db/*']"))
    };
    check(
        &guard("unless = 'context.has_incident'\n"),
        &format!("p:29:10: guard[0].unless: this exception rests on claims alone{hint}\n"),
    );
    check(
        &guard("unless = 'context.has_incident'\naccept_claims = true\n"),
        "",
    );
    check(
        &guard("unless = 'context.has_incident && context.incident_verified'\n"),
        "",
    );
    let (errors, warnings) = found(&guard("when = 'context.severity > 2'\n"));
    assert_eq!(errors, "");
    assert!(
        warnings.contains("a requester gets round this by what they claim"),
        "{warnings}"
    );
}

#[test]
fn rules_and_guards_that_never_match() {
    check(
        &rule("who = ['owners-of-target']\nroles = ['dev/write']"),
        "p:20:1: rule[0]: this rule can never match: it is for nobody\n",
    );
    check(
        &rule("when = 'context.hour > 23'"),
        "p:21:8: rule[0].when: can never be true, so the rule never matches\n",
    );
    let guard = "[[guard]]\nid = 'g'\nwho = ['everyone']\nroles = ['*/*']\n";
    check(
        &format!("{}{guard}", rule("")),
        "p:20:1: rule[0]: this rule can never allow: guard g always forbids it\n",
    );
    check(
        &format!("{}{guard}when = 'context.severity > 5'\n", rule("")),
        "p:30:8: guard[0].when: can never be true, so the guard never matches\n",
    );
}

#[test]
fn rules_that_another_always_comes_before() {
    let check = |first: &str, second: &str, shadowed: Option<&str>| {
        let text = format!(
            "{}{}",
            rule(&format!("id = 'first'\n{first}")),
            rule(&format!("id = 'second'\n{second}"))
        );
        let (errors, _) = found(&text);
        let wanted = shadowed.map_or(String::new(), |by| {
            format!("is shadowed: {by} always comes before it\n")
        });
        assert!(
            errors.ends_with(&wanted) && errors.is_empty() == wanted.is_empty(),
            "{text}{errors}"
        );
    };
    let (first, second) = (Some("first"), Some("second"));
    check("", "", first);
    check("", "roles = ['db/write']", None);
    check("roles = ['db/*']", "", first);
    check("", "roles = ['*/*']", None);
    check(
        "who = ['everyone']",
        "who = ['person:ann', 'group:sec']",
        first,
    );
    check("", "who = ['person:cy']", first);
    check("", "who = ['person:bea']", None);
    check(
        "who = ['employment:contractor']",
        "who = ['person:cy']",
        first,
    );
    // The later is wider and better: it takes the earlier's place.
    check("", "who = ['everyone']\nmax_duration = '2h'", second);
    check("", "who = ['everyone']", None);
    check("", "max_duration = '2h'", second);
    check("max_duration = '2h'", "", first);
    check("when = 'context.on_call'", "", None);
    check(
        "when = 'context.on_call'",
        "when = 'context.risk < 50 && context.on_call'",
        first,
    );
    check(
        "when = 'context.on_call'",
        "when = 'context.risk < 50'",
        None,
    );
    check("incident = { required = true }", "", None);
    check("", "incident = { required = true }", first);
    check("", "on_behalf = ['group:sec']", None);
    check("on_behalf = ['group:sec']", "", first);
    check("when = 'context.on_call'", "max_duration = '2h'", second);
    check(
        "approvals = [{ from = ['group:ops', 'group:sec'], count = 1 }]",
        "approvals = [{ from = ['group:sec'], count = 1 }, { from = ['group:ops'], count = 1 }]",
        first,
    );
    check(
        "approvals = [{ from = ['group:ops'], count = 1 }]",
        "",
        None,
    );
    // Breaking the glass and asking are the requester's choice.
    check("approvals = 'none'", "", None);
    check(
        "approvals = 'none'\nmax_duration = '1h'",
        "approvals = 'none'\nmax_duration = '30m'",
        first,
    );
}

#[test]
fn settings_without_effect_are_warned_of() {
    let check = |text: &str, warning: &str| {
        assert_eq!(
            found(text),
            (String::new(), format!("{warning}\n")),
            "{text}"
        );
    };
    check(
        &rule("approvals = 'none'\nreview = 'never'"),
        "p:22:10: rule[0].review: break-glass is reviewed nevertheless",
    );
    check(
        &rule("escalate = [{ after = '10m', to = ['group:ops'] }]"),
        "p:21:23: rule[0].escalate[0].after: the window of 10 min ends first",
    );
}

#[test]
fn the_main_file_has_the_settings_and_the_others_only_tables() {
    let main = file(
        "main.toml",
        "version = 2\ninclude = ['*.toml']\ntimezone = 'Europe/Stokholm'\nincident_pattern = '['\n",
    );
    let more = file(
        "more.toml",
        "version = 1\n[[person]]\nid = 'ann'\n[defaults]\nwindow = '1m'\n",
    );
    assert_eq!(Policy::includes(&main).unwrap(), ["*.toml"]);
    assert_eq!(
        Policy::parse(&[main, more]).unwrap_err().to_string(),
        "main.toml:1:11: version: this breakglass reads version 1\n\
         main.toml:3:12: timezone: is not a time zone's name; did you mean Europe/Stockholm?\n\
         main.toml:4:20: incident_pattern: is not a regular expression that can be used here\n\
         more.toml:4:2: defaults: unknown key\n"
    );
}
