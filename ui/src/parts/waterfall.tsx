// The rows of a trace on a time axis. Only rows in sight are in the document, so 33,000 spans scroll like thirty. One tab
// stop: arrows move and fold, as in a tree.
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { formatCount, formatNs } from '../model/format';
import { labelText } from '../model/plain_text';
import { spanTitle, type Span } from '../model/span';
import { rowOfSpan, spanAt, type TraceTree, type VisibleRows } from '../model/trace_tree';
import { axisTicks, barOf, kRowPx, rowsInSight, scrollToRow, type TimeWindow } from '../model/waterfall';
import { Icon } from './icon';

interface WaterfallProps {
  tree: TraceTree;
  visible: VisibleRows;
  window: TimeWindow;
  colours: ReadonlyMap<string, string>;
  selected: string;
  collapsed: ReadonlySet<string>;
  filtering: boolean;
  onSelect: (span_id: string) => void;
  onToggle: (span_id: string) => void;
  onZoom: (span: Span) => void;
}

const kIndentPx = 14;
const kIndentMax = 16; // deeper levels stand below each other; the depth is in the row's label

export function Waterfall(props: WaterfallProps) {
  const { tree, visible, window, selected, collapsed, filtering, onSelect, onToggle, onZoom } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: 600 });
  const count = visible.rows.length;
  const { first, last } = rowsInSight(count, place.top, place.height);
  const at = indexOfSpan(tree, visible, selected);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setPlace({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // The chosen row comes into sight when it changes and when the rows above it do, not while a person scrolls.
  const shownFor = useRef('');
  useEffect(() => {
    const element = box.current;
    const key = `${selected} ${at}`;
    if (!element || at < 0 || shownFor.current === key) return;
    shownFor.current = key;
    element.scrollTop = scrollToRow(at, element.scrollTop, element.clientHeight);
  }, [selected, at]);

  const moveTo = (index: number): void => {
    const span = spanAt(tree, visible.rows[Math.max(0, Math.min(count - 1, index))] ?? -1);
    if (span) onSelect(span.span_id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return;
    const row = visible.rows[at] ?? -1;
    const span = spanAt(tree, row);
    const page = Math.max(1, Math.floor(place.height / kRowPx) - 1);
    const folded = span !== undefined && collapsed.has(span.span_id);
    const hasChildren = (tree.size[row] ?? 1) > 1;
    const steps: Record<string, () => void> = {
      ArrowDown: () => moveTo(at + 1),
      ArrowUp: () => moveTo(at < 0 ? 0 : at - 1),
      PageDown: () => moveTo(at + page),
      PageUp: () => moveTo(at - page),
      Home: () => moveTo(0),
      End: () => moveTo(count - 1),
      ArrowLeft: () => {
        const parent = spanAt(tree, tree.parentRow[row] ?? -1);
        if (span && hasChildren && !folded && !filtering) onToggle(span.span_id);
        else if (parent) onSelect(parent.span_id);
      },
      ArrowRight: () => {
        if (span && folded && !filtering) onToggle(span.span_id);
        else if (hasChildren) moveTo(at + 1);
      },
      Enter: () => document.getElementById('span-title')?.focus(),
      e: () => moveTo(nextError(tree, visible, at)),
      z: () => span && onZoom(span),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };

  const rows = [];
  for (let i = first; i < last; i++) rows.push(<Row key={visible.rows[i]} {...props} index={i} rowId={`${id}-${i}`} />);
  return (
    <div className="waterfall">
      <Axis window={window} origin_ns={tree.start_ns} />
      <div
        ref={box}
        className="waterfall-rows"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={count}
        aria-activedescendant={at >= first && at < last ? `${id}-${at}` : undefined}
        tabIndex={0}
        data-testid="waterfall"
        onScroll={(event) => setPlace({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ height: count * kRowPx, position: 'relative' }}>
          <div role="rowgroup" style={{ transform: `translateY(${first * kRowPx}px)` }}>
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}

function indexOfSpan(tree: TraceTree, visible: VisibleRows, span_id: string): number {
  if (span_id === '') return -1;
  const row = rowOfSpan(tree, span_id);
  if (row < 0) return -1;
  let low = 0; // rows ascend
  let high = visible.rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = visible.rows[middle] ?? 0;
    if (value === row) return middle;
    if (value < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function nextError(tree: TraceTree, visible: VisibleRows, at: number): number {
  const count = visible.rows.length;
  for (let step = 1; step <= count; step++) {
    const index = (at + step + count) % count;
    if (spanAt(tree, visible.rows[index] ?? -1)?.error) return index;
  }
  return Math.max(0, at);
}

function Axis({ window, origin_ns }: { window: TimeWindow; origin_ns: number }) {
  return (
    <div className="waterfall-axis" aria-hidden="true">
      <div className="waterfall-name">Service and operation</div>
      <div className="waterfall-time">
        {axisTicks(window, origin_ns).map(({ at, offset_ns }) => (
          <span key={offset_ns} style={{ left: `${at * 100}%` }}>
            {offset_ns === 0 ? '0' : formatNs(offset_ns)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Row(props: WaterfallProps & { index: number; rowId: string }) {
  const { tree, visible, window, colours, selected, collapsed, filtering, index, rowId, onSelect, onToggle, onZoom } = props;
  const row = visible.rows[index] ?? -1;
  const span = spanAt(tree, row);
  if (!span) return null;
  const depth = tree.depth[row] ?? 0;
  const below = (tree.size[row] ?? 1) - 1;
  const folded = !filtering && collapsed.has(span.span_id);
  const bar = barOf(span.start_ns, span.duration_ns, window);
  const colour = colours.get(span.service) ?? 'var(--none)';
  const duration = formatNs(span.duration_ns);
  // The duration stands behind the bar where there is room, else before it, else in it.
  const side = bar.left + bar.width < 0.82 ? 'after' : bar.left > 0.18 ? 'before' : 'inside';
  return (
    <div
      id={rowId}
      role="row"
      aria-level={depth + 1}
      aria-rowindex={index + 1}
      aria-expanded={below > 0 ? !folded : undefined}
      aria-selected={span.span_id === selected}
      className={`waterfall-row ${span.span_id === selected ? 'selected' : ''} ${span.error ? 'failed' : ''}`}
      onClick={() => onSelect(span.span_id)}
      onDoubleClick={() => onZoom(span)}
    >
      <div role="gridcell" className="waterfall-name" style={{ paddingLeft: 6 + Math.min(depth, kIndentMax) * kIndentPx }}>
        {below > 0 && !filtering ? (
          <button
            type="button"
            className="fold"
            tabIndex={-1}
            aria-label={folded ? `Unfold ${below} spans` : 'Fold'}
            onClick={(event) => {
              event.stopPropagation();
              onToggle(span.span_id);
            }}
          >
            {folded ? '▸' : '▾'}
          </button>
        ) : (
          <span className="fold" />
        )}
        <span className="swatch" style={{ background: colour }} aria-hidden="true" />
        {span.error && <Icon name="alert" className="tone-bad" />}
        <span className="waterfall-text">
          <bdi className="waterfall-service">{labelText(span.service, 40)}</bdi>
          {span.llm && <span className="tag">{labelText(span.llm.kind || 'llm', 20)}</span>}
          <bdi>{labelText(spanTitle(span) || 'unnamed', 120)}</bdi>
          {span.error && <span className="visually-hidden">, failed</span>}
        </span>
        {folded && <span className="fold-count">+{formatCount(below)}</span>}
      </div>
      <div role="gridcell" className="waterfall-time">
        {bar.outside === null && (
          <span
            className={`waterfall-bar ${span.error ? 'failed' : ''}`}
            style={{ left: `${bar.left * 100}%`, width: `max(2px, ${bar.width * 100}%)`, background: colour }}
          />
        )}
        <span
          className={`waterfall-duration ${side}`}
          style={side === 'after' ? { left: `${(bar.left + bar.width) * 100}%` } : { right: `${(1 - (side === 'before' ? bar.left : bar.left + bar.width)) * 100}%` }}
        >
          {bar.outside === null ? duration : bar.outside === 'before' ? `‹ ${duration}` : `${duration} ›`}
        </span>
      </div>
    </div>
  );
}
