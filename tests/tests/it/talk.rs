//! What people are told when something is unusual: nobody knows them, much happens at once, chat was away.

pub(crate) mod company;

use std::time::Duration;

use breakglass::demo::workspace::{APPROVERS, SECURITY};
use breakglass_sandbox::{Fault, Sandbox};

use self::company::{Company, HELP, Help, SAM, all_of, saying};

const MAYA: &str = "U01MAYA";
const BO: &str = "U02BO";
const TOM: &str = "U04TOM";
const LEE: &str = "U05LEE";

const ASK: &str = "orders-db read 2m the replica lags and nobody knows why";

#[tokio::test]
async fn somebody_unknown_is_made_known_once_a_day() {
    let mut company = Company::open(Help::Channel).await;
    company.types(SAM, ASK).await;
    company
        .reads(SAM, "Sent to #access-help, ready to paste.")
        .await;
    let post = company.posted(HELP, "slack = \"U07SAM\"").await;
    let said = all_of(&post);
    for line in [
        "[[person]]",
        "id = \"sam-stranger\"",
        "name = \"Sam Stranger\"",
    ] {
        assert!(said.contains(line), "{said}");
    }
    company.types(SAM, "status").await;
    company.reads(SAM, "#access-help was told today").await;
    let made_known = |sandbox: &Sandbox| saying(sandbox.messages(HELP), "[[person]]").len();
    assert_eq!(made_known(&company.sandbox), 1);
    company.clock.forward(Duration::from_hours(24));
    company.types(SAM, ASK).await;
    company
        .sees(|sandbox| (made_known(sandbox) == 2).then_some(()))
        .await;
    company.stop().await;
}

#[tokio::test]
async fn somebody_unknown_is_told_whom_to_ask_where_there_is_no_channel_for_help() {
    let mut company = Company::open(Help::None).await;
    company.types(SAM, ASK).await;
    company.reads(SAM, "Ask whoever keeps the policy").await;
    company.stop().await;
}

#[tokio::test]
async fn nobody_is_said_to_be_told_who_was_not() {
    let mut company = Company::open(Help::Channel).await;
    company.posted(SECURITY, "breakglass is running").await;
    company.posted(SECURITY, "Policy loaded").await;
    company
        .sandbox
        .fail("chat.postMessage", 1, Fault::ServerError);
    company.types(SAM, ASK).await;
    company.reads(SAM, "Ask whoever keeps the policy").await;
    company.types(SAM, ASK).await;
    company.reads(SAM, "Sent to #access-help").await;
    company.stop().await;
}

#[tokio::test]
async fn what_waited_for_chat_becomes_a_digest_and_an_alarm_does_not() {
    const REQUESTS: u32 = 25;
    let mut company = Company::open(Help::None).await;
    company.posted(SECURITY, "breakglass is running").await;
    let away = Fault::RateLimited {
        retry_after_secs: 1,
    };
    company.sandbox.fail("chat.postMessage", 10_000, away);
    for number in 1..=REQUESTS {
        company.types(MAYA, ASK).await;
        company.reads(MAYA, &format!("BG-{number} waits for")).await;
        company.types(MAYA, &format!("withdraw BG-{number}")).await;
        company
            .reads(MAYA, &format!("BG-{number} is taken back"))
            .await;
    }
    company
        .types(LEE, "lockdown the token may have leaked")
        .await;
    company.reads(LEE, "All granting is stopped").await;
    company.sandbox.heal();
    let alarm = company.posted(SECURITY, "the token may have leaked").await;
    assert!(
        !all_of(&alarm).contains("things happened"),
        "{}",
        all_of(&alarm)
    );
    let digest = company.posted(SECURITY, "things happened").await;
    let digest = all_of(&digest);
    assert!(digest.matches(" · id ").count() > 20, "{digest}");
    for number in 1..=REQUESTS {
        company
            .security_reads(&format!("BG-{number}"), "Withdrawn by Maya Lind")
            .await;
    }
    assert_eq!(company.sandbox.complaints(), Vec::<String>::new());
    company.stop().await;
}

#[tokio::test]
async fn an_open_home_page_shows_what_changes() {
    let mut company = Company::open(Help::None).await;
    company.sandbox.open_home(MAYA).await.unwrap();
    company.sandbox.open_home(BO).await.unwrap();
    company.home_says(MAYA, "You hold nothing.").await;
    company.home_says(BO, "Nothing waits for you.").await;
    company.types(MAYA, ASK).await;
    company.home_says(BO, "🟡 Waiting BG-1").await;
    let card = company.posted(APPROVERS, "Waiting").await;
    company.sandbox.press(BO, &card, "Approve").await.unwrap();
    company.home_says(MAYA, "🟢 Active BG-1").await;
    company.home_says(BO, "Nothing waits for you.").await;
    company.types(MAYA, "end").await;
    company.home_says(MAYA, "You hold nothing.").await;
    company.stop().await;
}

#[tokio::test]
async fn a_home_page_that_chat_refused_for_a_while_is_drawn_afterwards() {
    let mut company = Company::open(Help::None).await;
    let away = Fault::RateLimited {
        retry_after_secs: 1,
    };
    company.sandbox.fail("views.publish", 2, away);
    company.sandbox.open_home(MAYA).await.unwrap();
    company.home_says(MAYA, "You hold nothing.").await;
    company.stop().await;
}

#[tokio::test]
async fn clicks_that_were_lost_while_nobody_listened_are_spoken_of() {
    let mut company = Company::open(Help::None).await;
    company.types(MAYA, ASK).await;
    company.posted(APPROVERS, "Waiting").await;
    company.stop().await;
    company.clock.forward(Duration::from_mins(3));
    company.start().await;
    let back = company.posted(APPROVERS, "Back after an outage").await;
    assert!(
        all_of(&back).contains("please click again"),
        "{}",
        all_of(&back)
    );
    // A short while is nothing to speak of.
    company.stop().await;
    company.start().await;
    company.types(TOM, ASK).await;
    company.posted(APPROVERS, "BG-2").await;
    let told = saying(company.sandbox.messages(APPROVERS), "Back after an outage");
    assert_eq!(told.len(), 1);
    company.stop().await;
}
