"use strict";

const ERRORS = {
  access_denied: "You pressed Cancel, or your organisation does not let you allow this. Nothing was changed.",
  admin_consent_required: "Your organisation lets only an administrator allow access to mail. Ask one to approve Flovify, then try again.",
  account_mismatch: "Another account signed in than the one to reconnect. Nothing was changed.",
  missing_scope: "Permission to read mail was not granted. Connect again and allow it.",
  app_credential_invalid: "Microsoft refuses this installation's own credential. An operator must check the client id and secret.",
  microsoft_unavailable: "Microsoft does not answer just now. Try again in a minute.",
};
const INBOX = "me/mailFolders('inbox')/messages";
const $ = (id) => document.getElementById(id);
const sections = ["loading", "setup", "sign-in", "console"];
const setupToken = new URLSearchParams(location.hash.slice(1)).get("token");
let timer = 0;

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
  if (error.status === 401 && !$("console").hidden) return signedOut();
  banner(error.detail || String(error), true);
}

function signedOut() {
  clearInterval(timer);
  show("sign-in");
}

function when(text) {
  const made = element("time", text ? new Date(text).toLocaleString() : "");
  if (text) made.dateTime = text;
  return made;
}

function accountRow(account, subscribed) {
  const row = element("li");
  const name = element("div", account.account_email, "main");
  name.append(element("span", `${account.display_name} · id ${account.id}`));
  const good = account.status === "active";
  row.append(name, element("span", account.status.replaceAll("_", " "), good ? "chip" : "chip bad"));
  row.append(button("Copy id", () => navigator.clipboard.writeText(account.id)));
  if (!good) {
    const again = element("a", "Reconnect", "primary");
    again.href = `/auth/oauth/ms365/authorize?tenant_id=${encodeURIComponent(account.id)}`;
    row.append(again);
  } else if (subscribed) {
    row.append(element("span", "inbox subscribed", "chip"));
  } else {
    row.append(button("Subscribe inbox", () => subscribe(account)));
  }
  return row;
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

async function latestMessages() {
  // The feed runs from the oldest to the newest; the last page is what is new.
  let items = [], after = "";
  for (let page = 0; page < 50; page += 1) {
    const found = await call("GET", `/bff/api/messages?limit=200${after ? `&after=${encodeURIComponent(after)}` : ""}`);
    items = [...items, ...found.items].slice(-20);
    if (!found.items.length || !found.next || found.items.length < 200) break;
    after = found.next;
  }
  return items.reverse();
}

async function load() {
  const [accounts, subscriptions, messages] = await Promise.all([
    call("GET", "/bff/auth/tenants"), call("GET", "/bff/api/ms365/subscriptions"), latestMessages(),
  ]);
  const subscribed = new Set(subscriptions.items.map((one) => one.tenant_id));
  $("accounts").replaceChildren(...accounts.items.map((one) => accountRow(one, subscribed.has(one.id))));
  $("no-accounts").hidden = accounts.items.length > 0;
  $("messages").replaceChildren(...messages.map(messageRow));
  $("no-messages").hidden = messages.length > 0;
}

async function enter(session) {
  $("who").textContent = session.user.email;
  show("console");
  await load();
  clearInterval(timer);
  timer = setInterval(() => { if (!document.hidden) load().catch(failed); }, 5000);
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

function outcome() {
  const query = new URLSearchParams(location.search);
  if (query.has("connected")) banner("The account is connected. Subscribe its inbox to have new messages stored.");
  if (query.has("error")) {
    const code = query.get("error");
    banner(ERRORS[code] || `The account could not be connected (${code}).`, true);
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
