//! What a client says: heartbeat, identify, resume, which members there are.

use serde_json::{Value, json};

use super::connection::{DECODE_ERROR, Line, NOT_AUTHENTICATED, UNKNOWN_OPCODE, Verdict};
use super::{Event, Frame, GUILD_MEMBERS, GUILD_PRESENCES, GUILDS, MESSAGE_CONTENT, Session};
use crate::discord::message::Message;
use crate::discord::options::Member;
use crate::discord::snowflake::is_id;
use crate::discord::state::State;
use crate::mint;

const AUTHENTICATION_FAILED: u16 = 4004;
const ALREADY_AUTHENTICATED: u16 = 4005;
const INVALID_SEQ: u16 = 4007;
const INVALID_SHARD: u16 = 4010;
const INVALID_INTENTS: u16 = 4013;
const DISALLOWED_INTENTS: u16 = 4014;

/// The highest bit of an intent that there is.
const INTENTS_MAX: u64 = 1 << 26;
/// A chunk of members is at most so long.
const CHUNK_MAX: usize = 1000;

impl Line {
    /// Does what the client says.
    pub(super) fn obey(&mut self, command: &Value) -> Verdict {
        let data = &command["d"];
        match command["op"].as_u64() {
            Some(1) => self.heartbeat(),
            Some(2) => self.identify(data),
            Some(6) => self.resume(data),
            Some(3 | 4 | 8) if self.session.is_none() => Verdict::Close(NOT_AUTHENTICATED),
            Some(8) => self.request_members(data),
            // Presence and voice show nowhere here.
            Some(3 | 4) => Verdict::Nothing,
            Some(_) => Verdict::Close(UNKNOWN_OPCODE),
            None => Verdict::Close(DECODE_ERROR),
        }
    }

    fn heartbeat(&self) -> Verdict {
        if self.hall.change(|state| state.mischief.take_deaf()) {
            return Verdict::Nothing;
        }
        Verdict::Say(json!({"op": 11}))
    }

    /// Whether the token is ours.
    fn knows(&self, data: &Value) -> bool {
        let token = data["token"].as_str().unwrap_or_default();
        token.strip_prefix("Bot ").unwrap_or(token) == self.hall.options.app.token
    }

    fn identify(&mut self, data: &Value) -> Verdict {
        if self.session.is_some() {
            return Verdict::Close(ALREADY_AUTHENTICATED);
        }
        if !data["token"].is_string() || !data["properties"].is_object() {
            return Verdict::Close(DECODE_ERROR);
        }
        if !self.knows(data) {
            return Verdict::Close(AUTHENTICATION_FAILED);
        }
        if !data["shard"].is_null() && data["shard"] != json!([0, 1]) {
            return Verdict::Close(INVALID_SHARD);
        }
        let Some(intents) = data["intents"]
            .as_u64()
            .filter(|intents| *intents < INTENTS_MAX)
        else {
            return Verdict::Close(INVALID_INTENTS);
        };
        let app = &self.hall.options.app;
        let refused = [
            (GUILD_MEMBERS, app.has_members_intent),
            (MESSAGE_CONTENT, app.has_content_intent),
            (GUILD_PRESENCES, false),
        ];
        if refused
            .iter()
            .any(|(intent, is_on)| intents & intent != 0 && !is_on)
        {
            return Verdict::Close(DISALLOWED_INTENTS);
        }
        let id = mint::word(32);
        self.session = Some(id.clone());
        let session = Session {
            id,
            intents,
            seq: 0,
            told: std::collections::VecDeque::new(),
            out: Some(self.out.clone()),
            connection: self.number,
        };
        let url = self.hall.gateway_url();
        self.hall
            .change(|state| state.welcome(session, &url, &data["shard"]));
        Verdict::Nothing
    }

    fn resume(&mut self, data: &Value) -> Verdict {
        if self.session.is_some() {
            return Verdict::Close(ALREADY_AUTHENTICATED);
        }
        if !self.knows(data) {
            return Verdict::Close(AUTHENTICATION_FAILED);
        }
        let Some(seq) = data["seq"].as_u64() else {
            return Verdict::Close(DECODE_ERROR);
        };
        let (out, number) = (self.out.clone(), self.number);
        let resumed = self.hall.change(|state| {
            let session = state
                .sessions
                .iter_mut()
                .find(|session| data["session_id"] == session.id.as_str())?;
            if seq > session.seq {
                return Some(Err(INVALID_SEQ));
            }
            // An older connection of the same session is of no use any more.
            session.send(Frame::Drop);
            session.out = Some(out);
            session.connection = number;
            let missed: Vec<String> = session
                .told
                .iter()
                .filter(|(told, _)| *told > seq)
                .map(|(_, text)| text.clone())
                .collect();
            for text in missed {
                session.send(Frame::Text(text));
            }
            session.tell("RESUMED", &json!({"_trace": []}));
            Some(Ok(session.id.clone()))
        });
        match resumed {
            Some(Ok(id)) => {
                self.session = Some(id);
                Verdict::Nothing
            }
            Some(Err(code)) => Verdict::Close(code),
            None => Verdict::Say(json!({"op": 9, "d": false})),
        }
    }

