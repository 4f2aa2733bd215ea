//! Answers that only the sender sees: through the act's `response_url`, else by direct message.

use breakglass_core::intent::{Reply, Sender};
use breakglass_core::port::chat::{ChatError, Show};
use hyper::{Uri, header};
use serde_json::json;

use super::config::SlackConfig;
use super::{Client, fault};
use crate::render::Picture;

/// The only host that answers go to, beside the API's own in test mode.
const ANSWER_HOST: &str = "hooks.slack.com";

impl Client {
    /// Answers an act. A `response_url` works five times within 30 minutes; after that it is a direct message.
    pub(crate) async fn answer(
        &self,
        to: &Sender,
        reply: &Reply,
        picture: &Picture,
        show: Show,
    ) -> Result<(), ChatError> {
        if let Some(url) = &reply.url {
            match self.respond(url, picture, show).await {
                Err(ChatError::Gone(why) | ChatError::Refused(why)) => {
                    tracing::debug!(why, "answering by direct message instead");
                }
                done => return done,
            }
        }
        let channel = self.direct_channel(&to.account).await?;
        self.post_message(&channel, None, picture).await.map(|_| ())
    }

    async fn respond(&self, url: &str, picture: &Picture, show: Show) -> Result<(), ChatError> {
        if !allowed(url, self.config()) {
            return Err(ChatError::Refused(
                "the payload's response_url isn't Slack's".to_owned(),
            ));
        }
        let body = json!({
            "response_type": "ephemeral",
            "replace_original": show == Show::InPlace,
            "text": picture.text,
            "blocks": picture.blocks,
        });
        let answer = self
            .raw
            .post("response_url", url, None, body.to_string())
            .await?;
        if answer.status.is_success() {
            return Ok(());
        }
        let wait = answer.headers.get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
        match (answer.status.as_u16(), wait) {
            (429, Some(secs)) => Err(ChatError::Limited(secs)),
            (status, _) => Err(fault::sort_status("response_url", status)),
        }
    }
}

/// `https://hooks.slack.com/…`; in test mode also the host and port of the API.
pub(super) fn allowed(url: &str, config: &SlackConfig) -> bool {
    let (Ok(url), Ok(api)) = (url.parse::<Uri>(), config.api_url.parse::<Uri>()) else {
        return false;
    };
    let Some(authority) = url.authority() else {
        return false;
    };
    let slack = url.scheme_str() == Some("https") && authority.as_str() == ANSWER_HOST;
    let local =
        config.test_mode && url.scheme() == api.scheme() && Some(authority) == api.authority();
    slack || local
}
