// A time-series chart over uPlot, which draws on a canvas and keeps thousands of points cheap. This file is the only one
// that knows uPlot. The chart is a picture: its values are always also in a table beside it, which is what a keyboard
// or a screen reader uses. Text in the tooltip is set as text content, never as HTML.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatClock, formatValue, kMonths } from '../model/format';
import { kSeriesDrawnMax, lonelyPoints, type Column } from '../model/series';

export interface ChartLine {
  value: number;
  tone: 'bad' | 'warn' | 'good';
  label: string;
}

export interface ChartMarker {
  time_s: number;
  label: string;
}

export interface ChartProps {
  times: number[];
  columns: Column[];
  labels: string[];
  colours: number[]; // palette slot of each series
  from_s: number;
  to_s: number;
  height?: number;
  highlighted?: number | null;
  lines?: readonly ChartLine[];
  markers?: readonly ChartMarker[];
  onZoom?: (from_s: number, to_s: number) => void;
  label: string;
}

export const kPaletteSize = 12;

export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef(props); // hooks inside uPlot read the newest props
  current.current = props;
  const { times, columns, labels, from_s, to_s, height = 300, highlighted = null, lines, markers } = props;
  const count = Math.min(columns.length, kSeriesDrawnMax);
  const identity = labels.slice(0, count).join('\n');

  // A new set of series is a new plot; new values are not.
  useEffect(() => {
    const host = box.current;
    if (!host || !tip.current) return;
    const made = new uPlot(
      makeOptions(current, tip.current, host.clientWidth, height),
      dataOf(current.current),
      host,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (host.clientWidth > 0) made.setSize({ width: host.clientWidth, height });
    });
    watch.observe(host);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => made.redraw();
    theme.addEventListener('change', redraw);
    return () => {
      theme.removeEventListener('change', redraw);
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [identity, height]);

  useEffect(() => {
    plot.current?.setData(dataOf(current.current), true);
  }, [times, columns, from_s, to_s]);

  useEffect(() => {
    plot.current?.redraw(true); // true: thresholds take part in the scale
  }, [lines, markers]);

  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    if (highlighted === null) made.setSeries(null, { focus: false });
    else if (highlighted < count) made.setSeries(highlighted + 1, { focus: true });
  }, [highlighted, count, identity]);

  return (
    <div className="chart" role="img" aria-label={props.label}>
      <div ref={box} className="chart-canvas" style={{ minHeight: height }} />
      <div ref={tip} className="chart-tip" hidden />
    </div>
  );
}

function dataOf(props: ChartProps): uPlot.AlignedData {
  return [props.times, ...props.columns.slice(0, kSeriesDrawnMax)] as uPlot.AlignedData;
}

type Current = { current: ChartProps };

function makeOptions(current: Current, tip: HTMLDivElement, width: number, height: number): uPlot.Options {
  const { columns, labels } = current.current;
  const count = Math.min(columns.length, kSeriesDrawnMax);
  const thin = count > 40;
  const axis = { stroke: () => css('--muted'), font: '12px system-ui, sans-serif' };
  const lineOf = (i: number): uPlot.Series => ({
    label: labels[i] ?? '',
    stroke: () => css(`--s${current.current.colours[i] ?? 0}`),
    width: thin ? 1 : 1.75,
    spanGaps: false,
    points: {
      show: () => false,
      size: 5,
      fill: () => css(`--s${current.current.colours[i] ?? 0}`), // by default uPlot fills them white
      filter: (u: uPlot, index: number) => {
        const lonely = lonelyPoints((u.data[index] ?? []) as Column);
        return lonely.length === 0 ? null : lonely;
      },
    },
  });
  return {
    width: Math.max(width, 100),
    height,
    legend: { show: false },
    padding: [12, 12, 0, 0],
    focus: { alpha: 0.22 },
    cursor: {
      y: false,
      focus: { prox: 40 },
      hover: { prox: 40, skip: [null, undefined] },
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false, dist: 8 },
    },
    scales: {
      x: { time: true, range: () => [current.current.from_s, current.current.to_s] },
      y: { range: (_u, low, high) => rangeOf(low, high, current.current.lines ?? []) },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 34,
        grid: { show: false },
        ticks: { stroke: () => css('--line'), width: 1, size: 5 },
        values: (_u, splits, _axis, _space, step) => splits.map((time_s) => tickText(time_s, step)),
      },
      {
        ...axis,
        space: 36,
        grid: { stroke: () => css('--grid'), width: 1 },
        ticks: { show: false },
        size: (_u, values) => 18 + 7 * Math.max(2, ...(values ?? []).map((text) => text.length)),
        values: (_u, splits) => splits.map((value) => formatValue(value)),
      },
    ],
    series: [{}, ...Array.from({ length: count }, (_, i) => lineOf(i))],
    hooks: {
      draw: [(u) => drawLines(u, current.current)],
      setCursor: [(u) => moveTip(u, tip, current.current)],
      setSeries: [(u) => moveTip(u, tip, current.current)],
      setSelect: [
        (u) => {
          const { left, width: wide } = u.select;
          if (wide < 8) return;
          const from_s = Math.floor(u.posToVal(left, 'x'));
          const to_s = Math.ceil(u.posToVal(left + wide, 'x'));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          current.current.onZoom?.(from_s, to_s);
        },
      ],
    },
  };
}

