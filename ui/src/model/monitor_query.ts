// A monitor's query is a metric query with a frame around it: `max(last_1m):max:m{*} by {k} > 0.7`. To draw a chart
// beside it the frame has to come off and, for an incident, the scope has to be narrowed to whom it names. The server
// checks grammar; these functions answer null for whatever they do not know, and the page then shows the text alone.

export interface MonitorQuery {
  aggregator: string; // avg sum min max, or change / pct_change
  window_s: number | null; // of the inner window
  window: string; // "last_1m"
  expression: string;
  comparator: string;
  threshold: number;
  isChange: boolean; // compares a difference, so thresholds are not in the unit of the expression
}

const kWindowUnits: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86400, w: 604800, mo: 2592000 };

export function splitMonitorQuery(query: string): MonitorQuery | null {
  const text = query.trim();
  const frame = /^(avg|sum|min|max|percentile|p\d{1,2}(?:\.\d+)?|change|pct_change)\s*\(/.exec(text);
  if (!frame) return null;
  const close = closingParenthesis(text, frame[0].length - 1);
  if (close < 0) return null;
  const rest = text.slice(close + 1).trimStart();
  if (!rest.startsWith(':')) return null;
  const tail = /^([\s\S]*\S)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i.exec(rest.slice(1).trim());
  if (!tail) return null;
  const aggregator = frame[1] ?? '';
  const window = /(?:last|current|next)_\w+/.exec(text.slice(frame[0].length, close))?.[0] ?? '';
  return {
    aggregator,
    window,
    window_s: windowSeconds(window),
    expression: (tail[1] ?? '').trim(),
    comparator: tail[2] ?? '',
    threshold: Number(tail[3]),
    isChange: aggregator.endsWith('change'),
  };
}

export function windowSeconds(window: string): number | null {
  const match = /^(?:last|current|next)_(\d{1,5})(mo|[mhdw])$/.exec(window);
  if (!match) return null;
  return Number(match[1]) * (kWindowUnits[match[2] ?? ''] ?? 0);
}

// "last_1m" → "the last 1 min"
export function windowText(window: string): string {
  const match = /^(last|current|next)_(\d{1,5})(mo|[mhdw])$/.exec(window);
  if (!match) return window;
  const unit = { m: 'min', h: 'h', d: 'd', w: 'wk', mo: 'months' }[match[3] ?? ''] ?? '';
  return `the ${match[1]} ${match[2]} ${unit}`;
}

// Is this one series, `agg:metric{scope} by {…}.modifiers`, with no arithmetic and no function around it?
export function isSingleSeries(expression: string): boolean {
  return /^(?:[a-z0-9.]+\s*:\s*)?[\w.]+\s*\{[^{}]*\}(?:\s*by\s*\{[^{}]*\})?(?:\.\w+\([^()]*\))*$/i.test(expression.trim());
}

export interface ChartQuery {
  query: string;
  trailing: boolean; // true: every point is what the monitor compares at that time
  drawnMax: number | null; // how many groups `top` leaves
}

const kChartGroups = 20;

// What to draw beside a monitor. For one series: the trailing window the monitor reduces over, so that the line crosses
// the threshold exactly when the monitor fires; and of many groups only the twenty closest to the threshold. Anything
// more involved (ratios of counts add up before dividing) is drawn as written.
export function chartQuery(parts: MonitorQuery): ChartQuery {
  const { expression } = parts;
  if (!isSingleSeries(expression)) return { query: expression, trailing: false, drawnMax: null };
  const trailing = !parts.isChange && parts.window_s !== null && ['avg', 'sum', 'min', 'max'].includes(parts.aggregator);
  let query = trailing ? `moving_rollup(${expression}, ${parts.window_s}, '${parts.aggregator}')` : expression;
  const grouped = /\bby\s*\{/.test(expression);
  if (grouped) {
    const below = parts.comparator.startsWith('<');
    query = `top(${query}, ${kChartGroups}, '${below ? 'min' : 'max'}', '${below ? 'asc' : 'desc'}')`;
  }
  return { query, trailing, drawnMax: grouped ? kChartGroups : null };
}

// Values that stand in a scope without quoting: everything else would change the meaning of the query.
const kPlainTag = /^[\p{L}_][\p{L}\p{N}_\-./]*:[\p{L}\p{N}_\-./:@+]+$/u;

// Add `tags` to every scope of the expression: {*} → {k:v}, {a:b} → {a:b,k:v}, {a OR b} → {(a OR b) AND k:v}.
// Null when a tag cannot be written in a scope.
export function narrowScope(expression: string, tags: readonly string[]): string | null {
  if (tags.length === 0) return expression;
  if (!tags.every((tag) => kPlainTag.test(tag))) return null;
  return expression.replace(/(\bby\s*)?\{([^{}]*)\}/g, (whole, by: string | undefined, scope: string) => {
    if (by !== undefined) return whole;
    const inner = scope.trim();
    if (inner === '*' || inner === '') return `{${tags.join(',')}}`;
    if (/\b(AND|OR|NOT|IN)\b/i.test(inner)) return `{(${inner}) AND ${tags.join(' AND ')}}`;
    return `{${inner},${tags.join(',')}}`;
  });
}

function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}
