import './styles/main.scss';
import htmx from 'htmx.org';
import { guardDoubleSubmit } from './submit.js';
import { focusErrorSummary } from './focus.js';
import { keepDrafts } from './draft.js';

// The content security policy allows neither inline style nor eval.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;

async function drawCharts(root) {
  const figures = [...root.querySelectorAll('figure[data-chart]:not([data-drawn])')];
  if (!figures.length) return;
  const { draw } = await import('./charts.js');
  figures.forEach(draw);
}

function enhance(root) {
  drawCharts(root);
  focusErrorSummary(root);
}

guardDoubleSubmit(document);
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
});
document.addEventListener('htmx:load', (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
document.documentElement.classList.add('has-script');
enhance(document);
keepDrafts(document);
