//! The whocalls gateway: HTTP, configuration and composition. What a lookup *is* stands in
//! `whocalls-engine`; what a CRM is, in the adapter crates.
//!
//! | module | does |
//! |---|---|
//! | [`cli`] | the commands |
//! | [`config`] | `adapters.toml`, environment, secrets |
//! | [`compose`] | the list of adapter kinds |
//! | [`service`] | one configuration at work: adapters with their layers, tokens, limits |
//! | [`crm_runtime`] | threads for the requests to CRMs |
//! | [`gateway`] | the running gateway, whose service a reload exchanges |
//! | [`cache_file`] | answers that are kept over a restart |
//! | [`courier`] | outbox -> adapters |
//! | [`listener`] | the ports |
//! | [`server`] | servers on them, signals, graceful stop |
//! | [`routes`] | the HTTP interface |
//! | [`dispatch`] | a workflow's inputs -> what is stored, and where it goes |
//! | [`openapi`] | the description of that interface |
//! | [`extract`] | what clients send -> domain types |
//! | [`reply`] | contacts -> the reply's JSON |
//! | [`recent`] | replies that are ready to be sent again |
//! | [`auth`] | tokens |
//! | [`admission`] | how many requests may wait at once |
//! | [`problem`] | every error reply, in one table |
//! | [`telemetry`] | logs and metrics |
#![expect(
    clippy::future_not_send,
    reason = "actix-web runs each handler on the thread that received the request"
)]

pub mod admission;
pub mod auth;
pub mod cache_file;
pub mod cli;
pub mod compose;
pub mod config;
pub mod courier;
pub mod crm_runtime;
pub mod dispatch;
pub mod extract;
pub mod gateway;
pub mod listener;
pub mod openapi;
pub mod problem;
pub mod recent;
pub mod reply;
pub mod routes;
pub mod server;
pub mod service;
pub mod telemetry;
