// Keeps what is typed into a form with data-draft on this device until it has reached the server,
// so that a cut connection, an ended session or a closed window loses nothing.
const PREFIX = 'draft:';
const LIFE_MS = 7 * 24 * 3600 * 1000;
const LEFT_OUT = new Set(['csrfmiddlewaretoken', 'seen']);

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

function write(key, entry) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(entry));
  } catch {
    // Storage is full or switched off: the server still saves.
  }
}

function drop(key) {
  localStorage.removeItem(PREFIX + key);
}

function keys() {
  return Object.keys(localStorage)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
}

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && !LEFT_OUT.has(field.name) && !['file', 'hidden', 'password', 'submit'].includes(field.type),
  );
}

function values(form) {
  return fields(form).map((field) => [
    field.name,
    field.value,
    ['radio', 'checkbox'].includes(field.type) ? field.checked : null,
  ]);
}

function fill(form, kept) {
  for (const [name, value, checked] of kept) {
    for (const field of fields(form).filter((one) => one.name === name)) {
      if (checked === null) field.value = value;
      else if (field.value === value) field.checked = checked;
    }
  }
}

const seen = (form) => Number(form.elements.seen?.value ?? 0);

function say(form, word) {
  for (const name of ['restored', 'offline', 'signed-out']) {
    const part = form.querySelector(`[data-draft-${name}]`);
    if (part) part.hidden = name !== word;
  }
}

function restore(form, key) {
  const entry = read(key);
  if (!entry) return;
  const arrived = entry.sent && seen(form) > entry.seen;
  const same = JSON.stringify(entry.values) === JSON.stringify(values(form));
  const shown = form.querySelector('[data-error-summary]');
  if (arrived || same || shown) {
    if (!shown) drop(key);
    return;
  }
  fill(form, entry.values);
  // Saving then tells when somebody else changed the section in between.
  if (form.elements.seen && entry.seen) form.elements.seen.value = entry.seen;
  say(form, 'restored');
}

function keep(form, sent) {
  write(form.dataset.draft, { at: Date.now(), seen: seen(form), values: values(form), sent });
}

function attach(form) {
  const key = form.dataset.draft;
  form.dataset.kept = 'yes';
  restore(form, key);
  form.addEventListener('input', () => keep(form, false));
  form.addEventListener('submit', () => keep(form, true));
  form.addEventListener('htmx:afterRequest', (event) => {
    const answer = event.detail.xhr;
    if (answer.status === 401) say(form, 'signed-out');
    else if (answer.status === 200) say(form, '');
    if (answer.getResponseHeader('X-Saved')) drop(key);
  });
  form.addEventListener('htmx:sendError', () => say(form, 'offline'));
  window.addEventListener('online', () => {
    if (read(key)) form.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

// A form that was sent and is not on the page it led to has arrived; sign-in pages say nothing about it.
function sweep(root) {
  if (root.querySelector('input[type=password]')) return;
  const here = new Set([...root.querySelectorAll('form[data-draft]')].map((form) => form.dataset.draft));
  for (const key of keys()) {
    const entry = read(key);
    const old = !entry || Date.now() - entry.at > LIFE_MS;
    if (old || (entry.sent && !entry.seen && !here.has(key))) drop(key);
  }
}

export function keepDrafts(root) {
  sweep(root);
  root.querySelectorAll('form[data-draft]:not([data-kept])').forEach(attach);
  // Whoever signs out leaves nothing behind on this device.
  root.querySelectorAll('form[action*="logout"]').forEach((form) => {
    form.addEventListener('submit', () => keys().forEach(drop));
  });
}
