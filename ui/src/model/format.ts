// Numbers, durations and times as a tired person reads them: few digits, one unit, 24-hour clock, the person's own zone.

export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-4) return sign + size.toExponential(2);
  for (const [unit, suffix] of [
    [1e12, ' T'],
    [1e9, ' G'],
    [1e6, ' M'],
    [1e4, ' k'],
  ] as const) {
    // 10 k and up: below, the thousands are easier to read in full.
    if (size >= unit) return sign + trimZeros((size / (unit === 1e4 ? 1e3 : unit)).toPrecision(4)) + suffix;
  }
  if (size >= 1000) return sign + trimZeros(size.toFixed(1));
  return sign + trimZeros(size.toPrecision(4));
}

// Events per second: whole numbers from 100 on, one digit below.
export function formatRate(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value >= 100 ? formatCount(value) : formatValue(Math.round(value * 10) / 10);
}

// Whole numbers with thin separators: 1 204 331. For counters, where every digit may matter.
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : trimZeros(value.toPrecision(3))} ${units[unit]}`;
}

// 42 s, 3 min, 2 h 05 min, 4 d 3 h
export function formatSpan(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) {
    const minutes = Math.floor((s % 3600) / 60);
    return minutes === 0
      ? `${Math.floor(s / 3600)} h`
      : `${Math.floor(s / 3600)} h ${String(minutes).padStart(2, '0')} min`;
  }
  const hours = Math.floor((s % 86400) / 3600);
  return hours === 0 ? `${Math.floor(s / 86400)} d` : `${Math.floor(s / 86400)} d ${hours} h`;
}

export function formatAgo(then_s: number, now_s: number): string {
  const age = now_s - then_s;
  if (age < -2) return `in ${formatSpan(-age)}`;
  return age < 5 ? 'just now' : `${formatSpan(age)} ago`;
}

const pad = (n: number): string => String(n).padStart(2, '0');

// 03:12:40 today, otherwise 2 Mar 03:12, with the year when it is another one.
export function formatClock(time_s: number, now_s: number): string {
  const time = new Date(time_s * 1000);
  const now = new Date(now_s * 1000);
  if (time.toDateString() === now.toDateString()) {
    return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
  }
  const year = time.getFullYear() === now.getFullYear() ? '' : ` ${time.getFullYear()}`;
  return `${time.getDate()} ${kMonths[time.getMonth()]}${year} ${pad(time.getHours())}:${pad(time.getMinutes())}`;
}

// The unambiguous form for tooltips and copying.
export function formatUtc(time_s: number): string {
  const time = new Date(time_s * 1000);
  return Number.isNaN(time.getTime()) ? '' : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

// API times arrive as ISO text, Unix seconds or Unix milliseconds; null for absent, zero or unreadable.
export function readTime(value: unknown): number | null {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value > 1e11 ? value / 1000 : value;
  if (typeof value === 'string' && value !== '') {
    if (/^\d+(\.\d+)?$/.test(value)) return readTime(Number(value));
    const ms = Date.parse(value);
    return Number.isNaN(ms) || ms <= 0 ? null : ms / 1000;
  }
  return null;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// US dollars; small amounts keep three digits that mean something: $0.00042, $0.0123, $1.50, $12 345.
export function formatMoney(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || !Number.isFinite(usd)) return '–';
  const size = Math.abs(usd);
  const sign = usd < 0 ? '−' : '';
  if (size === 0) return '$0';
  if (size >= 1000) return `${sign}$${formatCount(size)}`;
  if (size >= 1) return `${sign}$${size.toFixed(2)}`;
  if (size < 1e-9) return `${sign}$${size.toExponential(1)}`;
  return `${sign}$${trimZeros(size.toFixed(Math.min(12, 2 - Math.floor(Math.log10(size)))))}`;
}

// A duration of a span: 850 ns, 12.3 µs, 4.56 ms, 1.23 s, then as formatSpan.
export function formatNs(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return '–';
  const sign = ns < 0 ? '−' : '';
  const size = Math.abs(ns);
  if (size < 1e3) return `${sign}${Math.round(size)} ns`;
  for (const [unit, suffix] of [[1e3, 'µs'], [1e6, 'ms'], [1e9, 's']] as const) {
    const value = Number((size / unit).toPrecision(3));
    if (value < 1000 && (suffix !== 's' || value < 60)) return `${sign}${trimZeros(value.toPrecision(3))} ${suffix}`;
  }
  const s = Math.round(size / 1e9);
  return s < 3600 ? `${sign}${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s` : `${sign}${formatSpan(s)}`;
}

// 0.0213 → 2.1 %; never "0 %" for something that happened.
export function formatPercent(fraction: number | null | undefined): string {
  if (fraction === null || fraction === undefined || !Number.isFinite(fraction)) return '–';
  const percent = fraction * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent >= 10 ? Math.round(percent) : trimZeros(percent.toFixed(1))} %`;
}
