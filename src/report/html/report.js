"use strict";
(() => {
  const units = [["TiB", 40, 10 * 2 ** 40], ["GiB", 30, 10 * 2 ** 30], ["MiB", 20, 2 ** 20], ["KiB", 10, 2 ** 10]];
  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  // Numbers as the rest of the report writes them.
  const bytes = (n) => {
    const unit = units.find(([, , from]) => n >= from);
    if (!unit) return count(n) + " B";
    const tenths = Math.round((n * 10) / 2 ** unit[1]);
    const small = tenths < 100 || unit[1] >= 30;
    const text = small ? count(Math.floor(tenths / 10)) + "." + (tenths % 10) : count(Math.round(n / 2 ** unit[1]));
    return text + " " + unit[0];
  };
  const percent = (part, whole) => {
    if (!(whole > 0)) return "?";
    const share = (100 * part) / whole;
    if (share <= 0) return "0 %";
    if (share < 1) return "< 1 %";
    return (share < 100 ? Math.min(99, Math.round(share)) : Math.round(share)) + " %";
  };

  // Addresses, signatures and commands: a button copies them. Where the page may not use the clipboard, the text is selected and copied.
  const copied = async (element, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(element);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
  };
  for (const element of document.querySelectorAll(".copy")) {
    const text = element.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cp";
    button.textContent = "copy";
    button.setAttribute("aria-label", `copy ${text}`);
    button.addEventListener("click", async () => {
      await copied(element, text);
      button.textContent = "copied";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    element.after(button);
  }

  // Long tables: a field shows the rows that have a text in them.
  const filter = (table, changed) => {
    const scroll = table.closest(".scroll");
    const box = document.createElement("label");
    box.className = "filter";
    const field = document.createElement("input");
    field.type = "search";
    const shown = document.createElement("span");
    shown.setAttribute("role", "status");
    box.append("Rows with ", field, shown);
    scroll.before(box);
    field.addEventListener("input", () => {
      const term = field.value.trim().toLowerCase();
      const rows = [...table.tBodies[0].rows];
      rows.forEach((row) => { row.dataset.miss = term !== "" && !row.textContent.toLowerCase().includes(term) ? "1" : ""; });
      const hits = rows.filter((row) => !row.dataset.miss).length;
      shown.textContent = term === "" ? "" : `${count(hits)} of ${count(rows.length)} rows`;
      changed(term !== "");
    });
  };

  // Long tables begin with their first rows, in whatever order they are sorted; a button shows the rest.
  const first = 20;
  const fold = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= first + 5) return () => {};
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    button.textContent = `Show all ${count(rows.length)} rows`;
    table.closest(".scroll").after(button);
    let open = false, filtered = false;
    const apply = () => [...table.tBodies[0].rows].forEach((row, i) => { row.hidden = filtered ? row.dataset.miss === "1" : !open && i >= first; });
    const unfold = () => { open = true; apply(); button.remove(); };
    filter(table, (now) => { filtered = now; button.hidden = now; apply(); });
    button.addEventListener("click", unfold);
    addEventListener("beforeprint", unfold);
    apply();
    return apply;
  };

  // Tables: a click on a heading sorts by the value behind the cell.
  for (const table of document.querySelectorAll("table.sortable")) {
    const folded = fold(table);
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = th.textContent;
      th.textContent = "";
      th.append(button);
      button.addEventListener("click", () => {
        const numeric = th.classList.contains("n");
        const order = th.getAttribute("aria-sort");
        const up = order ? order === "descending" : !numeric;
        const value = (row) => {
          const cell = row.cells[column];
          return numeric ? Number(cell.dataset.v ?? -1) : cell.textContent;
        };
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const x = value(a), y = value(b);
          return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
        });
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
        table.tBodies[0].append(...rows);
        folded();
      });
    });
  }

  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));

  const holder = document.getElementById("icicle");
  if (!holder) return;
  const tree = JSON.parse(document.getElementById("tree").textContent);
  // Node 0 is the whole; nodes come after their parents, siblings from large to small.
  const nodes = tree.nodes.map(([parent, name, retained, objects, id]) => (
    { parent, name: tree.names[name], retained, objects, id, children: [], depth: 0 }));
  nodes.forEach((node, i) => {
    node.index = i;
    if (i === 0) return;
    node.depth = nodes[node.parent].depth + 1;
    nodes[node.parent].children.push(node);
  });
  const whole = nodes[0];
  const told = document.getElementById("told");
  const found = document.getElementById("found");
  const field = document.getElementById("search");
  let zoomed = whole, focused = whole, term = "";

  const colour = (name) => {
    const parts = name.replace(/^.*: /, "").replace(/^class /, "").split(".");
    const group = parts.slice(0, Math.min(parts.length - 1, 3)).join(".") || name;
    let h = 0;
    for (const c of group) h = (h * 31 + c.codePointAt(0)) >>> 0;
    return "k" + h % 8;
  };
  const tell = (node) => {
    const exact = node.retained >= 1024 ? ` (${count(node.retained)} B)` : "";
    const many = node.objects > 1 ? `, ${count(node.objects)} objects` : "";
    const at = node.id ? `, at ${node.id}` : "";
    told.textContent = `${node.name}: ${bytes(node.retained)}${exact}, `
      + `${percent(node.retained, whole.retained)} of reachable${many}${at}`;
  };
  const matches = (node) => term !== "" && node.name.toLowerCase().includes(term);

  const place = (node, left, width, row, up) => {
    const cell = document.createElement("div");
    cell.className = `cell ${node === whole ? "" : colour(node.name)}${up ? " up" : ""}${matches(node) ? " hit" : ""}`;
    cell.setAttribute("role", "treeitem");
    cell.setAttribute("aria-level", String(node.depth + 1));
    // The name as it is seen comes first, the package behind it.
    const short = node.name.replace(/^((?:.*: )?(?:class )?)(?:[\w$]+\.)+/, "$1");
    const packaged = node.name.match(/^(?:.*: )?(?:class )?((?:[\w$]+\.)+)/);
    const inside = packaged ? `, in ${packaged[1].slice(0, -1)}` : "";
    cell.setAttribute("aria-label", `${short} ${bytes(node.retained)}${inside}`);
    cell.tabIndex = node === focused ? 0 : -1;
    cell.style.left = left * 100 + "%";
    cell.style.width = width * 100 + "%";
    cell.style.top = row * 22 + "px";
    cell.title = `${node.name}\n${bytes(node.retained)}, ${percent(node.retained, whole.retained)} of reachable`;
    if (width > 0.012) cell.textContent = `${short} ${bytes(node.retained)}`;
    cell.dataset.i = String(node.index);
    node.cell = cell;
    holder.append(cell);
  };
  // Levels below the zoomed one that are drawn: a list of a thousand nodes would push all else off the screen.
  const deepest = 24;
  const draw = () => {
    holder.textContent = "";
    nodes.forEach((node) => { node.cell = null; });
    const above = [];
    for (let n = zoomed; n !== whole;) { n = nodes[n.parent]; above.unshift(n); }
    above.forEach((node, row) => place(node, 0, 1, row, true));
    let rows = above.length;
    const open = [[zoomed, 0, 1]];
    while (open.length) {
      const [node, left, width] = open.pop();
      place(node, left, width, node.depth, false);
      rows = Math.max(rows, node.depth + 1);
      if (node.depth - zoomed.depth >= deepest) {
        if (node.children.length) node.cell.classList.add("deep");
        continue;
      }
      let at = left;
      for (const child of node.children) {
        const w = node.retained > 0 ? width * child.retained / node.retained : 0;
        if (w >= 0.0005) open.push([child, at, w]);
        at += w;
      }
    }
    holder.style.height = rows * 22 + 2 + "px";
  };
  const focus = (node) => {
    if (!node) return;
    // Too deep or too small to be drawn: the picture moves there.
    if (!node.cell) {
      zoomed = node;
      draw();
    }
    if (focused.cell) focused.cell.tabIndex = -1;
    focused = node;
    node.cell.tabIndex = 0;
    node.cell.focus();
    tell(node);
  };
  const zoom = (node) => {
    zoomed = focused = node;
    draw();
    focus(node);
  };
  const search = () => {
    term = field.value.trim().toLowerCase();
    let sum = 0, number = 0;
    const inside = new Array(nodes.length).fill(false);
    nodes.forEach((node, i) => {
      const hit = i > 0 && matches(node);
      const within = i > 0 && inside[node.parent];
      inside[i] = hit || within;
      if (hit) number++;
      if (hit && !within) sum += node.retained;
    });
    found.textContent = term === "" ? "" : number === 0 ? "no match"
      : `${count(number)} ${number === 1 ? "match" : "matches"}: ${bytes(sum)}, ${percent(sum, whole.retained)} of reachable`;
    draw();
  };

  const nodeOf = (event) => {
    const cell = event.target.closest(".cell");
    return cell ? nodes[Number(cell.dataset.i)] : null;
  };
  holder.addEventListener("click", (event) => { const node = nodeOf(event); if (node) zoom(node); });
  holder.addEventListener("mouseover", (event) => { const node = nodeOf(event); if (node) tell(node); });
  holder.addEventListener("keydown", (event) => {
    const siblings = focused === whole ? [whole] : nodes[focused.parent].children;
    const at = siblings.indexOf(focused);
    const go = {
      ArrowUp: () => focus(focused === whole ? whole : nodes[focused.parent]),
      ArrowDown: () => focus(focused.children[0]),
      ArrowLeft: () => focus(siblings[at - 1]),
      ArrowRight: () => focus(siblings[at + 1]),
      Home: () => zoom(whole),
      Escape: () => zoom(whole),
      Enter: () => zoom(focused),
      " ": () => zoom(focused),
    }[event.key];
    if (go) { event.preventDefault(); go(); }
  });
  field.addEventListener("input", search);
  document.getElementById("reset").addEventListener("click", () => { field.value = ""; search(); zoom(whole); });
  draw();
  tell(whole);
})();
