//! The command `hprof-suspects`.
use hprof_suspects::heap::*;
use std::io::Write;
struct Timer(std::sync::Mutex<(std::time::Instant, &'static str)>);
impl Observer for Timer {
    fn phase(&self, name: &'static str, _bytes: u64) {
        let mut t = self.0.lock().unwrap();
        eprintln!("{:>20} {:.3}", t.1, t.0.elapsed().as_secs_f64());
        *t = (std::time::Instant::now(), name);
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let f = std::fs::File::open(&a[2]).unwrap();
    let m = unsafe { memmap2::Mmap::map(&f).unwrap() };
    let compat = if a.get(3).is_some_and(|s| s == "mat") {
        Compat::Mat
    } else {
        Compat::Jvm
    };
    let t = Timer(std::sync::Mutex::new((std::time::Instant::now(), "start")));
    let s = load(&m, LoadOptions { compat, start: 0 }, &t).unwrap();
    t.phase("end", 0);
    eprintln!(
        "{:?}\n{:?} fillers {:?}",
        s.layout(),
        s.totals(hprof_suspects::graph::Strength::Strong),
        s.fillers()
    );
    for st in hprof_suspects::graph::Strength::ALL {
        eprintln!("{st:?} {:?}", s.totals(st));
    }
    for d in s.damage() {
        eprintln!("{d:?}");
    }
    if a[1] == "objects" {
        let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
        writeln!(
            out,
            "address\tclass\tshallow_bytes\tretained_bytes\tdominator"
        )
        .unwrap();
        for (o, addr) in s.addresses().enumerate() {
            let o = o as u32;
            if !s.contains(o) {
                continue;
            }
            let d = s
                .dominator(o)
                .map_or("root".to_owned(), |d| format!("{:#x}", s.address(d)));
            writeln!(
                out,
                "{:#x}\t{}\t{}\t{}\t{}",
                addr,
                s.class(o).name,
                s.shallow(o),
                s.retained(o),
                d
            )
            .unwrap();
        }
    }
    if a[1] == "histo" {
        let mut h = vec![(0u64, 0u64); s.classes().len()];
        for o in 0..s.len() as u32 {
            let c = s.class_of(o).0 as usize;
            h[c].0 += 1;
            h[c].1 += s.shallow(o);
        }
        let r = s.retained_by_class();
        let mut v: Vec<_> = s
            .classes()
            .iter()
            .map(|(i, c)| {
                (
                    c.name.clone(),
                    h[i.0 as usize].0,
                    h[i.0 as usize].1,
                    r[i.0 as usize],
                )
            })
            .collect();
        v.sort_by_key(|x| std::cmp::Reverse(x.2));
        for x in v {
            println!("{}\t{}\t{}\t{}", x.0, x.1, x.2, x.3);
        }
    }
    std::process::exit(0);
}
