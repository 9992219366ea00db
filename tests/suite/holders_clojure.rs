//! Clojure: what is held is named by the var.

use crate::holders_support::{KB, in_static, json, object, payloads, told};
use crate::patterns_shapes;
use crate::synth::{Heap, Obj, Value};

fn symbol(heap: &mut Heap, name: &str) -> Obj {
    let name = heap.string(name);
    patterns_shapes::object(heap, "clojure.lang.Symbol", &[("name", name.into())])
}

/// Compiled code refers to the var by a constant of its class, which is the owner only where the var has no name.
#[test]
fn a_var_is_the_owner_of_what_it_refers_to() {
    for (named, expected) in [
        (true, ("acme.orders/cache", "-")),
        (false, ("acme.orders$handle", "const__1")),
    ] {
        let mut heap = Heap::new();
        let orders = payloads(&mut heap, "acme.orders.Order", 2_000, KB);
        let list = heap.array_list(&orders);
        let atom = object(&mut heap, "clojure.lang.Atom", &[("state", list.into())]);
        let name = symbol(&mut heap, "cache");
        let namespace = symbol(&mut heap, "acme.orders");
        let class = "clojure.lang.Namespace";
        let namespace = object(&mut heap, class, &[("name", namespace.into())]);
        let name: Value = if named { name.into() } else { Value::Null };
        let fields = [
            ("root", atom.into()),
            ("sym", name),
            ("ns", namespace.into()),
        ];
        let var = object(&mut heap, "clojure.lang.Var", &fields);
        in_static(&mut heap, "acme.orders$handle", "const__1", var);
        let json = json(&heap);
        let (_, class, field, content, objects) = told(&json);
        assert_eq!((class.as_str(), field.as_str()), expected, "{json}");
        assert_eq!(
            (content.as_str(), objects),
            ("acme.orders.Order", 2_000),
            "{json}"
        );
    }
}
