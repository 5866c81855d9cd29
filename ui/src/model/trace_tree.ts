// Spans into the rows of a waterfall: depth first, siblings by start. Flat arrays, so that a hundred thousand spans are
// laid out in a few tens of milliseconds and collapsing one is a jump over its subtree.
import { spanError, spanTitle, type Span } from './span';

export interface TraceTree {
  spans: readonly Span[];
  order: Int32Array; // row → index in spans
  depth: Int32Array; // row → depth, 0 for roots
  size: Int32Array; // row → rows of its subtree, itself included
  parentRow: Int32Array; // row → row of its parent, −1 for roots
  start_ns: number;
  end_ns: number;
  orphans: number; // spans whose parent is not here (yet)
}

export function buildTree(spans: readonly Span[]): TraceTree {
  const count = spans.length;
  const byId = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const id = spans[i]?.span_id ?? '';
    if (!byId.has(id)) byId.set(id, i);
  }
  // Children as linked lists over one pass in start order, latest first, so that prepending leaves them sorted.
  const byStart = Int32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => (spans[a]?.start_ns ?? 0) - (spans[b]?.start_ns ?? 0) || a - b,
  );
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const roots: number[] = [];
  let orphans = 0;
  let start_ns = Infinity;
  let end_ns = -Infinity;
  for (let k = count - 1; k >= 0; k--) {
    const i = byStart[k] ?? 0;
    const span = spans[i];
    if (!span) continue;
    start_ns = Math.min(start_ns, span.start_ns);
    end_ns = Math.max(end_ns, span.start_ns + span.duration_ns);
    const parent = span.parent_id === '0' || span.parent_id === span.span_id ? undefined : byId.get(span.parent_id);
    if (parent === undefined || parent === i) {
      if (span.parent_id !== '0' && span.parent_id !== span.span_id) orphans++;
      roots.push(i);
    } else {
      nextSibling[i] = firstChild[parent] ?? -1;
      firstChild[parent] = i;
    }
  }
  roots.reverse();

  const order = new Int32Array(count);
  const depth = new Int32Array(count);
  const size = new Int32Array(count).fill(1);
  const parentRow = new Int32Array(count).fill(-1);
  const seen = new Uint8Array(count);
  let row = 0;
  const place = (root: number): void => {
    const stack: [index: number, depth: number, parent: number][] = [[root, 0, -1]];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const [index, level, parent] = top;
      if (seen[index]) continue;
      seen[index] = 1;
      order[row] = index;
      depth[row] = level;
      parentRow[row] = parent;
      const here = row++;
      const children: number[] = [];
      for (let child = firstChild[index] ?? -1; child >= 0; child = nextSibling[child] ?? -1) children.push(child);
      for (let c = children.length - 1; c >= 0; c--) stack.push([children[c] ?? 0, level + 1, here]);
    }
  };
  for (const root of roots) place(root);
  // Spans that are each other's ancestors hang on no root: the earliest of each ring becomes one.
  for (let k = 0; k < count && row < count; k++) {
    const i = byStart[k] ?? 0;
    if (!seen[i]) place(i);
  }
  for (let r = count - 1; r >= 0; r--) {
    const parent = parentRow[r] ?? -1;
    if (parent >= 0) size[parent] = (size[parent] ?? 1) + (size[r] ?? 1);
  }
  return {
    spans,
    order,
    depth,
    size,
    parentRow,
    start_ns: count === 0 ? 0 : start_ns,
    end_ns: count === 0 ? 0 : end_ns,
    orphans,
  };
}

export interface RowFilter {
  text: string; // matches names, resources, services, ids, models, errors
  errors: boolean; // only spans that failed
  llm: boolean; // only LLM spans
}

export const kNoFilter: RowFilter = { text: '', errors: false, llm: false };

export function isFiltering(filter: RowFilter): boolean {
  return filter.text.trim() !== '' || filter.errors || filter.llm;
}

export function matchesRow(span: Span, filter: RowFilter): boolean {
  if (filter.errors && !span.error) return false;
  if (filter.llm && !span.llm) return false;
  const needle = filter.text.trim().toLowerCase();
  if (needle === '') return true;
  const hay = [span.service, span.name, span.resource, span.type, span.span_id, span.llm?.model ?? '', span.llm?.kind ?? ''];
  if (span.error) hay.push(spanError(span).type, spanError(span).message);
  return hay.some((text) => text.toLowerCase().includes(needle));
}

