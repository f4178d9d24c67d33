//! The load generator: one thread, connections by hand.

mod closed;
mod connection;
mod figures;
mod numbers;
mod open;

pub(crate) use self::{
    closed::{Until, closed_loop},
    connection::{Connection, Reply, Target},
    figures::Figures,
    numbers::Numbers,
    open::{Pace, open_loop},
};
