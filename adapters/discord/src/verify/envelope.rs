//! Whether an interaction is for our application, from a member of our guild.

use breakglass_core::time::Timestamp;

/// Who did something and for which application, as Discord vouches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Envelope {
    /// The application it is meant for.
    pub(crate) application: String,
    /// The guild it was done in; none in a direct message.
    pub(crate) guild: Option<String>,
    /// The account.
    pub(crate) user: String,
    /// It acts as a member of that guild.
    pub(crate) member: bool,
    /// Not a human.
    pub(crate) bot: bool,
    /// Until when the member is timed out.
    pub(crate) silenced_until: Option<Timestamp>,
}

/// What is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ours {
    /// Our application.
    pub(crate) application: String,
    /// The configured guild.
    pub(crate) guild: String,
}

/// Why an interaction is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// It is meant for another application.
    Application,
    /// It was done in a direct message.
    Direct,
    /// It was done in another guild.
    Guild,
    /// The sender isn't human.
    Bot,
    /// The sender is timed out.
    Silenced,
}

impl Stranger {
    /// What the sender reads.
    pub(crate) const fn answer(self) -> &'static str {
        match self {
            Self::Application => "This was sent to another app. Nothing happened.",
            Self::Direct => {
                "Direct messages can't act. Do that in the server, please. Nothing happened."
            }
            Self::Guild => "Break-glass isn't for this server. Nothing happened.",
            Self::Bot => "Bots can't use break-glass.",
            Self::Silenced => {
                "You are timed out in this server, so you can't use break-glass. Nothing happened."
            }
        }
    }
}

/// Lets through what a human member of our guild does in it with our application.
pub(crate) fn member(envelope: &Envelope, ours: &Ours, now: Timestamp) -> Result<(), Stranger> {
    if envelope.application != ours.application {
        return Err(Stranger::Application);
    }
    match &envelope.guild {
        None => return Err(Stranger::Direct),
        Some(guild) if *guild != ours.guild || !envelope.member => return Err(Stranger::Guild),
        Some(_) => {}
    }
    if envelope.bot || envelope.user.is_empty() || envelope.user == ours.application {
        return Err(Stranger::Bot);
    }
    if envelope.silenced_until.is_some_and(|until| until > now) {
        return Err(Stranger::Silenced);
    }
    Ok(())
}
