//! Links to the records of a contact that the card does not show otherwise.

use whocalls_core::CustomField;

use crate::{Contact, Engine};

/// What stands for the CRM's name in the title of a link.
const CRM: [&str; 2] = ["{{ crm }}", "{{crm}}"];

impl Engine {
    /// A link to each record of a contact whose page is neither that of the contact nor that of
    /// its company, under the configured title. Equal titles are numbered, so that no link is lost.
    pub fn links(&self, contact: &Contact) -> Vec<CustomField> {
        let mut links: Vec<CustomField> = Vec::new();
        let shown = [&contact.contact_uri, &contact.company_uri];
        for member in &contact.members {
            let uri = &member.contact_uri;
            let (Some(link), Some(source)) = (uri, self.source(&member.source)) else {
                continue;
            };
            if shown.contains(&uri) || links.iter().any(|known| known.text == *link) {
                continue;
            }
            let name = source.adapter.info().crm_name.as_str();
            let title = CRM.iter().fold(self.link_title().to_owned(), |title, crm| {
                title.replace(crm, name)
            });
            let is_taken = |title: &str| {
                let mut fields = contact.custom.iter().chain(&links);
                fields.any(|field| field.title == title)
            };
            let numbered = (2..).map(|number| format!("{title} {number}"));
            let mut titles = std::iter::once(title.clone()).chain(numbered);
            links.push(CustomField {
                title: titles.find(|it| !is_taken(it)).unwrap_or_default(),
                text: link.clone(),
            });
        }
        links
    }
}
