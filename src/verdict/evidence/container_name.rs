//! Names that docker gives the containers of a pod.

use super::Subject;

/// Parts of `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`, none of which has an underline.
const PARTS: usize = 6;

/// Gives a subject that is called `k8s_app_web-1_shop_0a1b..._0` its container, pod and namespace.
pub(super) fn resolve(subject: &mut Subject) {
    let Some(name) = subject
        .container
        .as_deref()
        .filter(|_| subject.pod.is_none())
    else {
        return;
    };
    let parts: Vec<&str> = name.split('_').collect();
    let is_of_pod =
        parts.len() == PARTS && parts[0] == "k8s" && parts.iter().all(|part| !part.is_empty());
    if is_of_pod {
        let [container, pod, namespace] = [1, 2, 3].map(|at| Some(parts[at].to_owned()));
        (subject.container, subject.pod, subject.namespace) = (container, pod, namespace);
    }
}
