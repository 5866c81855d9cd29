import { useRef, useState } from 'react';
import { formatClock } from '../model/format';
import { kPresets, localText, rangeOfText, resolveRange, sameRange, type TimeRange } from '../model/time_range';

export function RangePicker({ range, onChange }: { range: TimeRange; onChange: (range: TimeRange) => void }) {
  const now_s = Date.now() / 1000;
  return (
    <div className="segments" role="group" aria-label="Time range">
      {kPresets.map((preset) => {
        const value: TimeRange = { kind: 'last', seconds: preset.seconds };
        return (
          <button
            key={preset.label}
            type="button"
            aria-pressed={sameRange(range, value)}
            aria-label={preset.text}
            onClick={() => onChange(value)}
          >
            {preset.label}
          </button>
        );
      })}
      <CustomRange key={JSON.stringify(range)} range={range} onChange={onChange} now_s={now_s} />
    </div>
  );
}

// Two moments of the person's own clock. Shows the range that is set when it is none of the presets.
function CustomRange({ range, onChange, now_s }: { range: TimeRange; onChange: (range: TimeRange) => void; now_s: number }) {
  const { from_s, to_s } = resolveRange(range, Math.floor(now_s));
  const [from, setFrom] = useState(localText(from_s));
  const [to, setTo] = useState(localText(to_s));
  const details = useRef<HTMLDetailsElement>(null);
  const next = rangeOfText(from, to);
  return (
    <details
      ref={details}
      className="custom-range"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        details.current?.removeAttribute('open');
        details.current?.querySelector('summary')?.focus();
      }}
    >
      <summary className={range.kind === 'fixed' ? 'segments-fixed' : ''} aria-label="Other time range">
        {range.kind === 'fixed' ? `${formatClock(range.from_s, now_s)} – ${formatClock(range.to_s, now_s)}` : 'Other'}
      </summary>
      <form
        className="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (next) onChange(next);
        }}
      >
        <label>
          From
          <input type="datetime-local" step="1" required value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label>
          To
          <input type="datetime-local" step="1" required value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <button type="submit" className="primary" disabled={next === null}>
          Show
        </button>
        {next === null && <p className="muted">The end comes after the beginning, at most 400 days later.</p>}
      </form>
    </details>
  );
}
