// One trace: what it did in a line, the waterfall, and the chosen span beside it. Spans appear while they arrive.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTrace, type TraceState } from '../api/trace';
import { formatClock, formatCount, formatMoney, formatNs, formatUtc, formatValue } from '../model/format';
import { labelText } from '../model/plain_text';
import { scoreOf } from '../model/scores';
import type { Span } from '../model/span';
import { sessionPath, userPath } from '../model/spans_url';
import { buildTree, isFiltering, kNoFilter, rowOfSpan, spanAt, summarise, visibleRows, type RowFilter, type TraceSummary, type TraceTree } from '../model/trace_tree';
import { serviceColours, windowAround, type TimeWindow } from '../model/waterfall';
import { Label } from '../parts/plain';
import { SpanDetails } from '../parts/span_details';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { Waterfall } from '../parts/waterfall';
import { Link, useSearch } from '../router';

// A trace whose last span ended this recently may still be growing.
const kGrowing_s = 60;
const kGrowingPoll_ms = 5000;
const kGrowingSpansMax = 5000;

export function TracePage({ id }: { id: string }) {
  const trace = useTrace(id);
  const tree = useMemo(() => buildTree(trace.spans), [trace.spans]);
  useGrowing(trace, tree);
  return (
    <div className="trace-page">
      <p className="crumb">
        <Link to="/traces">Traces</Link>
      </p>
      {trace.spans.length > 0 ? (
        <Trace id={id} trace={trace} tree={tree} />
      ) : (
        <>
          <h1 tabIndex={-1}>Trace</h1>
          {trace.error ? (
            <ErrorState error={trace.error} what={`loading trace ${labelText(id, 40)}`} retry={trace.reload} />
          ) : trace.loading ? (
            <Loading what="the trace" rows={10} />
          ) : (
            <EmptyState title="This trace has no spans">
              They may be older than the retention, or still on their way: spans can be queried a few seconds after they
              arrive.
            </EmptyState>
          )}
        </>
      )}
    </div>
  );
}

function useGrowing(trace: TraceState & { reload: () => void }, tree: TraceTree): void {
  const { reload, loading, loaded_s } = trace;
  const end_s = tree.end_ns / 1e9;
  useEffect(() => {
    if (loading || loaded_s === null || tree.spans.length > kGrowingSpansMax) return;
    if (loaded_s - end_s > kGrowing_s) return;
    const timer = setTimeout(() => !document.hidden && reload(), kGrowingPoll_ms);
    return () => clearTimeout(timer);
  }, [reload, loading, loaded_s, end_s, tree.spans.length]);
}

interface TraceProps {
  id: string;
  trace: TraceState & { reload: () => void };
  tree: TraceTree;
}

function Trace({ id, trace, tree }: TraceProps) {
  const [selected, select] = useSelected();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [filter, setFilter] = useState<RowFilter>(kNoFilter);
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const summary = useMemo(() => summarise(tree), [tree]);
  const colours = useMemo(() => serviceColours(summary.services), [summary.services]);
  const visible = useMemo(() => visibleRows(tree, collapsed, filter), [tree, collapsed, filter]);
  const whole: TimeWindow = { from_ns: tree.start_ns, to_ns: Math.max(tree.end_ns, tree.start_ns + 1) };
  const row = selected === '' ? -1 : rowOfSpan(tree, selected);
  const span = row < 0 ? undefined : spanAt(tree, row);
  const toggle = useCallback((span_id: string) => {
    setCollapsed((old) => {
      const next = new Set(old);
      if (!next.delete(span_id)) next.add(span_id);
      return next;
    });
  }, []);
  // A span chosen by a link must not hide in a folded subtree.
  const show = useCallback(
    (span_id: string) => {
      setFilter(kNoFilter);
      setCollapsed((old) => unfolded(tree, old, span_id));
      select(span_id);
    },
    [tree, select],
  );
  const zoomTo = useCallback(
    (target: Span) => setZoom(windowAround(target.start_ns, target.duration_ns, { from_ns: tree.start_ns, to_ns: tree.end_ns })),
    [tree.start_ns, tree.end_ns],
  );

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>
          <Label text={summary.title || 'Trace'} />
        </h1>
        <span className="muted trace-id">
          <code>{labelText(trace.trace_id || id, 40)}</code>
        </span>
      </div>
      <StaleNotice error={trace.loaded_s === null ? null : trace.error} loaded_s={trace.loaded_s} retry={trace.reload} />
      <Notices trace={trace} tree={tree} missing={selected !== '' && !span && !trace.loading && trace.complete ? selected : ''} />
      <Summary summary={summary} tree={tree} onShow={show} />
      <Tools
        filter={filter}
        onFilter={setFilter}
        matches={visible.matches}
        loading={trace.loading}
        total={tree.spans.length}
        zoomed={zoom !== null}
        onUnzoom={() => setZoom(null)}
        onFold={(fold) => setCollapsed(fold ? foldable(tree) : new Set())}
      />
      <div className={span ? 'trace-columns chosen' : 'trace-columns'}>
        <section className="panel waterfall-panel" aria-label="Waterfall">
          {visible.rows.length === 0 ? (
            <EmptyState title="No span of this trace matches">
              <button type="button" className="link" onClick={() => setFilter(kNoFilter)}>
                Show all {formatCount(tree.spans.length)}
              </button>
            </EmptyState>
          ) : (
            <Waterfall
              tree={tree}
              visible={visible}
              window={zoom ?? whole}
              colours={colours}
              selected={selected}
              collapsed={collapsed}
              filtering={isFiltering(filter)}
              onSelect={select}
              onToggle={toggle}
              onZoom={zoomTo}
            />
          )}
        </section>
        {span && (
          <SpanDetails key={span.span_id} span={span} trace_start_ns={tree.start_ns} onZoom={() => zoomTo(span)} onClose={() => select('')} />
        )}
      </div>
    </>
  );
}

