// Drives reports in a real Chromium: clicks, searches, sorts, uses the keyboard, and fails on any console error,
// request, dialog or sideways scrolling.
//
// usage: node report.mjs CHROMIUM FOLDER [SCREENSHOTS]
// FOLDER holds real-NAME.html of real dumps, and suspected.html, ruled_out.html, damaged.html, hostile.html, empty.html, large.html, suspected.svg, suspected.folded and
// suspected.pb.gz as the test suite writes them.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const [executablePath, folder, screenshots] = process.argv.slice(2);
const real = readdirSync(folder).filter((name) => /^real-.*\.html$/.test(name)).map((name) => name.replace(/\.html$/, "")).sort();
const reports = ["suspected", "ruled_out", "damaged", "hostile", "empty", "large", ...real];
assert.ok(real.length >= 3, `reports of real dumps: ${real}`);
const profile = mkdtempSync(join(tmpdir(), "report-browser-"));
const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });

async function open(name, { scheme = "light", width = 1200, height = 900 } = {}) {
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") troubles.push(`console: ${m.text()}`); });
  page.on("pageerror", (e) => troubles.push(`error: ${e}`));
  page.on("dialog", (d) => { troubles.push(`dialog: ${d.message()}`); d.dismiss(); });
  const address = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on("request", (r) => { if (r.url().split("#")[0] !== address) troubles.push(`request: ${r.url()}`); });
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height });
  await page.goto(address);
  return { page, troubles };
}

async function done({ page, troubles }, what) {
  assert.deepEqual(troubles, [], what);
  await page.close();
}

const text = (page, selector) => page.locator(selector).textContent();
const cells = (page) => page.locator("#icicle .cell").count();

async function drive() {
  const opened = await open("suspected");
  const { page } = opened;
  assert.match(await page.title(), /^Java heap SUSPECTED/);
  assert.equal(await cells(page), 8);

  // Search: hits are marked and added up without counting what lies inside another hit.
  await page.fill("#search", "hashmap");
  assert.equal(await text(page, "#found"), "5 matches: 63 MiB, 71 % of reachable");
  assert.equal(await page.locator("#icicle .cell.hit").count(), 5);
  await page.fill("#search", "no such class");
  assert.equal(await text(page, "#found"), "no match");
  await page.click("#reset");
  assert.equal(await text(page, "#found"), "");

  // Zoom by click: the clicked box takes the whole width, its ancestors stay above it; Escape goes back.
  const wide = () => page.locator("#icicle .cell").evaluateAll((all) => all.filter((c) => c.style.width === "100%").length);
  assert.equal(await wide(), 1);
  await page.locator("#icicle .cell", { hasText: "UserProfile" }).click();
  assert.equal(await wide(), 6);
  assert.match(await text(page, "#told"), /UserProfile.*53 MiB \(55,200,000 B\), 60 % of reachable, 150,000 objects/);
  await page.keyboard.press("Escape");
  assert.equal(await wide(), 1);

  // Keyboard only: arrows walk the tree, Enter zooms. A box under the pointer would be told instead.
  await page.mouse.move(0, 0);
  await page.locator("#icicle .cell[tabindex='0']").focus();
  await page.keyboard.press("ArrowDown");
  assert.match(await text(page, "#told"), /^class leaks\.StaticHashMapCache\$UserCache/);
  await page.keyboard.press("ArrowRight");
  assert.match(await text(page, "#told"), /http-worker/);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  assert.match(await text(page, "#told"), /^CACHE: java\.util\.HashMap/);
  await page.keyboard.press("Enter");
  assert.equal(await wide(), 3);
  await page.keyboard.press("Home");
  assert.match(await text(page, "#told"), /, 100 % of reachable$/);

  // Tables sort by value, not by text, in both directions; by keyboard too.
  const column = (n) => page.locator(`section[aria-labelledby=top-classes] tbody tr td:nth-child(${n})`).allTextContents();
  const heading = page.locator("section[aria-labelledby=top-classes] th button");
  await heading.nth(3).click();
  assert.deepEqual(await column(4), ["310,000", "151,300", "150,000"]);
  await heading.nth(3).press("Enter");
  assert.deepEqual(await column(4), ["150,000", "151,300", "310,000"]);
  await heading.nth(5).click();
  assert.deepEqual(await column(6), ["byte[]", "java.util.HashMap$Node", "leaks.StaticHashMapCache$UserProfile"]);

  // A path unfolds, with all its steps.
  const step = page.locator(".path li", { hasText: ".table" }).first();
  const path = page.locator(".path > details > summary").first();
  for (const visible of [false, true, false]) {
    assert.equal(await step.isVisible(), visible);
    await path.click();
  }

  // Everything that can be operated is reached by Tab.
  await page.locator("body").evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const reached = new Set();
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
  }
  for (const wanted of ["search", "reset", "SUMMARY", "BUTTON", "A"]) assert.ok(reached.has(wanted), `${wanted} in ${[...reached]}`);
  assert.ok([...reached].some((name) => name.startsWith("cell")), "the picture is reached by Tab");
  await done(opened, "suspected");
}