export interface VisibleRows {
  rows: Int32Array; // what is shown: row numbers of the tree
  matches: number; // of the filter; all rows without one
}

// With a filter the matches and their ancestors are shown, whatever is collapsed; without, what no collapsed span hides.
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<string>, filter: RowFilter): VisibleRows {
  const count = tree.order.length;
  const rows = new Int32Array(count);
  let shown = 0;
  if (isFiltering(filter)) {
    const keep = new Uint8Array(count);
    let matches = 0;
    for (let row = 0; row < count; row++) {
      const span = spanAt(tree, row);
      if (!span || !matchesRow(span, filter)) continue;
      matches++;
      for (let r = row; r >= 0 && !keep[r]; r = tree.parentRow[r] ?? -1) keep[r] = 1;
    }
    for (let row = 0; row < count; row++) if (keep[row]) rows[shown++] = row;
    return { rows: rows.subarray(0, shown), matches };
  }
  for (let row = 0; row < count; ) {
    rows[shown++] = row;
    const span = spanAt(tree, row);
    row += span && collapsed.has(span.span_id) ? (tree.size[row] ?? 1) : 1;
  }
  return { rows: rows.subarray(0, shown), matches: count };
}

export function spanAt(tree: TraceTree, row: number): Span | undefined {
  return tree.spans[tree.order[row] ?? -1];
}

export function rowOfSpan(tree: TraceTree, span_id: string): number {
  for (let row = 0; row < tree.order.length; row++) if (spanAt(tree, row)?.span_id === span_id) return row;
  return -1;
}

export interface TraceSummary {
  spans: number;
  errors: number;
  services: [name: string, spans: number][]; // busiest first
  llm_calls: number; // that are counted
  tokens: number | null;
  cost_usd: number | null; // of calls with a known price
  unpriced: number; // calls with tokens and no price
  injection: { score: number; span_id: string } | null; // the highest
  error_span: string | null; // the first failed span that says why; else the first
  session_id: string;
  user_id: string;
  title: string; // of the first root
}

export function summarise(tree: TraceTree): TraceSummary {
  const services = new Map<string, number>();
  const summary: TraceSummary = {
    spans: tree.spans.length, errors: 0, services: [], llm_calls: 0, tokens: null, cost_usd: null, unpriced: 0,
    injection: null, error_span: null, session_id: '', user_id: '', title: '',
  };
  let explained = false;
  const root = spanAt(tree, 0);
  if (root) summary.title = spanTitle(root);
  for (let row = 0; row < tree.order.length; row++) {
    const span = spanAt(tree, row);
    if (!span) continue;
    services.set(span.service, (services.get(span.service) ?? 0) + 1);
    summary.session_id ||= span.session_id;
    summary.user_id ||= span.user_id;
    if (span.error) {
      summary.errors++;
      const why = spanError(span);
      if (!explained && (why.type !== '' || why.message !== '')) {
        explained = true;
        summary.error_span = span.span_id;
      }
      summary.error_span ??= span.span_id;
    }
    const llm = span.llm;
    if (!llm) continue;
    const score = Number(llm.scores['injection'] ?? llm.scores['injection_score'] ?? -1);
    if (score >= 0 && score > (summary.injection?.score ?? -1)) summary.injection = { score, span_id: span.span_id };
    if (!llm.counted) continue;
    const { input, output, total } = llm.tokens;
    const tokens = total ?? (input === null && output === null ? null : (input ?? 0) + (output ?? 0));
    if (llm.kind === 'llm' || llm.kind === 'embedding') summary.llm_calls++;
    if (tokens !== null) summary.tokens = (summary.tokens ?? 0) + tokens;
    if (llm.cost_usd !== null) summary.cost_usd = (summary.cost_usd ?? 0) + llm.cost_usd;
    else if (llm.price === 'unknown') summary.unpriced++;
  }
  summary.services = [...services].sort((a, b) => b[1] - a[1]);
  return summary;
}
