//! A report as text for people.

use annotate_snippets::{
    AnnotationKind, Group, Level, Renderer, Snippet,
    renderer::{DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE, Style},
};

use super::{
    lines::line_around,
    report::{Entry, Place, Report, Severity},
    source::Span,
};

pub(super) fn render(report: &Report, styled: bool) -> String {
    let mut text = String::new();
    for entry in &report.entries {
        let (name, shown) = report.text_of(&entry.problem.place);
        text.push_str(&headline(&name, entry, styled));
        if let Place::Text(span) | Place::Description { span, .. } = &entry.problem.place {
            text.push_str(&snippet(shown, entry, span, styled));
        }
    }
    text.push_str(&summary(report));
    text
}

/// `adapters.toml:12:5: error: gateway.listen: what is wrong`.
fn headline(name: &str, entry: &Entry, styled: bool) -> String {
    let Entry { problem, position } = entry;
    let place = match (&problem.place, position) {
        (Place::Variable(variable), _) => format!("environment variable {variable}"),
        (_, Some(position)) => format!("{name}:{}:{}", position.line, position.column),
        (_, None) => name.to_owned(),
    };
    let level = match problem.severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
    };
    let paint = |style: Style, text: &str| {
        if styled {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    };
    let path = if problem.path.is_root() {
        String::new()
    } else {
        paint(DEFAULT_EMPHASIS_STYLE, &format!("{}: ", problem.path))
    };
    format!(
        "{place}: {}: {path}{}\n",
        paint(level, problem.severity.as_str()),
        printable(&problem.message)
    )
}

/// The first line of `span` with a mark below. One line is enough to find the place, and it shows
/// no more of the file than needed.
fn snippet(shown: &str, entry: &Entry, span: &Span, styled: bool) -> String {
    let line = line_around(shown, span.start);
    let (Some(text), Some(position)) = (shown.get(line.clone()), entry.position) else {
        return String::new();
    };
    if text.trim().is_empty() {
        return String::new();
    }
    let mark =
        span.start.saturating_sub(line.start)..span.end.min(line.end).saturating_sub(line.start);
    let level = match entry.problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let snippet = Snippet::source(text)
        .line_start(position.line)
        .annotation(AnnotationKind::Primary.span(mark.start..mark.end.max(mark.start)));
    let renderer = if styled {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = renderer.render(&[Group::with_level(level).element(snippet)]);
    text.push('\n');
    text
}

/// `2 errors, 1 warning`; nothing if there is nothing to count.
fn summary(report: &Report) -> String {
    let counted = [Severity::Error, Severity::Warning].map(|severity| {
        let word = severity.as_str();
        match report.count(severity) {
            0 => None,
            1 => Some(format!("1 {word}")),
            count => Some(format!("{count} {word}s")),
        }
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    if counted.is_empty() {
        return String::new();
    }
    format!("{}\n", counted.join(", "))
}

/// The text with control characters escaped: it may quote what others wrote.
pub(crate) fn printable(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for c in message.chars() {
        if c.is_control() {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}
