// A second click within the same submission is swallowed. The server must be safe without this.
const QUIET_MS = 8000;

export function guardDoubleSubmit(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== 'post') return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    form.setAttribute('aria-busy', 'true');
    setTimeout(() => release(form), QUIET_MS);
  });
  // A page restored from the back-forward cache must be usable again.
  window.addEventListener('pageshow', () => {
    document.querySelectorAll('form[data-sent]').forEach(release);
  });
  root.addEventListener('htmx:afterRequest', (event) => {
    const form = event.target.closest?.('form[data-sent]');
    if (form) release(form);
  });
}

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute('aria-busy');
}
