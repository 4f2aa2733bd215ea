//! Arguments of a call: from the query, a form or JSON, with JSON in strings decoded.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::ApiError;

/// Arguments that are JSON, also when they come as text in a form.
const STRUCTURED: [&str; 5] = ["blocks", "attachments", "view", "metadata", "unfurls"];

/// The arguments of one call.
#[derive(Debug)]
pub(crate) struct Args {
    map: Map<String, Value>,
    /// Structured arguments whose text was not JSON.
    malformed: Vec<String>,
}

impl Args {
    pub(crate) fn parse(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, ApiError> {
        let mut map = form(query.unwrap_or_default().as_bytes());
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let kind = kind
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        match kind {
            _ if body.is_empty() => {}
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(json)) => map.extend(json),
                Ok(_) => return Err(ApiError::new("json_not_object")),
                Err(_) => return Err(ApiError::new("invalid_json")),
            },
            "application/x-www-form-urlencoded" => map.extend(form(body)),
            _ => return Err(ApiError::new("invalid_post_type")),
        }
        map.retain(|_, value| !value.is_null());
        let mut malformed = Vec::new();
        for key in STRUCTURED {
            let Some(Value::String(text)) = map.get(key) else {
                continue;
            };
            match serde_json::from_str(text) {
                Ok(json) => drop(map.insert(key.to_owned(), json)),
                Err(_) => malformed.push(key.to_owned()),
            }
        }
        Ok(Self { map, malformed })
    }

    /// The arguments without the token, for the record.
    pub(crate) fn into_body(mut self) -> Value {
        self.map.remove("token");
        Value::Object(self.map)
    }

    /// A text, if it was given; numbers count as text, as they do in forms.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        let value = self.map.get(key)?;
        let number = || value.is_number().then(|| value.to_string());
        value.as_str().map(str::to_owned).or_else(number)
    }

    /// A list, given as an array or with commas.
    pub(crate) fn list(&self, key: &str) -> Option<Vec<String>> {
        let value = self.map.get(key)?;
        if let Some(text) = value.as_str() {
            return Some(text.split(',').map(|item| item.trim().to_owned()).collect());
        }
        value
            .as_array()?
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect()
    }

    pub(crate) fn required(&self, key: &str) -> Result<String, ApiError> {
        let text = self.text(key).filter(|text| !text.is_empty());
        text.ok_or_else(|| ApiError::argument(&format!("missing required field: {key}")))
    }

    /// A flag, false if absent.
    pub(crate) fn flag(&self, key: &str) -> Result<bool, ApiError> {
        match self.map.get(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "1") => Ok(true),
            Some(Value::String(text)) if matches!(text.as_str(), "false" | "0" | "") => Ok(false),
            Some(Value::Number(number)) if number.as_u64() == Some(1) => Ok(true),
            Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(false),
            Some(_) => Err(ApiError::argument(&format!("must be a boolean: {key}"))),
        }
    }

    /// A count between 1 and `max`, or `default`.
    pub(crate) fn limit(&self, default: usize, max: usize) -> Result<usize, ApiError> {
        let Some(text) = self.text("limit") else {
            return Ok(default);
        };
        let limit = text
            .parse::<usize>()
            .map_err(|_| ApiError::new("invalid_limit"))?;
        if limit > max {
            Err(ApiError::new("invalid_limit"))
        } else {
            Ok(limit.max(1))
        }
    }

    /// A structured argument; `error` if it was not JSON.
    pub(crate) fn json(&self, key: &str, error: &str) -> Result<Option<&Value>, ApiError> {
        if self.malformed.iter().any(|malformed| malformed == key) {
            return Err(ApiError::new(error));
        }
        Ok(self.map.get(key))
    }
}

fn form(bytes: &[u8]) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(bytes).into_owned();
    pairs
        .map(|(key, value)| (key, Value::String(value)))
        .collect()
}