const kUrlPause_ms = 250;

// The chosen span is in the URL, written when a person stops moving: browsers limit how often it may change.
function useSelected(): [string, (span_id: string) => void] {
  const [params, change] = useSearch();
  const inUrl = params.get('span') ?? '';
  const [selected, setSelected] = useState(inUrl);
  useEffect(() => setSelected(inUrl), [inUrl]);
  useEffect(() => {
    if (selected === inUrl) return;
    const timer = setTimeout(() => change((p) => (selected === '' ? p.delete('span') : p.set('span', selected))), kUrlPause_ms);
    return () => clearTimeout(timer);
    // Only a new choice writes; that the URL changed by itself (Back) is read above.
  }, [selected, change]);
  return [selected, setSelected];
}

function unfolded(tree: TraceTree, collapsed: ReadonlySet<string>, span_id: string): ReadonlySet<string> {
  const next = new Set(collapsed);
  for (let row = rowOfSpan(tree, span_id); row >= 0; row = tree.parentRow[row] ?? -1) next.delete(spanAt(tree, row)?.span_id ?? '');
  return next;
}

// Below the second level: roots and what they called stay open.
function foldable(tree: TraceTree): Set<string> {
  const ids = new Set<string>();
  for (let row = 0; row < tree.order.length; row++) {
    if ((tree.depth[row] ?? 0) >= 1 && (tree.size[row] ?? 1) > 1) ids.add(spanAt(tree, row)?.span_id ?? '');
  }
  return ids;
}

function Notices({ trace, tree, missing }: { trace: TraceState; tree: TraceTree; missing: string }) {
  return (
    <>
      {!trace.loading && trace.loaded_s === null && trace.error && (
        <p className="notice notice-warn">Only a part arrived: {trace.error.message}</p>
      )}
      {!trace.loading && !trace.complete && trace.loaded_s !== null && (
        <p className="notice notice-warn">This trace is not complete. {trace.warnings.join(' ')}</p>
      )}
      {trace.unreadable > 0 && <p className="notice notice-warn">{formatCount(trace.unreadable)} spans could not be read.</p>}
      {!trace.loading && tree.orphans > 0 && (
        <p className="muted note">
          {tree.orphans === 1
            ? '1 span has a parent that never arrived: it stands as a root.'
            : `${formatCount(tree.orphans)} spans have parents that never arrived: they stand as roots.`}
        </p>
      )}
      {missing !== '' && <p className="notice notice-warn">Span {labelText(missing, 40)} is not in this trace.</p>}
    </>
  );
}

