//! A CRM integration template, whichever telephone system it was written for.

use crate::{expression::Expression, note::Place, path::Path};

/// A template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) format: Format,
    /// What the CRM is called.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) number: NumberRule,
    /// Requests at the same time.
    pub(crate) max_concurrent: Option<(Place, u16)>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) authentication: (Place, Authentication),
    pub(crate) scenarios: Vec<Scenario>,
}

impl Template {
    /// The scenarios that look a number up. One that reads nothing from its reply tells the CRM of
    /// a call rather than asking it, and counts only where there is no other.
    pub(crate) fn lookups(&self) -> Vec<&Scenario> {
        let lookups = self
            .scenarios
            .iter()
            .filter(|s| s.purpose == Purpose::Lookup);
        let reads = |scenario: &&Scenario| {
            let is_empty = scenario.variables.is_empty() && scenario.outputs.is_empty();
            !is_empty || scenario.next.is_some()
        };
        let reading: Vec<&Scenario> = lookups.clone().filter(reads).collect();
        if reading.is_empty() {
            lookups.collect()
        } else {
            reading
        }
    }
}

/// Whose template it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// 3CX: `<Crm>`.
    ThreeCx,
    /// Yeastar P-Series: `<Information>`.
    Yeastar,
}

impl Format {
    /// As people call it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ThreeCx => "3CX",
            Self::Yeastar => "Yeastar",
        }
    }
}

/// How the caller's number is written before the CRM is asked.
#[derive(Debug, Clone)]
pub(crate) struct NumberRule {
    pub(crate) place: Place,
    pub(crate) prefix: Prefix,
    /// The most digits, counted from the end.
    pub(crate) max_length: Option<Expression>,
}

/// What becomes of the international prefix of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    AsIs,
    Off,
    Plus,
    Zeros,
}

/// What whoever uses the template fills in.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) kind: ParameterKind,
    pub(crate) default: Expression,
    /// The choices that the telephone system offers, or where it gets them from.
    pub(crate) choices: Option<String>,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    Text,
    Password,
    Boolean,
    /// Authorisation in a browser.
    OAuth,
}

/// How the telephone system identifies itself.
#[derive(Debug, Clone)]
pub(crate) enum Authentication {
    Nothing,
    /// User name and password.
    Basic(Expression, Expression),
    Bearer(Expression),
    /// By the scenario of this name.
    Scenario(String),
    OAuth2 {
        token_url: Expression,
        scope: Expression,
        /// Name of the parameter of the request for a token -> its value.
        parameters: Vec<(String, Expression)>,
        /// In front of the token.
        prefix: String,
    },
    /// In a way that the format's documentation does not know.
    Unknown(String),
}

/// A request and what is read from its reply.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) purpose: Purpose,
    /// The kind of record that it is about, where the template says so.
    pub(crate) entity: String,
    pub(crate) request: Request,
    /// What a record in the reply has to be like.
    pub(crate) rules: Vec<Rule>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) outputs: Vec<Output>,
    /// The scenario that goes on with what this one found.
    pub(crate) next: Option<String>,
}

/// What a scenario is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Who owns this number?
    Lookup,
    /// The second half of another scenario, or a step of logging in.
    Chained,
    ReportCall,
    CreateContact,
    CreateTicket,
    /// Nothing that the gateway does; why not.
    Unused(&'static str),
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) place: Place,
    /// When it is not sent.
    pub(crate) skip_if: Option<Expression>,
    pub(crate) url: Expression,
    pub(crate) method: String,
    pub(crate) headers: Vec<Pair>,
    /// Parameters beside those of the address.
    pub(crate) query: Vec<Pair>,
    pub(crate) body: Body,
}

impl Request {
    /// The names of all values in it.
    pub(crate) fn variables(&self) -> Vec<&str> {
        let mut names = self.url.variables();
        names.extend(self.skip_if.iter().flat_map(Expression::variables));
        let pairs = self.headers.iter().chain(&self.query);
        names.extend(pairs.flat_map(|pair| pair.value.variables()));
        match &self.body {
            Body::Nothing => {}
            Body::Message(text, _) => names.extend(text.variables()),
            Body::Json(node) => node.collect(&mut names),
            Body::Form(nodes) => {
                for node in nodes {
                    node.collect(&mut names);
                }
            }
        }
        names
    }
}

impl Node {
    fn collect<'n>(&'n self, names: &mut Vec<&'n str>) {
        names.extend(self.condition.iter().flat_map(Expression::variables));
        match &self.content {
            Content::Text(value) | Content::Typed(value) => names.extend(value.variables()),
            Content::Object(nodes) | Content::Array(nodes) => {
                for node in nodes {
                    node.collect(names);
                }
            }
        }
    }
}

/// A name and its value.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) value: Expression,
}

/// What is sent in a body.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Nothing,
    /// A text, and its content type.
    Message(Expression, String),
    Json(Node),
    Form(Vec<Node>),
}

/// A part of a body.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    /// Empty for an element of a list.
    pub(crate) key: String,
    /// Only then is it sent.
    pub(crate) condition: Option<Expression>,
    pub(crate) content: Content,
}

/// What a part of a body is.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Text(Expression),
    /// A JSON number or `true` and `false`.
    Typed(Expression),
    Object(Vec<Node>),
    Array(Vec<Node>),
}

/// What a value in the reply has to be.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    pub(crate) test: Test,
    pub(crate) path: Path,
}

/// How a rule tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// There is a value.
    Any,
    /// It is the number that is looked for.
    Number,
    Equals(String),
    Differs(String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    /// In a way that the format's documentation does not know.
    Unknown(String),
}

/// A value of the reply that has a name.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) path: Path,
    /// Which element of a list it is taken from.
    pub(crate) filter: Vec<Rule>,
}

/// A value of a found contact.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) place: Place,
    /// What it is: `FirstName`.
    pub(crate) kind: String,
    pub(crate) value: Expression,
}
