//! Whether an envelope is for our app, from a member of our workspace.

/// Who sent a payload and for which app, as Slack vouches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Envelope {
    /// The app it is meant for.
    pub(crate) app: Option<String>,
    /// The workspace it was done in.
    pub(crate) team: Option<String>,
    /// The app was installed for a whole organisation rather than for the workspace.
    pub(crate) enterprise_install: bool,
    /// The account.
    pub(crate) user: String,
    /// The workspace the account belongs to; differs in shared channels.
    pub(crate) user_team: Option<String>,
    /// Not a human.
    pub(crate) bot: bool,
}

/// What is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ours {
    /// `A…`
    pub(crate) app: String,
    /// The configured workspace, `T…`.
    pub(crate) team: String,
    /// Our bot, `B…`.
    pub(crate) bot: String,
    /// Our bot's account, `U…`.
    pub(crate) bot_user: String,
}

impl Ours {
    /// Is a message with these marks one that we posted?
    pub(crate) fn posted(&self, app: Option<&str>, bot: Option<&str>) -> bool {
        match (app, bot) {
            (Some(app), _) => app == self.app,
            (None, Some(bot)) => bot == self.bot,
            (None, None) => false,
        }
    }
}

/// Why a payload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// It is meant for another app.
    App,
    /// It comes from another workspace, or the sender belongs to one.
    Team,
    /// The sender isn't human.
    Bot,
}

impl Stranger {
    /// What the sender reads.
    pub(crate) const fn answer(self) -> &'static str {
        match self {
            Self::App => "This was sent to another app. Nothing happened.",
            Self::Team => "Guests and people from other companies can't use break-glass here.",
            Self::Bot => "Bots can't use break-glass.",
        }
    }
}

/// Lets through what a human of our workspace sends to our app. Guests of our workspace are the bot's to judge.
pub(crate) fn member(envelope: &Envelope, ours: &Ours) -> Result<(), Stranger> {
    if envelope.app.as_deref() != Some(ours.app.as_str()) {
        return Err(Stranger::App);
    }
    let other = |team: &String| *team != ours.team;
    if envelope.enterprise_install
        || envelope.team.as_ref().is_none_or(other)
        || envelope.user_team.as_ref().is_some_and(other)
    {
        return Err(Stranger::Team);
    }
    let no_human = envelope.user.is_empty() || envelope.user == "USLACKBOT";
    if envelope.bot || no_human || envelope.user == ours.bot_user {
        return Err(Stranger::Bot);
    }
    Ok(())
}