// Zero is on the scale unless the values vary by less than a tenth of their size far from it; thresholds always are.
function rangeOf(low: number | null, high: number | null, lines: readonly ChartLine[]): [number, number] {
  const values = lines.map((line) => line.value);
  if (low !== null && Number.isFinite(low)) values.push(low);
  if (high !== null && Number.isFinite(high)) values.push(high);
  if (values.length === 0) return [0, 1];
  let min = Math.min(...values);
  let max = Math.max(...values);
  const far = min > 0 && max - min < max * 0.1 && max > min;
  if (!far) min = Math.min(min, 0);
  if (!far) max = Math.max(max, 0);
  if (max === min) return min === 0 ? [0, 1] : [min - Math.abs(min) / 2, max + Math.abs(max) / 2];
  const room = (max - min) * 0.08;
  return [min === 0 ? 0 : min - room, max === 0 ? 0 : max + room];
}

const two = (n: number): string => String(n).padStart(2, '0');

function tickText(time_s: number, step: number): string {
  const time = new Date(time_s * 1000);
  const midnight = time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
  if (step >= 86400 || midnight) return `${time.getDate()} ${kMonths[time.getMonth()]}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return step < 60 ? `${clock}:${two(time.getSeconds())}` : clock;
}

// Threshold lines and moments, over the series, with their words at the edge.
function drawLines(u: uPlot, props: ChartProps): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.lineWidth = 1.25 * scale;
  for (const line of props.lines ?? []) {
    const y = u.valToPos(line.value, 'y', true);
    if (y < top || y > top + height) continue;
    ctx.strokeStyle = ctx.fillStyle = css(`--${line.tone}`);
    ctx.setLineDash([6 * scale, 4 * scale]);
    stroke(ctx, left, y, left + width, y);
    plate(ctx, line.label, left + 6 * scale, Math.max(y, top + 9 * scale), scale);
  }
  for (const marker of props.markers ?? []) {
    const x = u.valToPos(marker.time_s, 'x', true);
    if (x < left || x > left + width) continue;
    ctx.strokeStyle = ctx.fillStyle = css('--text');
    ctx.setLineDash([2 * scale, 3 * scale]);
    stroke(ctx, x, top, x, top + height);
    const wide = ctx.measureText(marker.label).width + 12 * scale;
    plate(ctx, marker.label, x < left + width - wide ? x + 4 * scale : x - wide, top + 9 * scale, scale);
  }
  ctx.restore();
}

// A word on a small ground of its own, so that it can be read over any line.
function plate(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, scale: number): void {
  const ink = ctx.fillStyle;
  ctx.fillStyle = css('--panel');
  ctx.fillRect(x - 3 * scale, y - 8 * scale, ctx.measureText(text).width + 6 * scale, 16 * scale);
  ctx.fillStyle = ink;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text, x, y);
}

function stroke(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

function moveTip(u: uPlot, tip: HTMLDivElement, props: ChartProps): void {
  const left = u.cursor.left ?? -1;
  const series = focusedSeries(u);
  const index = series === null ? null : (u.cursor.idxs?.[series] ?? null);
  const value = series === null || index === null ? null : u.data[series]?.[index];
  if (left < 0 || series === null || index === null || value === null || value === undefined) {
    tip.hidden = true;
    return;
  }
  const time_s = u.data[0][index] ?? 0;
  tip.textContent = `${formatValue(value)}  ${props.labels[series - 1] ?? ''}\n${formatClock(time_s, Date.now() / 1000)}`;
  tip.style.setProperty('--tip', css(`--s${props.colours[series - 1] ?? 0}`));
  tip.hidden = false;
  const x = u.valToPos(time_s, 'x') + u.over.offsetLeft;
  const y = u.valToPos(value, 'y') + u.over.offsetTop;
  const flip = x > u.width / 2;
  tip.style.transform = `translate(${Math.round(x + (flip ? -12 : 12))}px, ${Math.round(y)}px) translate(${flip ? '-100%' : '0'}, -110%)`;
}

// The series under the cursor; with a single one it need not be near.
function focusedSeries(u: uPlot): number | null {
  if (u.series.length === 2) return 1;
  const near = u.series.findIndex((s, i) => i > 0 && (s as { _focus?: boolean | null })._focus === true);
  return near > 0 ? near : null;
}

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
