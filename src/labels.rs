//! Labels of a report: `service=shop`, `version=1.42`. They say which reports belong together when many are compared.

use std::collections::BTreeMap;

/// Labels by name.
pub type Labels = BTreeMap<String, String>;

/// The names by convention: a fleet groups by them.
pub const SERVICE: &str = "service";
/// Which build it was.
pub const VERSION: &str = "version";
/// Which replica it was.
pub const POD: &str = "pod";
/// `production`, `staging`, ...
pub const ENVIRONMENT: &str = "environment";

/// The names by convention, in the order in which they are shown.
pub const CONVENTIONAL: [&str; 4] = [SERVICE, VERSION, POD, ENVIRONMENT];

/// Labels of a report at most.
const MOST: usize = 32;
/// Longest name and longest value, in characters. Values of Kubernetes' own labels have 63, names of pods up to 253.
const LONGEST_NAME: usize = 63;
const LONGEST_VALUE: usize = 253;

/// Reads `NAME=VALUE`.
///
/// ```
/// use hprof_suspects::labels::parse;
/// assert_eq!(parse("service=shop"), Ok(("service".to_owned(), "shop".to_owned())));
/// assert!(parse("service").is_err() && parse("a b=c").is_err() && parse("service=").is_err());
/// ```
///
/// # Errors
/// When it is no name and value, with the reason.
pub fn parse(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a label is NAME=VALUE, such as service=shop")?;
    let (name, value) = (name.trim(), value.trim());
    if !is_name(name) {
        return Err(format!(
            "the name of a label has 1 to {LONGEST_NAME} letters, digits, `.`, `-`, `_` or `/`, and begins with a letter"
        ));
    }
    if value.is_empty() || value.chars().count() > LONGEST_VALUE {
        return Err(format!(
            "the value of a label has 1 to {LONGEST_VALUE} characters"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a label can have this name.
pub fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let rest = letters.all(|c| c.is_ascii_alphanumeric() || ".-_/".contains(c));
    first && rest && name.len() <= LONGEST_NAME
}

/// The labels of `given` that are some: a manifest may have been written by anybody.
pub fn sound(given: &Labels) -> Labels {
    let pairs = given.iter().take(MOST);
    let read = pairs.filter_map(|(name, value)| parse(&format!("{name}={value}")).ok());
    read.collect()
}

/// Variables of the environment, by the label that they tell, the best first. The first ones are what the downward API is asked for by
/// most; Kubernetes itself sets `HOSTNAME` to the name of the pod.
const VARIABLES: [(&str, &[&str]); 5] = [
    (SERVICE, &["SERVICE_NAME", "OTEL_SERVICE_NAME", "APP_NAME"]),
    (VERSION, &["SERVICE_VERSION", "APP_VERSION", "VERSION"]),
    (POD, &["POD_NAME", "K8S_POD_NAME", "MY_POD_NAME"]),
    (ENVIRONMENT, &["ENVIRONMENT", "DEPLOYMENT_ENVIRONMENT"]),
    (
        "namespace",
        &["POD_NAMESPACE", "K8S_NAMESPACE", "MY_POD_NAMESPACE"],
    ),
];

/// Attributes of `OTEL_RESOURCE_ATTRIBUTES`, by the label that they tell.
const ATTRIBUTES: [(&str, &[&str]); 5] = [
    (SERVICE, &["service.name"]),
    (VERSION, &["service.version"]),
    (POD, &["k8s.pod.name"]),
    (
        ENVIRONMENT,
        &["deployment.environment.name", "deployment.environment"],
    ),
    ("namespace", &["k8s.namespace.name"]),
];

/// The labels that the environment of a container tells: variables that Kubernetes' downward API is asked to set, and those of OpenTelemetry.
/// `variable` gives the value of a variable.
pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Labels {
    let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let attribute = |name: &str| {
        let pairs = attributes
            .split(',')
            .filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(known, _)| known.trim() == name);
        named.next().map(|(_, value)| value.trim().to_owned())
    };
    let in_kubernetes = variable("KUBERNETES_SERVICE_HOST").is_some();
    let mut labels = Labels::new();
    for ((label, variables), (_, attributes)) in VARIABLES.iter().zip(&ATTRIBUTES) {
        let named = variables.iter().filter_map(|name| variable(name));
        let described = attributes.iter().filter_map(|name| attribute(name));
        let host = (*label == POD && in_kubernetes).then(|| variable("HOSTNAME"));
        let mut all = named.chain(described).chain(host.flatten());
        let found = all.find(|value| !value.trim().is_empty());
        labels.extend(found.and_then(|value| parse(&format!("{label}={value}")).ok()));
    }
    labels
}

/// The labels as one line: those by convention first.
pub fn line(labels: &Labels) -> String {
    let known = CONVENTIONAL
        .iter()
        .filter_map(|name| labels.get_key_value(*name));
    let others = labels
        .iter()
        .filter(|(name, _)| !CONVENTIONAL.contains(&name.as_str()));
    let pairs = known.chain(others);
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Labels {
        of_environment(|name| {
            let mut named = variables.iter().filter(|(known, _)| *known == name);
            named.next().map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_of_a_pod() {
        let labels = environment(&[
            ("POD_NAME", "shop-7d9f8b6c5d-x2x9z"),
            ("POD_NAMESPACE", "web"),
            ("HOSTNAME", "other"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=shop, service.version=1.42,deployment.environment=prod",
            ),
        ]);
        assert_eq!(
            line(&labels),
            "service=shop, version=1.42, pod=shop-7d9f8b6c5d-x2x9z, environment=prod, namespace=web"
        );
        // The name of an ordinary machine is no pod.
        assert_eq!(environment(&[("HOSTNAME", "laptop")]), Labels::new());
        let pod = environment(&[("HOSTNAME", "shop-1"), ("KUBERNETES_SERVICE_HOST", "x")]);
        assert_eq!(line(&pod), "pod=shop-1");
    }

    #[test]
    fn what_is_no_label_is_left_out() {
        let given = [("a b", "c"), ("a", ""), ("team", "web")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(line(&sound(&given.into())), "team=web");
    }
}