function Summary({ summary, tree, onShow }: { summary: TraceSummary; tree: TraceTree; onShow: (span_id: string) => void }) {
  const now_s = Date.now() / 1000;
  const injection = summary.injection === null ? null : scoreOf('injection', summary.injection.score);
  return (
    <dl className="strip trace-strip" data-testid="trace-summary">
      <div>
        <dt>Started</dt>
        <dd title={formatUtc(tree.start_ns / 1e9)}>{formatClock(tree.start_ns / 1e9, now_s)}</dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{formatNs(tree.end_ns - tree.start_ns)}</dd>
      </div>
      <div>
        <dt>Spans</dt>
        <dd>
          {formatCount(summary.spans)} in {formatCount(summary.services.length)} {summary.services.length === 1 ? 'service' : 'services'}
        </dd>
      </div>
      <div>
        <dt>Errors</dt>
        <dd>
          {summary.error_span === null ? (
            'none'
          ) : (
            <button type="button" className="link tone-bad" onClick={() => onShow(summary.error_span ?? '')}>
              {formatCount(summary.errors)}, show where
            </button>
          )}
        </dd>
      </div>
      {summary.llm_calls > 0 && (
        <div>
          <dt>LLM calls</dt>
          <dd>
            {formatCount(summary.llm_calls)}
            {summary.tokens !== null && `, ${formatValue(summary.tokens)} tokens`}
          </dd>
        </div>
      )}
      {(summary.cost_usd !== null || summary.unpriced > 0) && (
        <div>
          <dt>Cost</dt>
          <dd>
            {summary.cost_usd === null ? 'unknown' : formatMoney(summary.cost_usd)}
            {summary.unpriced > 0 && <span className="tone-warn"> {formatCount(summary.unpriced)} without a price</span>}
          </dd>
        </div>
      )}
      {injection && (
        <div>
          <dt>Prompt injection</dt>
          <dd>
            <button type="button" className={`link tone-${injection.tone}`} onClick={() => onShow(summary.injection?.span_id ?? '')}>
              {injection.text} {injection.verdict}
            </button>
          </dd>
        </div>
      )}
      {summary.session_id !== '' && (
        <div>
          <dt>Session</dt>
          <dd>
            <Link to={sessionPath(summary.session_id)}>
              <Label text={summary.session_id} max={40} />
            </Link>
          </dd>
        </div>
      )}
      {summary.user_id !== '' && (
        <div>
          <dt>User</dt>
          <dd>
            <Link to={userPath(summary.user_id)}>
              <Label text={summary.user_id} max={40} />
            </Link>
          </dd>
        </div>
      )}
    </dl>
  );
}

interface ToolsProps {
  filter: RowFilter;
  onFilter: (filter: RowFilter) => void;
  matches: number;
  total: number;
  loading: boolean;
  zoomed: boolean;
  onUnzoom: () => void;
  onFold: (fold: boolean) => void;
}

function Tools({ filter, onFilter, matches, total, loading, zoomed, onUnzoom, onFold }: ToolsProps) {
  const [folded, setFolded] = useState(false);
  return (
    <div className="trace-tools">
      <input
        type="search"
        className="filter"
        placeholder="Find in this trace"
        aria-label="Find in this trace"
        value={filter.text}
        onChange={(event) => onFilter({ ...filter, text: event.target.value })}
      />
      <div className="segments" role="group" aria-label="Which spans">
        <button type="button" aria-pressed={!filter.errors && !filter.llm} onClick={() => onFilter({ ...filter, errors: false, llm: false })}>
          All
        </button>
        <button type="button" aria-pressed={filter.errors} onClick={() => onFilter({ ...filter, errors: !filter.errors })}>
          Errors
        </button>
        <button type="button" aria-pressed={filter.llm} onClick={() => onFilter({ ...filter, llm: !filter.llm })}>
          LLM
        </button>
      </div>
      <button
        type="button"
        onClick={() => {
          onFold(!folded);
          setFolded(!folded);
        }}
      >
        {folded ? 'Unfold all' : 'Fold all'}
      </button>
      {zoomed && (
        <button type="button" onClick={onUnzoom}>
          Whole trace
        </button>
      )}
      <span className="muted" role="status" data-testid="trace-count">
        {loading ? `Loading… ${formatCount(total)} spans so far` : isFiltering(filter) ? `${formatCount(matches)} of ${formatCount(total)} match` : ''}
      </span>
      <span className="muted wide-only trace-keys">
        <kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>←</kbd> <kbd>→</kbd> fold, <kbd>e</kbd> next error, <kbd>z</kbd> zoom
      </span>
    </div>
  );
}
