//! The Discord adapter against a guild behind real sockets: what comes in, what goes out, what goes wrong.

mod answers;
mod doctor;
mod gateway;
mod http;
mod office;
mod pictures;
mod rest;
