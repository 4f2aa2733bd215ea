//! The Slack adapter against a workspace behind real sockets: what comes in, what goes out, what goes wrong.

mod doctor;
mod form;
mod http;
mod office;
mod pictures;
mod socket;
mod web_api;