// A long table is shown in pages, in whatever order; buttons turn the pages or show all rows, and paper shows all.
async function longTables(name) {
  const opened = await open(name);
  const { page } = opened;
  const title = await page.locator(".scroll:has(+ .pager)").first().getAttribute("aria-label");
  const scroll = page.locator(`.scroll[aria-label="${title}"]`);
  const pager = scroll.locator("+ .pager");
  const rows = () => scroll.locator("tbody tr:visible").allTextContents();
  const all = await scroll.locator("tbody tr").count();
  const first = await rows();
  assert.equal(first.length, 20, name);
  assert.equal(await pager.locator("[role=status]").textContent(), `rows 1 to 20 of ${all}`);
  await pager.getByText("Next").click();
  const second = await rows();
  assert.ok(second.length > 0 && second.every((row) => !first.includes(row)), `${name}: ${second}`);
  assert.match(await pager.locator("[role=status]").textContent(), /^rows 21 to /);
  await pager.getByText("Previous").click();
  assert.deepEqual(await rows(), first, name);
  assert.equal(await pager.getByText("Previous").isDisabled(), true);
  await pager.getByText("Next").click();
  await scroll.locator("th button").last().click();
  assert.equal(await pager.locator("[role=status]").textContent(), `rows 1 to 20 of ${all}`, `${name}: sorted`);
  await pager.getByText(`Show all ${all} rows`).click();
  assert.equal((await rows()).length, all, name);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.locator(".pager").count(), 0, "on paper all rows are there");
  assert.match(await text(page, "section[aria-labelledby=top-classes] > p.dim"), /^Not listed: [\d,]+ of [\d,]+ classes/);
  await done(opened, name);
}

// Both pictures are of the same nodes: what is clicked in the treemap is zoomed in both, and its outermost box leads back.
async function treemap(name) {
  const opened = await open(name);
  const { page } = opened;
  const boxes = page.locator("#treemap .cell");
  const whole = await boxes.count();
  assert.ok(whole >= 3, `${name}: ${whole} boxes`);
  const areas = await boxes.evaluateAll((all) => all.map((c) => { const r = c.getBoundingClientRect(); return [c.dataset.i, r.x, r.y, r.width, r.height]; }));
  const [, x, y, width, height] = areas[0];
  for (const [i, left, top, w, h] of areas) {
    assert.ok(left >= x - 1 && top >= y - 1 && left + w <= x + width + 1 && top + h <= y + height + 1, `${name}: box ${i} lies outside`);
  }
  const inner = boxes.nth(1);
  const label = await inner.getAttribute("title");
  await inner.click({ position: { x: 4, y: 4 } });
  assert.equal(await boxes.first().getAttribute("title"), label, `${name}: the clicked box is the outermost`);
  assert.ok(await page.locator("#icicle .cell.up").count() >= 1, `${name}: the tree zooms too`);
  await boxes.first().click({ position: { x: 4, y: 4 } });
  assert.equal(await boxes.count(), whole, name);
  await done(opened, name);
}

