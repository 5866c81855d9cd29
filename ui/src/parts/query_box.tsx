// The query box: a plain text field with metric-name completion.
import { useEffect, useState } from 'react';
import { getJson } from '../api/client';
import { applyCompletion, completionSpot, type CompletionSpot } from '../model/completion';
import { kQueryCharsMax } from '../model/query_state';
import { useComboBox } from './combo_box';

interface QueryBoxProps {
  value: string;
  onChange: (query: string) => void;
  onRun: (query: string) => void;
  invalid: boolean;
  describedBy?: string;
  cursorAt?: number | null; // put the text cursor here when it changes: the place of an error
}

const kSuggestionsMax = 12;
const kTypingPauseMs = 120;

export function QueryBox({ value, onChange, onRun, invalid, describedBy, cursorAt }: QueryBoxProps) {
  const [spot, setSpot] = useState<CompletionSpot | null>(null);
  const [found, setFound] = useState<string[]>([]);

  const look = (text: string, cursor: number): void => {
    const here = completionSpot(text, cursor);
    setSpot(here && (here.prefix.length > 0 || text.trim() === '') ? here : null);
    if (!here) setFound([]);
  };
  const close = (): void => {
    setSpot(null);
    setFound([]);
  };
  const take = (metric: string): void => {
    if (!spot) return;
    const result = applyCompletion(value, spot, metric);
    onChange(result.query);
    close();
    box.chooseNone();
    box.focusAt(result.cursor);
  };
  const box = useComboBox({
    options: found,
    open: spot !== null && found.length > 0,
    invalid,
    describedBy,
    cursorAt,
    tabTakes: true,
    onTake: take,
    onRun,
    onClose: close,
  });

  useEffect(() => {
    if (!spot) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      findMetrics(spot.prefix, controller.signal).then(
        (names) => {
          setFound(names.slice(0, kSuggestionsMax));
          box.chooseNone();
        },
        () => setFound([]), // completion is a convenience: a failure shows when the query runs
      );
    }, kTypingPauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [spot?.prefix, spot?.start]);

  return (
    <div className="query-box">
      <input
        {...box.field}
        aria-label="Metric query"
        maxLength={kQueryCharsMax}
        placeholder="avg:llm.request.duration{*} by {service}"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
          look(event.target.value, event.target.selectionStart ?? event.target.value.length);
        }}
        onFocus={(event) => {
          if (event.target.value === '') look('', 0);
        }}
      />
      <ul {...box.list} aria-label="Metrics">
        {found.map((metric, i) => (
          <li key={metric} {...box.option(i)}>
            {metric}
          </li>
        ))}
      </ul>
    </div>
  );
}

async function findMetrics(prefix: string, signal: AbortSignal): Promise<string[]> {
  if (prefix === '') {
    const from = Math.floor(Date.now() / 1000) - 3600;
    const answer = await getJson<{ metrics?: string[] }>(`/api/v1/metrics?from=${from}`, signal);
    return answer.metrics ?? [];
  }
  const q = encodeURIComponent(`metrics:${prefix}`);
  const answer = await getJson<{ results?: { metrics?: string[] } }>(`/api/v1/search?q=${q}`, signal);
  const names = answer.results?.metrics ?? [];
  // Names that begin with what is typed come before those that only contain it.
  return [...names.filter((name) => name.startsWith(prefix)), ...names.filter((name) => !name.startsWith(prefix))];
}
