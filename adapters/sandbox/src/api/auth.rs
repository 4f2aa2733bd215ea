//! Who calls, and whether they may: tokens and scopes.

use axum::http::{HeaderMap, header};

use super::ApiError;
use super::args::Args;
use super::method::{Method, Token};
use crate::workspace::Workspace;

/// Checks the token of a call and the scopes it needs.
pub(crate) fn authorize(
    workspace: &Workspace,
    method: &Method,
    headers: &HeaderMap,
    args: &Args,
) -> Result<(), ApiError> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = bearer
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned);
    let token = bearer
        .or_else(|| args.text("token"))
        .ok_or_else(|| ApiError::new("not_authed"))?;
    let app = &workspace.options.app;
    let is_bot = token == app.bot_token;
    let is_app = token == app.app_token;
    if !is_bot && !is_app {
        return Err(ApiError::new("invalid_auth"));
    }
    match method.token {
        Token::App if is_app => has(&app.app_token_scopes, method.scopes),
        Token::Bot if is_bot => has(&app.scopes, method.scopes),
        Token::App | Token::Bot => Err(ApiError::new("not_allowed_token_type")),
    }
}

/// Checks that the bot token has each of `scopes`.
pub(crate) fn require(workspace: &Workspace, scopes: &[&str]) -> Result<(), ApiError> {
    has(&workspace.options.app.scopes, scopes)
}

fn has(granted: &[String], needed: &[&str]) -> Result<(), ApiError> {
    let is_granted = |scope: &&str| granted.iter().any(|granted| granted == scope);
    if needed.iter().all(is_granted) {
        return Ok(());
    }
    Err(ApiError::missing_scope(&needed.join(","), granted))
}