// Without scripts the pictures, every row and every name are there, and nothing that would do nothing.
async function withoutScripts(name) {
  const still = mkdtempSync(join(tmpdir(), "report-browser-"));
  const plain = await chromium.launchPersistentContext(still, { executablePath, headless: true, args, javaScriptEnabled: false });
  try {
    const page = await plain.newPage();
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    for (const picture of ["#icicle", "#treemap"]) {
      assert.ok(await page.locator(`${picture} svg[role=img] svg`).count() >= 3, `${name}: ${picture}`);
      assert.ok(await page.locator(`${picture} svg text`).first().isVisible(), `${name}: names in ${picture}`);
    }
    assert.equal(await page.locator(".tools, .live, button").locator("visible=true").count(), 0, name);
    const rows = page.locator("section[aria-labelledby=top-classes] tbody tr");
    assert.equal(await rows.count(), await rows.locator("visible=true").count(), name);
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-no-scripts.png`), fullPage: true });
  } finally {
    await plain.close();
    rmSync(still, { recursive: true, force: true });
  }
}

// Every address, signature and command is copied by its button; a long table shows the rows that have a text.
async function copyAndFilter(name) {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const opened = await open(name);
  const { page } = opened;
  const command = page.locator("dd", { hasText: "hprof-suspects " }).first();
  const wanted = await command.locator("code").textContent();
  await command.locator("button").click();
  await command.locator("button", { hasText: "copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), wanted, name);
  assert.match(wanted, /^hprof-suspects (show \S+ 0x[0-9a-f]+|explore \S+)$/);
  const field = page.locator(".filter input").first();
  const table = page.locator(".filter + .scroll table").first();
  const all = await table.locator("tbody tr").count();
  await field.fill("java.lang");
  const shown = await table.locator("tbody tr:visible").allTextContents();
  assert.ok(shown.length > 0 && shown.length < all && shown.every((row) => row.includes("java.lang")), `${name}: ${shown}`);
  assert.equal(await page.locator(".filter [role=status]").first().textContent(), `${shown.length} of ${all} rows`);
  await field.fill("");
  assert.equal(await table.locator("tbody tr:visible").count(), 20, name);
  await done(opened, name);
}

// Roles, names, contrast and landmarks, light and dark, wide and narrow.
async function accessible(name) {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const scheme of ["light", "dark"]) {
    for (const width of [1200, 390]) {
      const opened = await open(name, { scheme, width });
      await opened.page.evaluate(axe);
      const { violations } = await opened.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const told = violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | ")}`);
      assert.deepEqual(told, [], `${name}, ${scheme}, ${width}`);
      await done(opened, name);
    }
  }
}

// A chain of objects does not push everything else off the screen, and its end can be reached.
async function deepTree() {
  const chain = { names: ["everything reachable", "next: a.Node"], nodes: [[0, 0, 6400, 0, null]] };
  for (let i = 0; i < 60; i++) chain.nodes.push([i, 1, 6300 - 100 * i, 1, null]);
  const report = readFileSync(join(folder, "suspected.html"), "utf8");
  const tree = /(<script type="application\/json" id="tree">).*?(<\/script>)/s;
  assert.match(report, tree);
  writeFileSync(join(folder, "chain.html"), report.replace(tree, (_, start, end) => start + JSON.stringify(chain) + end));
  const opened = await open("chain");
  const { page } = opened;
  const height = await page.locator("#icicle").evaluate((e) => e.clientHeight);
  assert.ok(height <= 26 * 22, `${height} px`);
  assert.equal(await page.locator("#icicle .cell.deep").count(), 1, "a sign that there is more");
  await page.locator("#icicle .cell[tabindex='0']").focus();
  for (let depth = 0; depth < 70; depth++) await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("#icicle .cell:focus").getAttribute("aria-level"), "61");
  await done(opened, "chain");
}

