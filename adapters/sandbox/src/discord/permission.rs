//! What members may do, and where.
//!
//! <https://docs.discord.com/developers/topics/permissions>

use std::ops::{BitAnd, BitOr, Not};

/// A set of rights, as Discord numbers their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions(pub u64);

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything, everywhere.
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    /// Sees a channel.
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    /// Writes in a channel.
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    /// Deletes what others wrote.
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    /// Shows embeds.
    pub const EMBED_LINKS: Self = Self(1 << 14);
    /// Reads what was said before.
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    /// Mentions `@everyone`, and roles that can't be mentioned.
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    /// Types slash commands.
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    /// Locks threads, archives and opens those of others.
    pub const MANAGE_THREADS: Self = Self(1 << 34);
    /// Starts threads from messages.
    pub const CREATE_PUBLIC_THREADS: Self = Self(1 << 35);
    /// Writes in threads.
    pub const SEND_MESSAGES_IN_THREADS: Self = Self(1 << 38);

    /// What a member of a fresh guild may do.
    pub fn member() -> Self {
        Self::VIEW_CHANNEL
            | Self::SEND_MESSAGES
            | Self::EMBED_LINKS
            | Self::READ_MESSAGE_HISTORY
            | Self::USE_APPLICATION_COMMANDS
            | Self::CREATE_PUBLIC_THREADS
            | Self::SEND_MESSAGES_IN_THREADS
    }

    /// What a bot asks for that posts cards and keeps threads.
    pub fn bot() -> Self {
        Self::VIEW_CHANNEL
            | Self::SEND_MESSAGES
            | Self::EMBED_LINKS
            | Self::READ_MESSAGE_HISTORY
            | Self::MENTION_EVERYONE
            | Self::MANAGE_THREADS
            | Self::CREATE_PUBLIC_THREADS
            | Self::SEND_MESSAGES_IN_THREADS
    }

    /// Everything.
    pub const ALL: Self = Self((1 << 50) - 1);

    /// Whether all of `other` is in it.
    pub fn contains(self, other: Self) -> bool {
        self & other == other
    }

    /// The same without `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        self & !other
    }
}

impl BitOr for Permissions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Permissions {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Permissions {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0)
    }
}
