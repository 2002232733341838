//! Methods: how the interface may be asked at a path, for those who ask otherwise.

use grammar::clerk::Desks;
use serde_json::Value;

use super::openapi::document;

/// The methods by which the interface may be asked at a path, as the document says; nothing for other paths.
#[must_use]
pub fn methods(desks: &Desks, path: &str) -> Option<&'static str> {
    let document = document(desks, "", "");
    let paths = document.get("paths").and_then(Value::as_object)?;
    let steps = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let asked = steps(path);
    let fits = |template: &&String| {
        let template = steps(template);
        let same = |(step, asked): (&String, &String)| step.starts_with('{') || step == asked;
        template.len() == asked.len() && template.iter().zip(&asked).all(same)
    };
    // A path that is written out goes before one with a name in it.
    let found = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
    let has = |method: &str| paths.get(found).is_some_and(|item| item.get(method).is_some());
    Some(match (has("get"), has("post")) {
        (true, true) => "GET, HEAD, POST",
        (true, false) => "GET, HEAD",
        _ => "POST",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use desks::DESKS;

    #[test]
    fn a_path_is_asked_as_its_document_says() {
        for (path, expected) in [
            ("/api/v1/need", Some("GET, HEAD")),
            ("/api/v1/need/draft", Some("POST")),
            ("/api/v1/need/need-1", Some("GET, HEAD")),
            ("/api/v1/need/need-1/submit", Some("POST")),
            ("/api/v1/find", Some("GET, HEAD, POST")),
            ("/need", None),
        ] {
            assert_eq!(methods(&DESKS, path), expected, "{path}");
        }
    }
}
