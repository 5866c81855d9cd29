// Spans over time as bars, failed ones on top; a drag or a click on them narrows the range.
import { useCallback, useMemo, useRef, useState, type PointerEvent } from 'react';
import { useResource } from '../api/resource';
import { formatClock, formatCount } from '../model/format';
import { countsRequest, rangeBetween, readCounts } from '../model/span_counts';
import type { SearchState } from '../model/spans_url';
import { resolveRange } from '../model/time_range';

interface HistogramProps {
  state: SearchState;
  paused: boolean;
  onZoom: (from_s: number, to_s: number) => void;
}

const kPath = '/api/v2/spans/analytics/aggregate';
const kPoll_ms = 20_000;
const kHeight = 64;

export function SpanHistogram({ state, paused, onZoom }: HistogramProps) {
  const body = useCallback(() => {
    const { from_s, to_s } = resolveRange(state.range, Date.now() / 1000);
    return countsRequest(state.query, from_s, to_s);
  }, [state]);
  const answer = useResource<unknown>(kPath, { post: body, topics: ['metrics'], poll_ms: kPoll_ms, paused, bridge: true });
  const now_s = answer.loaded_s ?? Date.now() / 1000;
  const counts = useMemo(() => {
    const { from_s, to_s } = resolveRange(state.range, now_s);
    return readCounts(answer.data, from_s, to_s);
  }, [answer.data, state, now_s]);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const box = useRef<SVGSVGElement>(null);
  const { bars, interval_s } = counts;
  const most = Math.max(1, ...bars.map((bar) => bar.ok + bar.error));
  const at = (event: PointerEvent): number => {
    const edge = box.current?.getBoundingClientRect();
    return edge && edge.width > 0 ? (event.clientX - edge.left) / edge.width : 0;
  };
  if (answer.data === null) return <div className="span-histogram" aria-hidden="true" />;
  const first = bars[0];
  const last = bars[bars.length - 1];
  return (
    <div className="span-histogram" data-testid="histogram">
      <svg
        ref={box}
        viewBox={`0 0 ${bars.length} ${kHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Spans over time, at most ${formatCount(most)} in ${interval_s} seconds. Drag to narrow the time range.`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([at(event), at(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], at(event)])}
        onPointerUp={(event) => {
          const range = drag && rangeBetween(drag[0], at(event), bars, interval_s);
          setDrag(null);
          if (range && bars.length > 1) onZoom(range.from_s, range.to_s);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        {bars.map((bar, i) => {
          const all = ((bar.ok + bar.error) / most) * kHeight;
          const failed = (bar.error / most) * kHeight;
          if (all === 0) return null;
          return (
            <g key={bar.time_s}>
              <title>
                {formatClock(bar.time_s, now_s)}: {formatCount(bar.ok + bar.error)} spans, {formatCount(bar.error)} failed
              </title>
              <rect x={i + 0.08} width={0.84} y={kHeight - Math.max(all, 1)} height={Math.max(all, 1)} className="bar-ok" />
              {failed > 0 && <rect x={i + 0.08} width={0.84} y={kHeight - Math.max(all, 1)} height={Math.max(failed, 2)} className="bar-error" />}
            </g>
          );
        })}
        {drag && <rect x={Math.min(...drag) * bars.length} width={Math.abs(drag[1] - drag[0]) * bars.length} y="0" height={kHeight} className="bar-drag" />}
      </svg>
      <p className="muted span-histogram-ends" aria-hidden="true">
        <span>{first && formatClock(first.time_s, now_s)}</span>
        <span>at most {formatCount(most)} in a bar</span>
        <span>{last && formatClock(last.time_s + interval_s, now_s)}</span>
      </p>
    </div>
  );
}