// Reports of real dumps: everything that can be operated is, whatever is in them.
async function operate(name) {
  const opened = await open(name);
  const { page } = opened;
  const whole = await cells(page);
  assert.ok(whole >= 3, `${name}: ${whole} boxes`);

  // A search for what the widest box is called finds it and says of what it is a share.
  const label = await page.locator("#icicle .cell").nth(1).getAttribute("title");
  const word = label.split("\n")[0].split(/[ .:]/).pop();
  await page.fill("#search", word);
  assert.match(await text(page, "#found"), /^[\d,]+ match(es)?: .* of reachable$/);
  assert.ok(await page.locator("#icicle .cell.hit").count() > 0, `${name}: ${word}`);
  await page.click("#reset");

  // Down the widest boxes by keyboard, zoom, and back.
  await page.mouse.move(0, 0);
  await page.locator("#icicle .cell[tabindex='0']").focus();
  for (let depth = 0; depth < 4; depth++) await page.keyboard.press("ArrowDown");
  const deepest = await text(page, "#told");
  assert.match(deepest, /of reachable/);
  await page.keyboard.press("Enter");
  assert.equal(await text(page, "#told"), deepest);
  await page.keyboard.press("Escape");
  assert.equal(await cells(page), whole);

  // Every column of every table sorts: numbers by value.
  for (const table of await page.locator("table.sortable").all()) {
    for (const [column, button] of (await table.locator("th button").all()).entries()) {
      await button.click();
      const number = await table.locator("th").nth(column).evaluate((th) => th.classList.contains("n"));
      if (!number) continue;
      const values = await table.locator(`tbody tr td:nth-child(${column + 1})`).evaluateAll((all) => all.map((td) => Number(td.dataset.v)));
      const down = await table.locator("th").nth(column).getAttribute("aria-sort") === "descending";
      const sorted = [...values].sort((a, b) => down ? b - a : a - b);
      assert.deepEqual(values, sorted, `${name}, column ${column}`);
    }
  }

  // Everything unfolds, and links within the page lead somewhere.
  await page.locator("details").evaluateAll((all) => all.forEach((d) => { d.open = true; }));
  for (const link of await page.locator("nav a").all()) {
    const target = await link.getAttribute("href");
    assert.equal(await page.locator(target).count(), 1, `${name}: ${target}`);
  }
  await done(opened, name);
}

async function policy() {
  const { page } = await open("suspected");
  const blocked = await page.evaluate(() => new Promise((resolve) => {
    const seen = [];
    document.addEventListener("securitypolicyviolation", (e) => { seen.push(e.effectiveDirective); });
    const script = document.createElement("script");
    script.textContent = "window.injected = 1";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/x.png";
    document.body.append(image);
    document.body.insertAdjacentHTML("beforeend", "<p style='color:red' onclick='1'>x</p>");
    setTimeout(() => resolve({ seen, injected: window.injected }), 300);
  }));
  assert.equal(blocked.injected, undefined);
  for (const directive of ["script-src-elem", "img-src", "style-src-attr"]) assert.ok(blocked.seen.includes(directive), `${directive} in ${blocked.seen}`);
  await page.close();
}

