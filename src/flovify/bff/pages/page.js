"use strict";

const ERRORS = {
  access_denied: "You pressed Cancel, or your organisation does not let you allow this. Nothing was changed.",
  admin_consent_required: "Your organisation lets only an administrator allow access to mail. Ask one to approve Flovify, then try again.",
  account_mismatch: "Another account signed in than the one to reconnect. Nothing was changed.",
  missing_scope: "Permission to read mail was not granted. Connect again and allow it.",
  app_credential_invalid: "Microsoft refuses this installation's own credential. An operator must check the client id and secret.",
  no_refresh_token: "Microsoft gave no lasting permission. Connect again and allow access to stay.",
  admin_consent_unconfirmed: "The administrator's approval could not be confirmed. Connect the account again.",
  microsoft_unavailable: "Microsoft does not answer just now. Try again in a minute.",
  session_ended: "Your session has ended. Sign in again, then connect the account.",
};
const INBOX = "me/mailFolders('inbox')/messages";
const $ = (id) => document.getElementById(id);
const sections = ["loading", "setup", "sign-in", "console"];
const setupToken = new URLSearchParams(location.hash.slice(1)).get("token");
const IDLE_MINUTES = 10;
const shown = new Map(); // what each list shows, so that an unchanged one keeps focus and selection
let timer = 0;
let lastInput = Date.now();

if (setupToken) history.replaceState(null, "", location.pathname); // the token must not stay in the address bar

function show(name) {
  for (const id of sections) $(id).hidden = id !== name;
  const signedIn = name === "console";
  $("sign-out").hidden = $("who").hidden = !signedIn;
}

function banner(text, bad = false) {
  $("banner").textContent = text;
  $("banner").className = bad ? "bad" : "";
  $("banner").hidden = !text;
}

async function call(method, path, body) {
  const headers = { "X-Flovify": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw { status: 0, detail: "Flovify cannot be reached. Is it running?" };
  }
  const text = await answer.text();
  let found = {};
  try { found = text ? JSON.parse(text) : {}; } catch { found = { detail: text }; }
  if (!answer.ok) throw { status: answer.status, detail: found.detail || `The request failed (${answer.status}).` };
  return found;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function button(text, action) {
  const made = element("button", text);
  made.type = "button";
  made.addEventListener("click", () => busy(made, action));
  return made;
}

async function busy(control, action) {
  control.disabled = true;
  try { await action(); } catch (error) { failed(error); } finally { control.disabled = false; }
}

function failed(error) {
  if (error.status === 401 && !$("console").hidden) {
    signedOut();
    return banner("Your session has ended. Sign in again.", true);
  }
  banner(error.detail || String(error), true);
}

function signedOut() {
  clearInterval(timer);
  shown.clear();
  show("sign-in");
}

function when(text) {
  const made = element("time", text ? new Date(text).toLocaleString() : "");
  if (text) made.dateTime = text;
  return made;
}

function accountRow(account) {
  const row = element("li");
  const name = element("div", account.account_email, "main");
  name.append(element("span", `${account.display_name} · id ${account.id}`));
  const good = account.status === "active";
  row.append(name, element("span", account.status.replaceAll("_", " "), good ? "chip" : "chip bad"));
  const copy = button("Copy id", () => copyId(account.id));
  copy.setAttribute("aria-label", `Copy the id of ${account.account_email}`);
  row.append(copy);
  if (!good) {
    const again = element("a", "Reconnect", "primary");
    again.href = `/auth/oauth/ms365/authorize?tenant_id=${encodeURIComponent(account.id)}`;
    row.append(again);
  } else if (account.subscribed) {
    row.append(element("span", "inbox subscribed", "chip"));
  } else {
    const start = button("Subscribe inbox", () => subscribe(account));
    start.setAttribute("aria-label", `Subscribe inbox of ${account.account_email}`);
    row.append(start);
  }
  return row;
}

async function copyId(id) {
  if (!navigator.clipboard) return banner(`Copying needs https or localhost. The id is ${id}`); // browsers' rule
  await navigator.clipboard.writeText(id);
  banner("The id is copied.");
}

async function subscribe(account) {
  banner("Asking Microsoft for notifications…");
  await call("POST", "/bff/api/ms365/subscriptions", { tenant_id: account.id, resource: INBOX, change_types: ["created", "updated", "deleted"] });
  banner(`The inbox of ${account.account_email} is subscribed. New messages appear below.`);
  await load();
}

function messageRow(message) {
  const row = element("li");
  const main = element("div", message.subject || "(no subject)", "main");
  const from = message.from || {};
  main.append(element("span", from.name ? `${from.name} <${from.address}>` : from.address || ""));
  row.append(main, when(message.received_at));
  return row;
}

function fill(list, items, row) {
  const state = JSON.stringify(items);
  if (shown.get(list) === state) return;
  shown.set(list, state);
  $(list).replaceChildren(...items.map(row));
  $(`no-${list}`).hidden = items.length > 0;
}

async function load() {
  const [accounts, subscriptions, messages] = await Promise.all([
    call("GET", "/bff/auth/tenants"),
    call("GET", "/bff/api/ms365/subscriptions?limit=200"),
    call("GET", "/bff/api/messages?order=newest&limit=20"),
  ]);
  const subscribed = new Set(subscriptions.items.map((one) => one.tenant_id));
  const rows = accounts.items.map((one) => ({ ...one, subscribed: subscribed.has(one.id) }));
  fill("accounts", rows, accountRow);
  fill("messages", messages.items, messageRow);
}

async function enter(session) {
  if (location.pathname === "/setup") history.replaceState(null, "", "/");
  $("who").textContent = session.user.email;
  show("console");
  $("loading").hidden = shown.size > 0;
  clearInterval(timer);
  timer = setInterval(poll, 5000);
  await load().catch(failed);
  $("loading").hidden = true;
}

function poll() {
  // An unattended page must not keep its session alive for ever.
  if (document.hidden || Date.now() - lastInput > IDLE_MINUTES * 60_000) return;
  load().catch(failed);
}

function credentials(form) {
  return { email: form.elements.email.value, password: form.elements.password.value };
}

function onSubmit(section, action) {
  const form = $(section).querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(form.querySelector("button"), async () => { banner(""); await action(credentials(form)); form.reset(); });
  });
}

for (const input of ["pointerdown", "keydown"]) addEventListener(input, () => { lastInput = Date.now(); });

function outcome() {
  const query = new URLSearchParams(location.search);
  if (query.has("connected")) banner("The account is connected. Subscribe its inbox to have new messages stored.");
  if (query.has("error")) {
    const code = query.get("error").replace(/[^a-z_]/g, "").slice(0, 40); // a link may carry anything
    banner(ERRORS[code] || `The account could not be connected (${code}). Nothing was changed; try again.`, true);
  }
  if (location.search) history.replaceState(null, "", location.pathname);
}

async function start() {
  onSubmit("sign-in", async (given) => enter(await call("POST", "/bff/session", given)));
  onSubmit("setup", async (given) => {
    await call("POST", "/bff/auth/setup", { token: setupToken, ...given });
    await enter(await call("POST", "/bff/session", given));
  });
  $("sign-out").addEventListener("click", () => busy($("sign-out"), async () => { await call("DELETE", "/bff/session"); signedOut(); banner("You are signed out."); }));
  $("refresh").addEventListener("click", () => busy($("refresh"), load));
  outcome();
  try {
    await enter(await call("GET", "/bff/session"));
  } catch (error) {
    if (error.status === 401) show(setupToken ? "setup" : "sign-in");
    else { show("sign-in"); failed(error); }
  }
}

start();
