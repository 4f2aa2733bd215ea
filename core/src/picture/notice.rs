//! Messages that are posted once: direct messages, threads, alarms.

mod direct;
mod review;

use super::card::about;
use super::line::{Line, fit, inert};
use super::{Frame, Picture, Press, spoken, words};
use crate::id::{Platform, RequestId};
use crate::intent::Button;
use crate::notice::{DigestLine, Notice, RequestView, WhoView};

/// Lines of facts about breakglass itself.
const FACTS_MAX: usize = 30;
/// Characters of a line in a digest: fifty of them stay readable.
const DIGEST_LINE_MAX: usize = 200;

/// A notice; `effect` is its id, which stands in it.
pub fn notice(frame: &Frame, effect: &str, notice: &Notice) -> Picture {
    let frame = &match request(notice) {
        Some(request) => about(frame, request),
        None => *frame,
    };
    let mut picture = body(frame, notice);
    let witness = request(notice).map(|request| format!("{} · ", words::witness(request)));
    picture.footer = Some(format!("{}id {effect}", witness.unwrap_or_default()));
    picture
}

fn request(notice: &Notice) -> Option<&RequestView> {
    match notice {
        Notice::Received { request, .. }
        | Notice::GlassOffered { request, .. }
        | Notice::Decided { request, .. }
        | Notice::EndingSoon { request, .. }
        | Notice::Ended { request, .. }
        | Notice::Progress { request, .. }
        | Notice::Skipped { request }
        | Notice::ReviewDue { request, .. } => Some(request),
        Notice::Digest { .. }
        | Notice::Stranger { .. }
        | Notice::Alarm { .. }
        | Notice::House { .. } => None,
    }
}

fn body(frame: &Frame, notice: &Notice) -> Picture {
    match notice {
        Notice::Received {
            request,
            state,
            buttons,
        } => direct::received(frame, request, state, buttons),
        Notice::GlassOffered { request, .. } => direct::offered(frame, request, notice),
        Notice::Decided {
            request,
            state,
            buttons,
        } => direct::decided(frame, request, state, buttons),
        Notice::EndingSoon { request, .. } => direct::ending_soon(frame, request, notice),
        Notice::Ended { request, .. } => direct::ended(frame, request, notice),
        Notice::Progress {
            request,
            line,
            quote,
            mention,
        } => progress(frame, request, line, quote.as_deref(), mention),
        Notice::Skipped { request } => review::skipped(frame, request),
        Notice::ReviewDue { request, .. } => review::due(frame, request, notice),
        Notice::Alarm {
            request,
            title,
            text,
            by_hand,
            loud,
            buttons,
        } => {
            let sign = if *loud { "🚨" } else { "⚠️" };
            let id = request.map(|id| format!(" · {id}")).unwrap_or_default();
            let title = format!("{sign} {}{id}", inert(title));
            let mut body = vec![Line::new().words(text)];
            if let Some(by_hand) = by_hand {
                body.push(Line::new().say("By hand:"));
                body.push(Line::command(by_hand));
            }
            let spoken = format!(
                "{} · {}",
                spoken::shorten(frame, &title),
                spoken::shorten(frame, text)
            );
            let press = |(button, request, digest): &(Button, RequestId, String)| Press {
                button: *button,
                label: button.label().to_owned(),
                request: *request,
                digest: digest.clone(),
                confirm: None,
            };
            let buttons = buttons.iter().map(press).collect();
            picture(frame, &spoken, &title, body, buttons)
        }
        Notice::Digest { lines } => digest(frame, lines),
        Notice::Stranger {
            platform,
            account,
            listing,
        } => stranger(frame, *platform, account, listing),
        Notice::House { title, text, facts } => house(frame, title, text, facts),
    }
}

fn picture(
    frame: &Frame,
    spoken: &str,
    title: &str,
    lines: Vec<Line>,
    buttons: Vec<Press>,
) -> Picture {
    Picture {
        spoken: frame.mark(spoken),
        title: Some(frame.mark(title)),
        lines,
        buttons,
        ..Picture::default()
    }
}

fn progress(
    frame: &Frame,
    request: &RequestView,
    line: &str,
    quote: Option<&str>,
    mention: &[WhoView],
) -> Picture {
    let mut first = Line::new();
    if frame.test {
        first = first.say("TEST · ");
    }
    first = first.words(line);
    if !mention.is_empty() {
        first = first.say(" ").call(mention);
    }
    let mut body = vec![first];
    body.extend(quote.map(Line::quote));
    let text = format!(
        "{} · {}",
        spoken::shorten(frame, line),
        spoken::subject(request)
    );
    Picture {
        spoken: frame.mark(&text),
        lines: body,
        ..Picture::default()
    }
}

/// Each thing with the id that its own post would have had.
fn digest(frame: &Frame, things: &[DigestLine]) -> Picture {
    let line = |thing: &DigestLine| {
        let mut line = Line::new();
        if let Some(request) = thing.request {
            line = line.bold(&request.to_string()).say(" · ");
        }
        line.words(&fit(&thing.text, DIGEST_LINE_MAX))
            .say(" · id ")
            .text(&thing.effect)
    };
    let title = format!("📋 {} things happened", things.len());
    let requests: std::collections::BTreeSet<_> =
        things.iter().filter_map(|thing| thing.request).collect();
    let ids: Vec<String> = requests.iter().map(ToString::to_string).collect();
    let text = format!("{title}: {}", spoken::shorten(frame, &ids.join(", ")));
    picture(
        frame,
        &text,
        &title,
        things.iter().map(line).collect(),
        Vec::new(),
    )
}

/// The notification holds nothing that the stranger could have chosen.
fn stranger(frame: &Frame, platform: Platform, account: &str, listing: &[String]) -> Picture {
    let chat = platform.as_str();
    let body = vec![
        Line::new()
            .say("Somebody whom the policy doesn't list tried to use break-glass: ")
            .text(chat)
            .say(" account ")
            .code(account)
            .say(". Nothing happened. If they should, see who it is, and paste this into the policy:"),
        Line::copied(listing),
    ];
    let title = "👋 Unknown person";
    let text = format!("{title} · {chat} {}", spoken::shorten(frame, account));
    picture(frame, &text, title, body, Vec::new())
}

fn house(frame: &Frame, title: &str, text: &str, facts: &[(String, String)]) -> Picture {
    let mut body = vec![Line::new().words(text)];
    for (label, value) in facts.iter().take(FACTS_MAX) {
        body.push(Line::new().bold(label).say("  ").words(value));
    }
    if facts.len() > FACTS_MAX {
        let more = format!("… and {} more", facts.len() - FACTS_MAX);
        body.push(Line::new().text(&more));
    }
    let spoken = format!(
        "{} · {}",
        spoken::shorten(frame, title),
        spoken::shorten(frame, text)
    );
    picture(frame, &spoken, title, body, Vec::new())
}
