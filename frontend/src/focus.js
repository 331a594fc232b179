// Moves focus to the error summary, so screen readers and keyboards start at what went wrong.
export function focusErrorSummary(root) {
  const summary = root.querySelector('[data-error-summary]');
  if (!summary) return;
  summary.focus();
  summary.querySelectorAll('a[href^="#"]').forEach((link) => {
    link.addEventListener('click', (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      field.scrollIntoView({ block: 'center' });
      field.focus();
    });
  });
}
