//! Opening the Home tab, and picking shortcuts.

use super::{ActError, Acted};
use crate::deliver::{Kind, Parcel, deliver};
use crate::message::MessageId;
use crate::options::ShortcutKind;
use crate::payload::Scribe;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// `user` looks at the app's Home tab; the app is told and may publish a view.
    pub async fn open_home(&self, user: &str) -> Result<Acted, ActError> {
        let workspace = &self.workspace;
        let payload = workspace.change(|state| {
            state.actor(user)?;
            let (channel, _) = state.direct(user, &workspace.options.app.bot_user);
            let home = state
                .homes
                .get(user)
                .and_then(|id| state.views.get(id))
                .cloned();
            let now_ms = workspace.now_ms();
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(scribe.home_opened(&channel, home.as_ref()))
        })?;
        let parcel = Parcel {
            kind: Kind::Event,
            payload,
            answerable: false,
        };
        Ok(Acted {
            ack: Some(deliver(workspace, parcel).await?),
        })
    }

    /// `user` picks the global shortcut with this callback id.
    pub async fn shortcut(&self, user: &str, callback_id: &str) -> Result<Acted, ActError> {
        let workspace = &self.workspace;
        self.offers(callback_id, ShortcutKind::Global)?;
        let payload = workspace.change(|state| {
            state.actor(user)?;
            let now_ms = workspace.now_ms();
            Ok::<_, ActError>(
                Scribe {
                    workspace,
                    state,
                    user,
                    now_ms,
                }
                .shortcut(callback_id),
            )
        })?;
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: false,
        };
        Ok(Acted {
            ack: Some(deliver(workspace, parcel).await?),
        })
    }

    /// `user` picks the shortcut with this callback id in the menu of a message.
    pub async fn message_shortcut(
        &self,
        user: &str,
        message: impl Into<MessageId>,
        callback_id: &str,
    ) -> Result<Acted, ActError> {
        let id = message.into();
        let workspace = &self.workspace;
        self.offers(callback_id, ShortcutKind::Message)?;
        let payload = workspace.change(|state| {
            let message = state.visible(user, &id.channel, &id.ts)?;
            let now_ms = workspace.now_ms();
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(scribe.message_shortcut(&message, callback_id))
        })?;
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: false,
        };
        Ok(Acted {
            ack: Some(deliver(workspace, parcel).await?),
        })
    }

    fn offers(&self, callback_id: &str, kind: ShortcutKind) -> Result<(), ActError> {
        let shortcuts = &self.workspace.options.app.shortcuts;
        let found = shortcuts
            .iter()
            .any(|s| s.callback_id == callback_id && s.kind == kind);
        found
            .then_some(())
            .ok_or_else(|| ActError::NotOffered(callback_id.to_owned()))
    }
}