    /// Tells the members that the client asks for, in chunks.
    fn request_members(&self, data: &Value) -> Verdict {
        let own = self.session.clone().unwrap_or_default();
        self.hall.change(|state| {
            let guild = state.options.id.clone();
            let chunks = chunks(state, data);
            let count = chunks.len();
            let Some(session) = state.sessions.iter_mut().find(|session| session.id == own) else {
                return;
            };
            let wants_all = data["user_ids"].is_null() && data["query"] == "";
            if !is_id(&data["guild_id"], &guild)
                || wants_all && session.intents & GUILD_MEMBERS == 0
            {
                return state.complain(format!("no members are told for this: {data}"));
            }
            for (index, members) in chunks.into_iter().enumerate() {
                let mut chunk = json!({"guild_id": guild, "members": members, "chunk_index": index,
                    "chunk_count": count, "not_found": []});
                if data["nonce"].is_string() {
                    chunk["nonce"] = data["nonce"].clone();
                }
                if data["presences"] == true {
                    chunk["presences"] = json!([]);
                }
                session.tell("GUILD_MEMBERS_CHUNK", &chunk);
            }
        });
        Verdict::Nothing
    }
}

/// The members that are asked for: by id, or by the beginning of their name.
fn chunks(state: &State, data: &Value) -> Vec<Vec<Value>> {
    let asked = &data["user_ids"];
    let one_or_more = || {
        asked
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![asked.clone()])
    };
    let ids = (!asked.is_null()).then(one_or_more);
    let query = data["query"].as_str().unwrap_or_default().to_lowercase();
    let limit = data["limit"]
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|limit| *limit > 0);
    let is_meant = |member: &&Member| match &ids {
        Some(ids) => ids.iter().any(|id| is_id(id, &member.id)),
        None => member.username.to_lowercase().starts_with(&query),
    };
    let here = state
        .members
        .iter()
        .filter(|member| member.is_here)
        .filter(is_meant);
    let here: Vec<Value> = here
        .take(limit.unwrap_or(usize::MAX))
        .map(|member| state.member_json(member))
        .collect();
    if here.is_empty() {
        return vec![Vec::new()];
    }
    here.chunks(CHUNK_MAX).map(<[Value]>::to_vec).collect()
}

impl State {
    /// A client has identified itself: it is told who it is, then what there is.
    fn welcome(&mut self, mut session: Session, url: &str, shard: &Value) {
        let app = &self.options.app;
        let mut user = self.user_json(&app.id);
        user["mfa_enabled"] = true.into();
        user["verified"] = true.into();
        user["email"] = Value::Null;
        let guilds = self
            .has_app
            .then(|| json!({"id": self.options.id, "unavailable": true}));
        let mut ready = json!({
            "v": 10,
            "user": user,
            "guilds": guilds.into_iter().collect::<Vec<_>>(),
            "session_id": session.id,
            "resume_gateway_url": url,
            "application": {"id": app.id, "flags": self.application_flags(),
                "flags_new": self.application_flags().to_string()},
        });
        if shard.is_array() {
            ready["shard"] = shard.clone();
        }
        session.tell("READY", &ready);
        if self.has_app && session.intents & GUILDS != 0 {
            let guild = self.guild_create();
            session.tell(Event::GuildCreate.name(), &guild);
        }
        self.sessions.push(session);
    }

    /// Tells that a message is gone.
    pub(in super::super) fn tell_deleted(&mut self, message: &Message) {
        if message.only_for.is_some() {
            return;
        }
        let is_direct = self
            .room(&message.channel)
            .is_some_and(crate::discord::state::Room::is_direct);
        let mut json = json!({"id": message.id, "channel_id": message.channel});
        if is_direct {
            return self.tell_with(super::DIRECT_MESSAGES, Event::MessageDelete, &json);
        }
        json["guild_id"] = self.options.id.clone().into();
        self.tell(Event::MessageDelete, &json);
    }
}
