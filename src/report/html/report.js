"use strict";
(() => {
  document.documentElement.classList.add("js");
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
      setTimeout(() => { button.textContent = "copy"; }, 2500);
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
      changed();
    });
  };

  // Long tables are shown in pages, in whatever order they are sorted and whatever rows the field above picks.
  const perPage = 20;
  const paged = (table) => {
    const all = table.tBodies[0].rows.length;
    if (all <= perPage + 5) return () => {};
    const pager = document.createElement("div");
    pager.className = "pager";
    const button = (text, press) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.addEventListener("click", press);
      return made;
    };
    const title = table.closest(".scroll").getAttribute("aria-label");
    let from = 0, whole = false;
    const turn = (by) => () => { from += by; apply(); };
    const before = button("Previous", turn(-perPage)), after = button("Next", turn(perPage));
    before.setAttribute("aria-label", `Previous rows, ${title}`);
    after.setAttribute("aria-label", `Next rows, ${title}`);
    const where = document.createElement("span");
    where.setAttribute("role", "status");
    const unfold = () => { whole = true; apply(); pager.remove(); };
    pager.append(before, after, where, button(`Show all ${count(all)} rows`, unfold));
    table.closest(".scroll").after(pager);
    const apply = () => {
      const rows = [...table.tBodies[0].rows];
      const hits = rows.filter((row) => row.dataset.miss !== "1");
      from = Math.max(0, from < hits.length ? from : 0);
      const shown = whole ? hits : hits.slice(from, from + perPage);
      rows.forEach((row) => { row.hidden = true; });
      shown.forEach((row) => { row.hidden = false; });
      before.disabled = from === 0;
      after.disabled = from + perPage >= hits.length;
      where.textContent = hits.length ? `rows ${count(from + 1)} to ${count(from + shown.length)} of ${count(hits.length)}` : "no rows";
    };
    const first = () => { from = 0; apply(); };
    filter(table, first);
    addEventListener("beforeprint", unfold);
    apply();
    return first;
  };

  // Tables: a click on a heading sorts by the value behind the cell.
  for (const table of document.querySelectorAll("table.sortable")) {
    const sorted = paged(table);
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
        sorted();
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
  nodes.forEach((node) => node.children.sort((a, b) => b.retained - a.retained));
  const whole = nodes[0];
  const map = document.getElementById("treemap");
  holder.setAttribute("role", "tree");
  holder.setAttribute("aria-label", "Dominator tree");
  map.classList.add("treemap");
  map.setAttribute("role", "img");
  map.setAttribute("aria-label", "Treemap of the dominator tree: the same nodes as in the tree above");
  const told = document.getElementById("told");
  const found = document.getElementById("found");
  const field = document.getElementById("search");
  let zoomed = whole, focused = whole, term = "";

  const colour = (name) => {
    const cls = name.replace(/^.*: /, "").replace(/^[\d,]+ × /, "").replace(/^class /, "");
    const parts = cls.split(".");
    const group = parts.slice(0, Math.min(parts.length - 1, 3)).join(".") || cls;
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

  // The name as it is seen: without the package.
  const lead = /^((?:.*: )?(?:[\d,]+ × )?(?:class )?)((?:[\w$]+\.)+)/;
  const shorten = (node) => node.name.replace(lead, "$1");
  // A box of a picture; CSS lengths.
  const box = (into, node, left, top, width, height) => {
    const cell = document.createElement("div");
    cell.className = `cell ${node === whole ? "" : colour(node.name)}${matches(node) ? " hit" : ""}`;
    cell.style.left = left;
    cell.style.top = top;
    cell.style.width = width;
    if (height) cell.style.height = height;
    cell.title = `${node.name}\n${bytes(node.retained)}, ${percent(node.retained, whole.retained)} of reachable`;
    cell.dataset.i = String(node.index);
    into.append(cell);
    return cell;
  };
  const place = (node, left, width, row, up) => {
    const cell = box(holder, node, left * 100 + "%", row * 22 + "px", width * 100 + "%");
    cell.classList.toggle("up", up);
    cell.setAttribute("role", "treeitem");
    cell.setAttribute("aria-level", String(node.depth + 1));
    // The package stands behind the name for those who hear it.
    const short = shorten(node);
    const packaged = node.name.match(lead);
    const inside = packaged ? `, in ${packaged[2].slice(0, -1)}` : "";
    cell.setAttribute("aria-label", `${short} ${bytes(node.retained)}${inside}`);
    cell.tabIndex = node === focused ? 0 : -1;
    if (width > 0.012) cell.textContent = `${short} ${bytes(node.retained)}`;
    node.cell = cell;
  };

  // Areas for children of a node in a rectangle of pixels, as squarified treemaps have them; what the node itself has stays free.
  const squares = (node, [x, y, w, h]) => {
    const area = node.retained > 0 ? (w * h) / node.retained : 0, out = [];
    const longest = (part, row, side) => Math.max((side * side * part) / (row * row), (row * row) / (side * side * part));
    for (let i = 0; i < node.children.length;) {
      const side = Math.min(w, h), first = node.children[i].retained * area;
      if (!(side > 0 && first > 0)) break;
      let end = i + 1, sum = first, worst = longest(first, first, side);
      for (; end < node.children.length; end++) {
        const next = node.children[end].retained * area;
        const now = Math.max(longest(next, sum + next, side), longest(first, sum + next, side));
        if (!(now <= worst)) break;
        worst = now;
        sum += next;
      }
      const wide = w > h, across = sum / side;
      let at = 0;
      for (; i < end; i++) {
        const along = (node.children[i].retained * area) / across;
        out.push([node.children[i], wide ? [x, y + at, across, along] : [x + at, y, along, across]]);
        at += along;
      }
      if (wide) { x += across; w -= across; } else { y += across; h -= across; }
    }
    return out;
  };
  const mapHeight = 320, title = 18, most = 1500;
  const drawMap = () => {
    map.textContent = "";
    map.style.height = mapHeight + "px";
    const wide = map.clientWidth;
    const open = [[zoomed, [0, 0, wide, mapHeight]]];
    for (let n = 0; n < open.length && n < most; n++) {
      const [node, [x, y, w, h]] = open[n];
      const cell = box(map, node, (100 * x) / wide + "%", y + "px", (100 * w) / wide + "%", h + "px");
      if (w > 30 && h > 14) cell.textContent = `${shorten(node)} ${bytes(node.retained)}`;
      const top = h > 2 * title ? title : 2;
      const inner = [x + 2, y + top, w - 4, h - top - 2];
      if (inner[2] > 0 && inner[3] > 0) open.push(...squares(node, inner).filter(([, a]) => a[2] >= 3 && a[3] >= 3));
    }
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
    drawMap();
  };
  const focus = (node, stay = false) => {
    if (!node) return;
    // Too deep or too small to be drawn: the picture moves there.
    if (!node.cell) {
      zoomed = node;
      draw();
    }
    if (focused.cell) focused.cell.tabIndex = -1;
    focused = node;
    node.cell.tabIndex = 0;
    node.cell.focus({ preventScroll: stay });
    tell(node);
  };
  const zoom = (node, stay) => {
    zoomed = focused = node;
    draw();
    focus(node, stay);
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
  // The outermost box of the treemap leads back out.
  map.addEventListener("click", (event) => {
    const node = nodeOf(event);
    if (node) zoom(node === zoomed ? nodes[node.parent] : node, true);
  });
  for (const picture of [holder, map]) {
    picture.addEventListener("mouseover", (event) => { const node = nodeOf(event); if (node) tell(node); });
  }
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
