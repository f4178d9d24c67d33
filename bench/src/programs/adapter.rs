//! A CRM as the compared programs are told of it.

use serde::{Deserialize, Serialize};

use crate::backends::Shape;

/// One CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Adapter {
    pub(crate) id: String,
    pub(crate) crm_name: String,
    pub(crate) shape: Shape,
    pub(crate) port: u16,
}

impl Adapter {
    /// This many adapters, of the kinds in turn, before the back ends at these ports.
    pub(crate) fn many(count: usize, ports: [u16; 3]) -> Vec<Self> {
        let kinds = Shape::ALL.into_iter().zip(ports).cycle();
        let numbered = |name: &str, index: usize, space: &str| match index / Shape::ALL.len() {
            0 => name.to_owned(),
            more => format!("{name}{space}{}", more + 1),
        };
        kinds
            .take(count)
            .enumerate()
            .map(|(index, (shape, port))| Self {
                id: numbered(shape.id(), index, ""),
                crm_name: numbered(shape.crm_name(), index, " "),
                shape,
                port,
            })
            .collect()
    }

    /// Where its logo is.
    pub(crate) const fn crm_logo(&self) -> &'static str {
        match self.shape {
            Shape::Sugar => "https://cdn.example.com/sugar.svg",
            Shape::HubSpot => "https://cdn.example.com/hubspot.svg",
            Shape::Rest => "https://cdn.example.com/erp.svg",
        }
    }

    /// The workflows that it offers.
    pub(crate) const fn actions(&self) -> &'static [&'static str] {
        match self.shape {
            Shape::Sugar => &["CallFlow", "CreateCase"],
            Shape::HubSpot => &["CallFlow", "CreateTicket"],
            Shape::Rest => &[],
        }
    }
}
