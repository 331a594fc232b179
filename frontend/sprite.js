// Builds one SVG sprite from the icon names listed in icons.json.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
// Exports map `@tabler/icons/*` to the package's icons folder.
const icons = dirname(
  createRequire(import.meta.url).resolve('@tabler/icons/outline/check.svg'),
);

function symbol(name) {
  const svg = readFileSync(join(icons, `${name}.svg`), 'utf8');
  const body = svg
    .slice(svg.indexOf('<path'), svg.lastIndexOf('</svg>'))
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
}

export function iconSprite() {
  return {
    name: 'icon-sprite',
    apply: 'build',
    buildStart() {
      const names = JSON.parse(readFileSync(join(here, 'icons.json'), 'utf8'));
      this.emitFile({
        type: 'asset',
        name: 'icons.svg',
        originalFileName: 'src/icons.svg',
        source: `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join('')}</svg>`,
      });
    },
  };
}
