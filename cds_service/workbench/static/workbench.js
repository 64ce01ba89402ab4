// What a browser with script adds: files dropped on the form, feedback really sent, a command copied, the cards renewed
// without a new page. Everything that is shown comes from the server.

const byData = (name, root = document) => [...root.querySelectorAll(`[data-${name}]`)];

for (const form of byData("drop")) {
  byData("folder", form).forEach((field) => { field.hidden = false; });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    form.elements.namedItem("files-input")?.focus();
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
  });
}

// The tour is open at the first visit. A browser that keeps nothing shows it closed, as one without script does.
for (const tour of document.querySelectorAll(".tour")) {
  try {
    tour.open = localStorage.getItem("tour") === null;
    localStorage.setItem("tour", "seen");
  } catch { /* nothing may be kept here */ }
}

// On a narrow screen the picture is wider than its place: the newest is looked at first.
for (const course of document.querySelectorAll(".course")) course.scrollLeft = course.scrollWidth;

for (const button of byData("copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}

async function send(card, item) {
  const body = { feedback: [{ card: card.dataset.card, outcomeTimestamp: new Date().toISOString(), ...item }] };
  const place = card.querySelector(".feedback");
  try {
    const response = await fetch(card.dataset.feedback, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    show(place, response.status, body, answer);
    if (response.status === 200) place.append(await stored(card.dataset.card));
  } catch (fault) {
    place.textContent = `The feedback could not be sent: ${fault.message}`;
  }
}

// The record as the store has it, in the server's own words.
async function stored(card) {
  const response = await fetch(`/workbench/feedback?${new URLSearchParams({ card })}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const record = document.createElement("div");
  record.append(...(page.getElementById("stored")?.childNodes ?? []));
  return record;
}

function show(place, status, sent, answer) {
  const line = document.createElement("p");
  line.textContent = status === 200
    ? `Feedback sent: ${answer.stored} stored, ${answer.rejected} rejected.`
    : `The feedback endpoint answered ${status}.`;
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "What was sent, and the answer";
  const text = document.createElement("pre");
  text.textContent = `${JSON.stringify(sent, null, 2)}\n\n${status}\n${JSON.stringify(answer, null, 2)}`;
  details.append(summary, text);
  place.replaceChildren(line, details);
}

// An accepted suggestion: feedback first, then the orders as the server now has them. The card stays where it is, under
// the id that the feedback names.
async function accept(button) {
  const card = button.closest("[data-card]");
  await send(card, { outcome: "accepted", acceptedSuggestions: [{ id: button.dataset.accept }] });
  const form = button.form;
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "accept", value: button.value });
  form.append(hidden);
  const values = new FormData(form);
  const isGet = form.method === "get";
  const query = new URLSearchParams(values);
  const address = isGet ? `${form.action.split("?")[0]}?${query}` : form.action;
  const response = await fetch(address, isGet ? {} : { method: "POST", body: values });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  document.getElementById("orders").replaceWith(document.adoptNode(page.getElementById("orders")));
  const done = document.createElement("p");
  done.className = "accepted";
  done.textContent = `Accepted: ${button.textContent}`;
  button.replaceWith(done);
  if (isGet) history.replaceState(null, "", address);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-accept]");
  if (button) {
    event.preventDefault();
    accept(button);
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("override" in form.dataset)) return;
  event.preventDefault();
  const chosen = form.querySelector("input[name=reason]:checked");
  const reason = { code: chosen.value, system: chosen.dataset.system, display: chosen.dataset.display };
  const overrideReason = { reason, userComment: form.elements.namedItem("comment").value };
  send(form.closest("[data-card]"), { outcome: "overridden", overrideReason });
});

// A FHIR server is read key by key, so that progress can be seen, and the page is then made of what came. Without script,
// or where the patient cannot be had, the server does it all and says what is wrong.
for (const form of byData("keys")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    readKeys(form);
  });
}

async function readKeys(form) {
  const list = byData("progress", form)[0];
  const lines = [...list.children];
  const said = form.querySelector("[role=status]");
  let done = 0;
  list.hidden = false;
  form.querySelector("button").disabled = true;
  const read = async (line) => {
    line.lastElementChild.textContent = "reading";
    const body = new URLSearchParams();
    for (const name of ["server", "patient"]) body.set(name, form.elements.namedItem(name).value);
    const response = await fetch(`${form.action}/${line.dataset.key}`, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const came = response.ok ? [...page.querySelectorAll("li")].map((item) => document.adoptNode(item)) : [];
    if (came.length) line.replaceWith(...came);
    else line.lastElementChild.textContent = "could not be read";
    done += 1;
    said.textContent = `${done} of ${lines.length} keys asked for`;
    return came.some((item) => item.querySelector("textarea"));
  };
  try {
    const isPatient = (line) => line.dataset.key === "patient";
    if (await read(lines.find(isPatient))) {
      await Promise.all(lines.filter((line) => !isPatient(line)).map(read));
      form.action = form.dataset.keys;
    }
  } catch { /* the form is sent as it would be without script */ }
  form.submit();
}
