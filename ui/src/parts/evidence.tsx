// The chart of a monitor's query with its thresholds, for a monitor or (narrowed to whom it names) an incident. The
// query drawn is built by model/monitor_query; when the server refuses it, the expression as written is tried.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import type { Monitor, QueryAnswer } from '../api/types';
import { formatSpan, formatValue } from '../model/format';
import { chartQuery, narrowScope, splitMonitorQuery, windowText, type MonitorQuery } from '../model/monitor_query';
import { writeQueryState } from '../model/query_state';
import { resolveRange, type TimeRange } from '../model/time_range';
import { Link } from '../router';
import type { ChartLine, ChartMarker } from './chart';
import { SeriesView } from './series_view';
import { EmptyState, ErrorState, Loading } from './states';

interface EvidenceProps {
  monitor: Monitor;
  range: TimeRange;
  tags?: readonly string[]; // only these groups
  markers?: readonly ChartMarker[];
}

const kNoTags: readonly string[] = [];

export function Evidence({ monitor, range, tags = kNoTags, markers }: EvidenceProps) {
  const parts = useMemo(() => splitMonitorQuery(monitor.query ?? ''), [monitor.query]);
  const critical = monitor.options?.thresholds?.critical;
  const warning = monitor.options?.thresholds?.warning;
  const lines = useMemo(() => thresholdLines(parts, critical, warning), [parts, critical, warning]);
  if (!parts) {
    return (
      <EmptyState title="This query cannot be drawn">Its text is above; the monitor is evaluated all the same.</EmptyState>
    );
  }
  return <Drawn parts={parts} range={range} tags={tags} lines={lines} markers={markers} />;
}

interface DrawnProps {
  parts: MonitorQuery;
  range: TimeRange;
  tags: readonly string[];
  lines: readonly ChartLine[];
  markers?: readonly ChartMarker[];
}

function Drawn({ parts, range, tags, lines, markers }: DrawnProps) {
  const tagText = tags.join(',');
  const { expression, narrowed } = useMemo(() => {
    const narrow = tags.length > 0 ? narrowScope(parts.expression, tags) : null;
    return { expression: narrow ?? parts.expression, narrowed: narrow !== null };
  }, [parts, tagText]);
  const best = useMemo(() => chartQuery({ ...parts, expression }), [parts, expression]);
  const [plain, setPlain] = useState(false);
  const query = plain ? expression : best.query;
  const rangeText = JSON.stringify(range);
  const path = useCallback(() => {
    const { from_s, to_s } = resolveRange(JSON.parse(rangeText) as TimeRange, Math.floor(Date.now() / 1000));
    return `/api/v1/query?from=${Math.floor(from_s)}&to=${Math.floor(to_s)}&query=${encodeURIComponent(query)}`;
  }, [query, rangeText]);
  const answer = useResource<QueryAnswer>(path, {
    topics: range.kind === 'last' ? ['metrics'] : [],
    paused: range.kind === 'fixed',
  });
  const refused = answer.error?.kind === 'invalid' || answer.error?.status === 501 || answer.data?.status === 'error';
  useEffect(() => {
    if (refused && !plain && best.query !== expression) setPlain(true);
  }, [refused, plain, best.query, expression]);

  const { from_s, to_s } = resolveRange(range, answer.loaded_s ?? Date.now() / 1000);
  if (!answer.data) {
    if (answer.error) return <ErrorState error={answer.error} what="drawing the query" retry={answer.reload} />;
    return <Loading what="the chart" rows={6} />;
  }
  const trailing = !plain && best.trailing;
  return (
    <>
      {(answer.data.series ?? []).length === 0 ? (
        <EmptyState title="No data in this time range">
          {tags.length > 0 ? 'Its points may be older than the retention.' : 'Nothing that the query asks for has arrived.'}
        </EmptyState>
      ) : (
        <SeriesView answer={answer.data} from_s={from_s} to_s={to_s} height={240} lines={lines} markers={markers} rows={10} />
      )}
      <p className="muted note">
        {trailing
          ? `Each point is the ${parts.aggregator} over ${windowText(parts.window)} up to it: what the monitor compares. `
          : `The monitor compares the ${parts.aggregator.replace('_', ' ')} over ${windowText(parts.window)}${parts.window_s ? '' : ' window'} of this. `}
        {!plain && best.drawnMax !== null && !narrowed && `At most ${best.drawnMax} groups, those closest to the threshold. `}
        <Link to={`/explorer${writeQueryState({ query, range })}`}>Open in the explorer</Link>
      </p>
    </>
  );
}

function thresholdLines(
  parts: MonitorQuery | null,
  critical: number | null | undefined,
  warning: number | null | undefined,
): ChartLine[] {
  if (!parts || parts.isChange) return []; // a difference is not on the scale of what is drawn
  const lines: ChartLine[] = [];
  const alert = critical ?? parts.threshold;
  lines.push({ value: alert, tone: 'bad', label: `alert ${parts.comparator} ${formatValue(alert)}` });
  if (typeof warning === 'number') {
    lines.push({ value: warning, tone: 'warn', label: `warn ${parts.comparator} ${formatValue(warning)}` });
  }
  return lines;
}

// What a monitor's query says, in a sentence.
export function MonitorSentence({ monitor }: { monitor: Monitor }) {
  const parts = splitMonitorQuery(monitor.query ?? '');
  if (!parts) return null;
  const thresholds = monitor.options?.thresholds ?? {};
  const by = [...(monitor.query ?? '').matchAll(/by\s*\{([^}]*)\}/g)].at(-1)?.[1]?.replace(/\s*,\s*/g, ', ');
  const what = parts.aggregator.replace('pct_change', 'change in percent').replace('_', ' ');
  const notes: string[] = [];
  if (typeof thresholds.warning === 'number') notes.push(`warns at ${formatValue(thresholds.warning)}`);
  if (typeof thresholds.critical_recovery === 'number') notes.push(`recovers at ${formatValue(thresholds.critical_recovery)}`);
  if (monitor.options?.on_missing_data === 'resolve') notes.push('resolves when a group falls silent');
  if (/show_and_notify/.test(monitor.options?.on_missing_data ?? '')) notes.push('tells when a group falls silent');
  const delay = monitor.options?.new_group_delay;
  if (typeof delay === 'number' && delay > 0) notes.push(`leaves new groups alone for ${formatSpan(delay)}`);
  return (
    <p className="sentence">
      Alerts when the <strong>{what}</strong> over {windowText(parts.window)} is{' '}
      <strong>
        {parts.comparator} {formatValue(thresholds.critical ?? parts.threshold)}
      </strong>
      {by !== undefined && (
        <>
          {' '}
          for any <strong>{by}</strong>
        </>
      )}
      {notes.length > 0 && `; ${notes.join('; ')}`}.
    </p>
  );
}