// The flame graph opens by itself, without a request, and zooms.
async function flameGraph() {
  for (const name of ["suspected", "hostile"]) {
    const page = await context.newPage();
    const troubles = [];
    page.on("console", (m) => { if (m.type() === "error") troubles.push(m.text()); });
    page.on("pageerror", (e) => troubles.push(String(e)));
    page.on("dialog", (d) => { troubles.push(d.message()); d.dismiss(); });
    const address = pathToFileURL(join(folder, `${name}.svg`)).href;
    page.on("request", (r) => { if (r.url() !== address) troubles.push(r.url()); });
    await page.goto(address);
    const box = page.locator("#frames g", { hasText: "CACHE: java" }).first();
    assert.match(await box.locator("title").textContent(), /java\.util\.HashMap/);
    const width = () => box.locator("rect").evaluate((rect) => rect.getBoundingClientRect().width);
    const before = await width();
    await box.click();
    assert.ok(await width() > before, "a click zooms");
    assert.deepEqual(troubles, [], name);
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-svg.png`) });
    await page.close();
  }
}

// Other people's viewer: speedscope reads the folded stacks and the profile, and shows the same bytes.
async function speedscope() {
  const viewer = join(import.meta.dirname, "node_modules/speedscope/dist/release/index.html");
  for (const name of ["suspected.folded", "suspected.pb.gz", "hostile.folded", "hostile.pb.gz"]) {
    const script = join(profile, "profile.js");
    const data = readFileSync(join(folder, name)).toString("base64");
    writeFileSync(script, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(data)})`);
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (e) => errors.push(String(e)));
    page.on("dialog", (d) => { errors.push(d.message()); d.dismiss(); });
    await page.goto(`${pathToFileURL(viewer).href}#localProfilePath=${script}`);
    await page.getByText("Sandwich").click();
    await page.getByText("StaticHashMapCache$UserProfile").first().waitFor({ timeout: 10000 });
    assert.ok(await page.getByText("payload: 150,000 × byte[]").count() > 0, name);
    assert.deepEqual(errors, [], name);
    if (screenshots) await page.screenshot({ path: join(screenshots, `speedscope-${name}.png`) });
    await page.close();
  }
}

async function looks() {
  const views = [["light", { scheme: "light" }], ["dark", { scheme: "dark" }], 
    ["phone", { width: 390, height: 844 }], ["phone-dark", { scheme: "dark", width: 390, height: 844 }]];
  for (const name of reports) {
    for (const [view, options] of views) {
      const opened = await open(name, options);
      const { page } = opened;
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const wide = overflow > 0 ? await page.evaluate(() => [...document.querySelectorAll("body *")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll, .icicle"))
        .map((e) => `${e.tagName}.${e.className}`)) : [];
      assert.ok(overflow <= 0, `${name} ${view}: ${overflow} px beyond the window: ${wide}`);
      if (view.startsWith("phone")) {
        const cut = await page.locator(".scroll").evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.ariaLabel));
        assert.deepEqual(cut, [], `${name}: tables whose names are beyond the edge of a phone`);
      }
      assert.equal(await page.locator("img, iframe, object, link, [onerror], [onclick]").count(), 0, `${name}: nothing injected`);
      if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-${view}.png`), fullPage: true });
      await done(opened, `${name} ${view}`);
    }
  }
  const opened = await open("suspected");
  await opened.page.emulateMedia({ media: "print" });
  await opened.page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await opened.page.locator(".path li", { hasText: ".table" }).first().isVisible(), true, "unfolded on paper");
  if (screenshots) await opened.page.screenshot({ path: join(screenshots, "suspected-print.png"), fullPage: true });
  await done(opened, "print");
}

async function valid() {
  const validator = new HtmlValidate({ extends: ["html-validate:standard"], rules: {
    "no-inline-style": "error", "long-title": "off", "no-trailing-whitespace": "off" } });
  for (const name of reports) {
    const report = await validator.validateString(readFileSync(join(folder, `${name}.html`), "utf8"));
    const errors = report.results.flatMap((r) => r.messages.map((m) => `${name}:${m.line}:${m.column} ${m.ruleId} ${m.message}`));
    assert.deepEqual(errors, []);
  }
}

try {
  await valid();
  await drive();
  for (const name of real) await operate(name);
  await longTables("real-sample");
  await copyAndFilter("real-sample");
  for (const name of ["suspected", "hostile", "real-sample"]) await treemap(name);
  for (const name of ["suspected", "hostile", "real-out-of-memory"]) await withoutScripts(name);
  for (const name of ["real-sample", "real-out-of-memory", "real-bounded-queue", "real-cut", "real-compared", "hostile"]) await accessible(name);
  await deepTree();
  await policy();
  await flameGraph();
  await speedscope();
  await looks();
  console.log("report.mjs: all checks passed");
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
