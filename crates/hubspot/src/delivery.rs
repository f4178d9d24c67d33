//! How a call or ticket gets into HubSpot once, although a create is not idempotent there
//! (`crm-apis.md` §1.5): what an earlier attempt may have created is recognised first.
//!
//! Either by a property with unique values that the administrator created, which HubSpot reads at
//! once and refuses to give out twice; or by a marker in the text of the object, which the search
//! finds as soon as its index has caught up.

use std::borrow::Cow;

use whocalls_core::{AdapterError, CallContext, ErrorKind, Operation, Progress, WorkflowRequest};

use crate::{
    api::ObjectType,
    client::{Client, Searched},
    config::UniqueProperties,
    wire::{
        Filter, FilterGroup, NewObject, Object, Operand, Operator, PropertyNames, SearchRequest,
        Sort,
    },
    workflow::{CALL_BODY, Draft, TICKET_CONTENT},
};

const MODIFIED: &str = "hs_lastmodifieddate";
/// Objects with the marker that are looked at; there is one.
const MAX_HITS: usize = 5;

/// Delivers calls and tickets.
#[derive(Debug)]
pub(crate) struct Deliveries {
    pub(crate) unique: UniqueProperties,
}

impl Deliveries {
    /// Whether objects of a type are recognised by the marker in their text.
    pub(crate) fn are_marked(&self, kind: ObjectType) -> bool {
        self.unique.of(kind).is_none()
    }

    /// Creates the object of a request, or brings it up to date. Where it is gone, somebody deleted
    /// it, and it stays so.
    ///
    /// # Errors
    /// `OutcomeUnknown` when it may have been created now.
    pub(crate) async fn deliver(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
        draft: &Draft,
    ) -> Result<Object, AdapterError> {
        let existing = match &request.progress {
            Progress::New => None,
            Progress::Uncertain => self.find(cx, client, request, draft.kind).await?,
            Progress::Exists(id) => Some(id.clone()),
        };
        match existing {
            Some(id) => update(cx, client, draft, id).await,
            None => self.create(cx, client, request, draft).await,
        }
    }

    /// What stands in the way of the configured properties, one sentence each.
    pub(crate) async fn warnings(&self, cx: &CallContext, client: &Client) -> Vec<String> {
        let mut warnings = Vec::new();
        for kind in [ObjectType::Calls, ObjectType::Tickets] {
            let Some(name) = self.unique.of(kind) else {
                continue;
            };
            let fault = match client.property(cx, kind, name).await {
                Ok(Some(property)) if property.has_unique_value => continue,
                Ok(Some(_)) => "does not require unique values: create another one that does, \
                                HubSpot does not change an existing one"
                    .to_owned(),
                Ok(None) => "does not exist: create it in HubSpot as single-line text that \
                             requires unique values"
                    .to_owned(),
                Err(error) => format!("cannot be checked: {}", error.message),
            };
            let kind = kind.name();
            warnings.push(format!(
                "unique_property.{kind}: the property {name} of {kind} {fault}"
            ));
        }
        warnings
    }

    async fn create(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
        draft: &Draft,
    ) -> Result<Object, AdapterError> {
        let mut properties = draft.initial.clone();
        properties.extend(draft.current.clone());
        let unique = self.unique.of(draft.kind);
        if let Some(property) = unique {
            properties.insert(property, request.idempotency_key.clone());
        }
        let object = NewObject {
            properties,
            associations: draft.associations.clone(),
        };
        let error = match client.create(cx, draft.kind, &object).await {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        // What HubSpot says when a unique value is taken is not documented: whether the object is
        // there, a read tells.
        let may_be_taken = matches!(error.kind, ErrorKind::InvalidRequest | ErrorKind::Conflict);
        if unique.is_some()
            && may_be_taken
            && let Ok(Some(id)) = self.find(cx, client, request, draft.kind).await
        {
            return update(cx, client, draft, id).await;
        }
        Err(error)
    }

    /// The object that an earlier attempt created, as far as HubSpot tells.
    async fn find(
        &self,
        cx: &CallContext,
        client: &Client,
        request: &WorkflowRequest,
        kind: ObjectType,
    ) -> Result<Option<String>, AdapterError> {
        let Some(property) = self.unique.of(kind) else {
            return find_marked(cx, client, kind, &request.marker()).await;
        };
        let key = &request.idempotency_key;
        let found = client.owner_of(cx, kind, property, key).await?;
        Ok(found.map(|object| object.id))
    }
}

async fn update(
    cx: &CallContext,
    client: &Client,
    draft: &Draft,
    id: String,
) -> Result<Object, AdapterError> {
    if draft.current.is_empty() {
        return Ok(Object::with_id(id));
    }
    let updated = client.update(cx, draft.kind, &id, &draft.current).await?;
    Ok(updated.unwrap_or_else(|| {
        tracing::info!(
            kind = draft.kind.name(),
            "the object was deleted in HubSpot; it is not created again"
        );
        Object::with_id(id)
    }))
}

async fn find_marked(
    cx: &CallContext,
    client: &Client,
    kind: ObjectType,
    marker: &str,
) -> Result<Option<String>, AdapterError> {
    let operation = Operation::Workflow;
    let property = marked_property(kind);
    let request = search_for(property, marker);
    match client.search(cx, operation, kind, &request).await? {
        Searched::Found(objects) => {
            let is_marked = |object: &Object| {
                let text = object.properties.get(property).unwrap_or_default();
                text.contains(marker)
            };
            let found = objects.into_iter().find(is_marked);
            Ok(found.map(|object| object.id))
        }
        Searched::UnknownProperties(_) => {
            let message = "HubSpot does not search this type of object by its text; set \
                           unique_property";
            let kind = ErrorKind::InvalidRequest;
            Err(AdapterError::new(kind, &client.adapter, operation, message))
        }
    }
}

/// The property that holds the text of an object.
const fn marked_property(kind: ObjectType) -> &'static str {
    match kind {
        ObjectType::Tickets => TICKET_CONTENT,
        _ => CALL_BODY,
    }
}

/// The objects whose text has this word, the first one first.
fn search_for(property: &'static str, marker: &str) -> SearchRequest<'static> {
    let has_marker = Filter {
        property_name: property,
        operator: Operator::ContainsToken,
        operand: Operand::Value(marker.into()),
    };
    SearchRequest {
        filter_groups: vec![FilterGroup {
            filters: [has_marker],
        }],
        query: None,
        properties: Cow::Owned(PropertyNames::new(&[property])),
        sorts: [Sort {
            property_name: MODIFIED,
            direction: "ASCENDING",
        }],
        limit: MAX_HITS,
    }
}
