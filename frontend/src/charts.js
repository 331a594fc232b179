// Draws a figure's chart from the table beside it, so the two can never disagree.
// First column: categories. Every further column: one series; cells may carry data-value.
import { use, init } from 'echarts/core';
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

use([
  BarChart,
  HeatmapChart,
  LineChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

function number(cell) {
  const raw = cell.dataset.value ?? cell.textContent.replace(/[^0-9.+-]/g, '');
  return raw === '' ? null : Number(raw);
}

function read(table) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  return {
    categories: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.slice(1).map((name, index) => ({
      name,
      data: rows.map((row) => number(row.cells[index + 1])),
    })),
  };
}

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const pick = (name) => style.getPropertyValue(name).trim();
  return {
    text: pick('--ink-soft'),
    line: pick('--rule'),
    colors: ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6', '--chart-7'].map(pick),
    font: getComputedStyle(document.body).fontFamily,
    size: parseFloat(style.fontSize) * 0.8125,
  };
}

// A line twenty times above all others would press them flat: it is left off until its name is clicked.
function readable(series) {
  const peaks = series.map((one) => Math.max(0, ...one.data.filter((value) => value !== null)));
  const [first, second] = [...peaks].sort((one, other) => other - one);
  const tall = second > 0 && first > 20 * second;
  return Object.fromEntries(series.map((one, index) => [one.name, !(tall && peaks[index] === first)]));
}

function options(figure, { categories, series }) {
  const look = tokens();
  const stacked = figure.dataset.stacked === 'yes';
  const kind = figure.dataset.chart;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    animation: !still,
    color: look.colors,
    textStyle: { fontFamily: look.font, fontSize: look.size, color: look.text },
    // Rich text: an HTML tooltip would need inline style, which the policy refuses.
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true },
    legend: {
      show: series.length > 1,
      bottom: 0,
      textStyle: { color: look.text },
      selected: kind === 'line' ? readable(series) : {},
    },
    grid: { left: 8, right: 16, top: 28, bottom: series.length > 1 ? 36 : 8, containLabel: true },
    xAxis: {
      type: 'category',
      data: categories,
      axisLine: { lineStyle: { color: look.line } },
      axisLabel: { color: look.text, hideOverlap: true },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      name: figure.dataset.unit ?? '',
      nameTextStyle: { align: 'left', color: look.text },
      splitLine: { lineStyle: { color: look.line } },
      axisLabel: { color: look.text },
    },
    series: series.map((one) => ({
      ...one,
      type: kind,
      stack: stacked ? 'all' : undefined,
      barMaxWidth: 28,
      symbolSize: 6,
    })),
  };
}

// Rows and columns of counts; the table's last row and column are totals and stay out of the drawing.
function heat(table) {
  const look = tokens();
  const { categories, series } = read(table);
  const rows = categories.slice(0, -1);
  const columns = series.slice(0, -1);
  const data = columns.flatMap((one, x) =>
    rows.map((_, y) => [x, y, one.data[y]]).filter((cell) => cell[2] !== null),
  );
  const label = { color: look.text, interval: 0, width: 150, overflow: 'truncate' };
  return {
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: look.size, color: look.text },
    tooltip: { renderMode: 'richText', confine: true },
    grid: { left: 8, right: 16, top: 8, bottom: 56, containLabel: true },
    xAxis: {
      type: 'category',
      data: columns.map((one) => one.name),
      axisLabel: { ...label, width: 72 },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'category',
      data: rows,
      inverse: true,
      axisLabel: label,
      axisTick: { show: false },
    },
    visualMap: {
      min: 0,
      max: Math.max(1, ...data.map((cell) => cell[2])),
      orient: 'horizontal',
      left: 'center',
      bottom: 0,
      calculable: false,
      inRange: { color: [look.line, look.colors[0]] },
      textStyle: { color: look.text },
    },
    series: [{ type: 'heatmap', data, label: { show: true }, itemStyle: { borderWidth: 1 } }],
  };
}

export function draw(figure) {
  const table = figure.querySelector('table');
  const stage = figure.querySelector('[data-stage]');
  if (!table || !stage) return;
  figure.dataset.drawn = 'yes';
  stage.hidden = false;
  const isHeat = figure.dataset.chart === 'heatmap';
  if (isHeat) stage.classList.add('tall');
  const chart = init(stage);
  chart.setOption(isHeat ? heat(table) : options(figure, read(table)));
  new ResizeObserver(() => chart.resize()).observe(stage);
}
